// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {IBatchSettlement} from "../../src/interfaces/IBatchSettlement.sol";
import {Outcome} from "../../src/libraries/Outcome.sol";

contract OutcomeTest is Test {
    function test_splitsStatusAndPayment() external pure {
        (uint256 status, uint256 paid) = Outcome.decode(0x0123456789abcdef_1, 0, type(uint64).max);
        assertEq(status, 1);
        assertEq(paid, 0x0123456789abcdef);
    }

    function test_paysUpToTheAmountOfTheRequestAndNoMore() external {
        (, uint256 paid) = Outcome.decode(50 << 4, 9, 50);
        assertEq(paid, 50);
        vm.expectRevert(abi.encodeWithSelector(IBatchSettlement.OutcomeOutOfRange.selector, 9, 51 << 4));
        this.decode(51 << 4, 9, 50);
    }

    function testFuzz_revertsOnExcessBits(uint256 word) external {
        word = bound(word, 2 ** 68, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(IBatchSettlement.OutcomeOutOfRange.selector, 0, word));
        this.decode(word, 0, type(uint64).max);
    }

    function decode(uint256 word, uint256 index, uint256 amount) external pure returns (uint256, uint256) {
        return Outcome.decode(word, index, amount);
    }
}
