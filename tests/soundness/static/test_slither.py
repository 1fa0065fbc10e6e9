"""What is wrong in a contract is found; `make check-contracts` asks it of our own."""

from pathlib import Path

import pytest

from soundness.static.errors import AnalyserError
from soundness.static.findings import Finding, Place, complaints
from soundness.static.slither import analyse

DRAINED = """// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

contract Vault {
    mapping(address owner => uint256) public claimable;

    function claim(address payable owner) external {
        (bool paid,) = owner.call{value: claimable[owner]}("");
        require(paid, "refused");
        claimable[owner] = 0;
    }
}
"""

ATTACHED = """// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

library Lots {
    function half(uint256 lots) internal pure returns (uint256) {
        return lots / 2;
    }
}

library Ticks {
    function next(uint256 tick) internal pure returns (uint256) {
        return tick + 1;
    }
}

abstract contract Sizes {
    using Lots for *;

    function smaller(uint256 size) public pure returns (uint256) {
        return size.half();
    }
}

abstract contract Prices {
    using Ticks for *;

    function dearer(uint256 price) public pure returns (uint256) {
        return price.next();
    }
}

contract Market is Sizes, Prices {}
"""


def findings_of(project: Path, text: str) -> list[Finding]:
    (project / "contracts/src/Vault.sol").write_text(text)
    return analyse(project)


def test_a_claim_that_can_be_paid_twice_is_found_in_its_function(foundry_project: Path) -> None:
    found = findings_of(foundry_project, DRAINED)
    line = "function claim(address payable owner) external {"
    assert Place("reentrancy-eth", "contracts/src/Vault.sol", line) in {finding.place for finding in found}
    assert any("contracts/src/Vault.sol:7: reentrancy-eth" in said for said in complaints(found, []))


def test_a_contract_that_does_not_compile_is_an_error(foundry_project: Path) -> None:
    with pytest.raises(AnalyserError, match="forge ended with 1"):
        findings_of(foundry_project, DRAINED.replace("bool paid", "bool"))


def test_a_contract_whose_bases_attach_libraries_to_every_type_is_read(foundry_project: Path) -> None:
    assert [finding.place.rule for finding in findings_of(foundry_project, ATTACHED)] == []
