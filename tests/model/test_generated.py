"""Circuits and contracts use the numbers of sequencer/model: the generated files are up to date."""

import re
from pathlib import Path

import pytest

from sequencer.model import constants as c
from sequencer.model import generate
from sequencer.model.codes import Verdict

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("path", generate.generated_files())
def test_the_generated_file_is_up_to_date(path: str) -> None:
    assert (ROOT / path).read_text() == generate.generated_files()[path], f"run python -m {generate.__name__}"


def test_every_constant_and_code_is_generated() -> None:
    named = generate.named_integers()
    assert named["COLLATERAL_BOUND"] == 1 << 62
    assert (named["DEFAULT_KEY_X"], named["DEFAULT_KEY_Y"]) == c.DEFAULT_KEY
    assert named["VERDICT_MAKER_REDUCE_ONLY"] == Verdict.MAKER_REDUCE_ONLY
    assert {"DEFAULT_KEY", "DEFAULT_KEY_SEED"}.isdisjoint(named)


def test_circuits_and_contracts_read_the_same_numbers() -> None:
    in_circuits = dict(re.findall(r"function (\w+)\(\) { return (\d+); }", generate.circuit_constants()))
    in_contracts = dict(re.findall(r"constant (\w+) =\s+(\d+);", generate.contract_constants()))
    assert in_contracts.pop("FIELD_MODULUS") == str(c.FIELD_MODULUS)
    assert in_circuits == in_contracts
    assert {name: int(value) for name, value in in_contracts.items()} == {
        name: value for name, value in generate.named_integers().items() if name != "FIELD_MODULUS"
    }


def test_check_tells_a_file_that_drifted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for path in generate.generated_files():
        Path(path).parent.mkdir(parents=True)
    assert generate.main(["--check"]) == 1
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    Path(generate.CIRCUITS_FILE).write_text("function MARKETS() { return 5; }\n")
    assert generate.main(["--check"]) == 1
