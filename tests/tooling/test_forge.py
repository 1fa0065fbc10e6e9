"""A contract that is wrong, or not formatted, must fail the command that checks it."""

import subprocess
from pathlib import Path

import pytest

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


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return an empty project under the repository's own Foundry settings."""
    settings = (ROOT / "foundry.toml").read_text()
    assert "./tools/solc" in settings
    (tmp_path / "foundry.toml").write_text(settings.replace("./tools/solc", str(ROOT / "tools/solc")))
    (tmp_path / "contracts/src").mkdir(parents=True)
    (tmp_path / "contracts/test").mkdir()
    return tmp_path


def forge(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "tools/forge"), *arguments, "--root", str(project)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def write_test(project: Path, source: str) -> None:
    (project / "contracts/test/Ledger.t.sol").write_text(source)


def test_forge_succeeds_when_the_contract_keeps_its_promise(project: Path) -> None:
    write_test(project, SOURCE.format(condition="1 + 1 == 2"))
    result = forge(project, "test")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout


def test_forge_fails_when_a_contract_test_fails(project: Path) -> None:
    write_test(project, SOURCE.format(condition="1 + 1 == 3"))
    result = forge(project, "test")
    assert result.returncode != 0
    assert "test_collateralIsConserved" in result.stdout


def test_forge_fails_when_a_contract_does_not_compile(project: Path) -> None:
    write_test(project, SOURCE.format(condition="undeclared"))
    result = forge(project, "test")
    assert result.returncode != 0
    assert "Undeclared identifier" in result.stdout + result.stderr


def test_forge_lint_fails_on_a_finding(project: Path) -> None:
    (project / "contracts/src/Ledger.sol").write_text(TRUNCATING_CAST)
    result = forge(project, "lint")
    assert result.returncode != 0
    assert "unsafe-typecast" in result.stdout + result.stderr


def test_forge_fmt_check_accepts_a_formatted_file(project: Path) -> None:
    write_test(project, SOURCE.format(condition="true"))
    assert forge(project, "fmt", "--check").returncode == 0


def test_forge_fmt_check_fails_on_an_unformatted_file(project: Path) -> None:
    write_test(project, SOURCE.format(condition="true").replace("    ", "  "))
    result = forge(project, "fmt", "--check")
    assert result.returncode != 0
    assert "Ledger.t.sol" in result.stdout
