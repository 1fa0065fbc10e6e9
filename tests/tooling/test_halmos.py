"""A claim about a contract that is false, or was not tried in full, must fail the command that checks it."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SOURCE = """// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

contract LedgerSymbolicTest {{
    function check_thePriceStandsAboveTheSize(uint32 price, uint{bits} size) external pure {{
        {body}
        assert((uint256(price) << 48 | size) >> 48 == price);
    }}
}}
"""

LOOP = "for (uint256 i = 0; i < size; ++i) assert(i < size);"


def halmos(project: Path, bits: int, body: str = "") -> subprocess.CompletedProcess[str]:
    (project / "contracts/test/symbolic/Ledger.t.sol").write_text(SOURCE.format(bits=bits, body=body))
    return subprocess.run(
        [str(ROOT / "tools/halmos")], cwd=project, capture_output=True, text=True, check=False
    )


def test_halmos_succeeds_when_a_claim_holds_for_all_inputs(foundry_project: Path) -> None:
    result = halmos(foundry_project, bits=48)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stderr


def test_halmos_fails_on_an_input_that_breaks_a_claim(foundry_project: Path) -> None:
    result = halmos(foundry_project, bits=56)
    assert result.returncode != 0
    assert "Counterexample" in result.stderr


def test_halmos_fails_when_a_claim_was_not_tried_in_full(foundry_project: Path) -> None:
    result = halmos(foundry_project, bits=48, body=LOOP)
    assert result.returncode != 0
    assert "a check was not made in full" in result.stderr
