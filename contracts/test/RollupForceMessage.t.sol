// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IRequestInbox} from "../src/interfaces/IRequestInbox.sol";
import {RollupFixture} from "./utils/RollupFixture.sol";

/// @notice An owner's transaction stands in place of a message's signature
contract RollupForceMessageTest is RollupFixture {
    uint256 private constant W0_MAX = 2 ** 158 - 1;
    uint256 private constant W1_MAX = 2 ** 120 - 1;

    function test_queuesTheWordsOfTheMessageAndMovesNothing() external {
        depositAs(alice, 100e6);
        (uint256 w0, uint256 w1) = orderWords(1);
        uint176 queueHash = chain(rollup.queueHashAt(1), headWord(4, 1, 0, alice), w0, w1);
        vm.expectEmit(address(rollup));
        emit IRequestInbox.RequestQueued(1, 4, 1, alice, 0, w0, w1, START + 3 days + 1 minutes, queueHash);
        forceAs(alice, w0, w1);
        assertRequest(1, headWord(4, 1, 0, alice), w0, w1);
        assertEq(rollup.queueHashAt(2), queueHash);
        assertEq(rollup.vaultBalance(), 100e6);
        assertEq(address(rollup).balance, 2 * FEE);
    }

    function test_aConsumedMessageLeavesNothingAndEarnsItsFee() external {
        depositAs(alice, 1);
        forceOrderAs(alice);
        submit(nextBatch(2));
        assertRequest(1, 0, 0, 0);
        assertEq(rollup.earnedFees(), 2 * FEE);
        assertEq(rollup.totalClaimable(), 0);
    }

    /// @dev Of kind 3, and neither a liquidation nor signed. The exchange drops it with a verdict; the contract does not judge.
    function test_whatAMessageSaysIsNotTheContractsBusiness() external {
        depositAs(alice, 1);
        forceAs(alice, W0_MAX - 2 ** 20 + 2, W1_MAX);
        assertRequest(1, headWord(4, 1, 0, alice), W0_MAX - 2 ** 20 + 2, W1_MAX);
        forceAs(alice, 1, 0);
        assertRequest(2, headWord(4, 1, 0, alice), 1, 0);
    }

    function test_revertsOnBitsBeyondTheFields() external {
        depositAs(alice, 1);
        refuseRange(2 ** 158 + 1, 0);
        refuseRange(2 ** 255 + 1, 0);
        refuseRange(P + 1, 0);
        refuseRange(1, 2 ** 120);
        refuseRange(1, P);
        refuseRange(1, type(uint256).max);
    }

    function test_revertsOnAMessageOfAnotherAccount() external {
        depositAs(alice, 1);
        depositAs(bob, 1);
        refuseAccount(alice, 2, 1);
        refuseAccount(bob, 1, 2);
        refuseAccount(alice, 0, 1);
        refuseAccount(alice, 2 ** 20 - 1, 1);
    }

    function test_revertsWithoutAnAccount() external {
        depositAs(alice, 1);
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.NoAccount.selector, bob));
        forceAs(bob, 0, 0);
    }

    /// @dev The account's field ends where the key epoch begins: no other bit has a say in whose message it is.
    function testFuzz_aMessageIsOfTheAccountInItsLowestTwentyBits(uint256 fields, uint256 w1) external {
        depositAs(alice, 1);
        uint256 w0 = 1 | (fields % 2 ** 138) << 20;
        forceAs(alice, w0, w1 % 2 ** 120);
        assertRequest(1, headWord(4, 1, 0, alice), w0, w1 % 2 ** 120);
    }

    function refuseRange(uint256 w0, uint256 w1) private {
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.MessageOutOfRange.selector, w0, w1));
        forceAs(alice, w0, w1);
    }

    function refuseAccount(address owner, uint256 named, uint256 account) private {
        vm.expectRevert(
            abi.encodeWithSelector(IRequestInbox.MessageOfAnotherAccount.selector, named, account)
        );
        forceAs(owner, named + 2 ** 20, 0);
    }
}
