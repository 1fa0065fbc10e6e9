"""A real batch goes through the farm with the operator's commands, on this machine and on a Ray cluster."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from prover.artifacts import PROJECT_ROOT
from prover.farm.client import FarmClient
from prover.farm.job import JobState
from prover.farm.keys import batch_keys
from prover.verify import verify_independently
from sequencer.chain.child import start, wait_until_said
from tests.batch.venue import Venue, bids
from tests.farm.processes import WAIT_SECONDS, until

TOKEN = "b" * 64
SIZE = "small"
COMMAND = "from sequencer.cli.prove import prove; prove()"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def command(
    stack: ExitStack, log: Path, said: str, *arguments: object
) -> tuple[subprocess.Popen[bytes], str]:
    """A command of `proofbook prove` that runs, and the first group of what it said when it was ready."""
    process = start([sys.executable, "-c", COMMAND, *map(str, arguments)], log, PROJECT_ROOT, os.environ)
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process, wait_until_said(process, log, re.compile(said, re.MULTILINE))


@pytest.mark.parametrize("kind", [("work",), ("pool", "--ray", "local", "--places", 1, "--processors", 1)])
def test_a_batch_is_proven_and_its_proof_is_accepted(
    stack: ExitStack, tmp_path: Path, kind: tuple[object, ...]
) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    serve = ("serve", "--jobs", tmp_path / "jobs", "--token-file", token, "--listen", "127.0.0.1:0")
    queue, address = command(stack, tmp_path / "queue.log", r"^Listening on (\S+)$", *serve)
    url = f"http://{address}"
    work = (*kind, "--queue", url, "--token-file", token, "--size", SIZE, "--name", "rig")
    worker, _ = command(stack, tmp_path / "worker.log", r"^(rig) works", *work)

    venue = Venue(bids([1_000], 2), size=SIZE)
    venue.sell(3, 1, 1_000)
    inputs = venue.seal_inputs()
    client = FarmClient(url, TOKEN)
    job = client.submit(SIZE, inputs, 0)
    broken = client.submit(SIZE, {**inputs, "y": 0}, 0)
    until(lambda: client.view(job).state is JobState.PROVEN)

    points = client.result(job)
    assert points is not None
    public = (inputs["c"], inputs["r"], inputs["y"])
    assert verify_independently(batch_keys()[SIZE], points, public)
    until(lambda: client.view(broken).failures != ())
    assert "witness_rejected" in client.view(broken).failures[0].evidence
    for process in (worker, queue):
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_SECONDS) == 0
