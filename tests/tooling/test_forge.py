"""A contract that is wrong, or not formatted, must fail the command that checks it."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SOURCE = """// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

contract LedgerTest {{
    function test_collateralIsConserved() external pure {{
        assert({condition});
    }}
}}
"""

TRUNCATING_CAST = """// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

contract Ledger {
    function lots(uint256 size) external pure returns (uint8) {
        return uint8(size);
    }
}
"""


def forge(foundry_project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "tools/forge"), *arguments, "--root", str(foundry_project)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def write_test(foundry_project: Path, source: str) -> None:
    (foundry_project / "contracts/test/Ledger.t.sol").write_text(source)


def test_forge_succeeds_when_the_contract_keeps_its_promise(foundry_project: Path) -> None:
    write_test(foundry_project, SOURCE.format(condition="1 + 1 == 2"))
    result = forge(foundry_project, "test")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout


def test_forge_fails_when_a_contract_test_fails(foundry_project: Path) -> None:
    write_test(foundry_project, SOURCE.format(condition="1 + 1 == 3"))
    result = forge(foundry_project, "test")
    assert result.returncode != 0
    assert "test_collateralIsConserved" in result.stdout


def test_forge_fails_when_a_contract_does_not_compile(foundry_project: Path) -> None:
    write_test(foundry_project, SOURCE.format(condition="undeclared"))
    result = forge(foundry_project, "test")
    assert result.returncode != 0
    assert "Undeclared identifier" in result.stdout + result.stderr


def test_forge_lint_fails_on_a_finding(foundry_project: Path) -> None:
    (foundry_project / "contracts/src/Ledger.sol").write_text(TRUNCATING_CAST)
    result = forge(foundry_project, "lint")
    assert result.returncode != 0
    assert "unsafe-typecast" in result.stdout + result.stderr


def test_forge_fmt_check_accepts_a_formatted_file(foundry_project: Path) -> None:
    write_test(foundry_project, SOURCE.format(condition="true"))
    assert forge(foundry_project, "fmt", "--check").returncode == 0


def test_forge_fmt_check_fails_on_an_unformatted_file(foundry_project: Path) -> None:
    write_test(foundry_project, SOURCE.format(condition="true").replace("    ", "  "))
    result = forge(foundry_project, "fmt", "--check")
    assert result.returncode != 0
    assert "Ledger.t.sol" in result.stdout
