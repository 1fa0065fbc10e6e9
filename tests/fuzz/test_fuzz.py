"""Bytes that nobody wrote for us: a short walk through every decoder, the same each time."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
RUNS = 15_000
FORGETFUL = """
from pathlib import Path
from sequencer.store.bytestream import ByteReader
from tests.fuzz.driver import Plan, fuzz

ByteReader.end = lambda self: None
fuzz("entry", Plan(runs=100_000, seconds=0, seed=1, findings=Path({findings!r})))
"""


def run(*arguments: str) -> tuple[int, str]:
    """The status of a run, and all that it said."""
    ended = subprocess.run(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        timeout=900,
    )
    return ended.returncode, ended.stdout


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_what_an_encoder_wrote_is_taken_and_what_is_cut_off_or_doubled_is_no_trouble(target: Target) -> None:
    for seed in target.seeds():
        for data in (seed, seed[:-1], seed[: len(seed) // 2], seed * 2, seed[1:], b""):
            target.check(data)


def test_no_bytes_make_a_decoder_fail_otherwise_than_it_says(tmp_path: Path) -> None:
    plan = ("--runs", str(RUNS), "--seed", "1", "--findings", str(tmp_path))
    status, said = run("-m", "tests.fuzz", "all", *plan)
    assert status == 0, said[-4_000:]
    assert f"stat::number_of_executed_units: {RUNS}" in said
    assert list(tmp_path.iterdir()) == []


def test_a_decoder_that_forgets_to_look_at_the_end_is_found(tmp_path: Path) -> None:
    status, said = run("-c", FORGETFUL.format(findings=str(tmp_path)))
    assert status != 0
    assert "AssertionError" in said
    assert len(list(tmp_path.iterdir())) == 1
