// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IRequestInbox} from "../src/interfaces/IRequestInbox.sol";
import {RollupFixture} from "./utils/RollupFixture.sol";

/// @notice Anyone may force the liquidation of anyone, and no other message; what comes of it is proven
contract RollupLiquidateTest is RollupFixture {
    function test_queuesTheMessageOfTheAccountWhoeverAsks() external {
        depositAs(alice, 100e6);
        uint256 head = headWord(4, 1, 0, alice);
        (uint256 w0, uint256 w1) = liquidationWords(1, 2, true, 7);
        uint176 queueHash = chain(rollup.queueHashAt(1), head, w0, w1);
        vm.expectEmit(address(rollup));
        emit IRequestInbox.RequestQueued(1, 4, 1, alice, 0, w0, w1, START + 3 days + 1 minutes, queueHash);
        liquidateAs(bob, alice, 2, true, 7);
        assertRequest(1, head, w0, w1);
        assertEq(rollup.accountOf(bob), 0);
        (w0, w1) = liquidationWords(1, 3, false, 8);
        liquidateAs(alice, alice, 3, false, 8);
        assertRequest(2, head, w0, w1);
        assertEq(rollup.vaultBalance(), 100e6);
    }

    /// @dev `Message.liquidation(1, 2, Side.SELL, 7).words()` and `Message.liquidation(1, 3, Side.BUY, 8).words()` of
    /// sequencer/model/message.py.
    function test_theWordsAreThoseOfTheSequencer() external {
        depositAs(alice, 1);
        liquidateAs(bob, alice, 2, true, 7);
        assertRequest(1, headWord(4, 1, 0, alice), 0x40b000000000000000000001, 0x700000000);
        liquidateAs(bob, alice, 3, false, 8);
        assertRequest(2, headWord(4, 1, 0, alice), 0xf000000000000000000001, 0x8ffffffff);
    }

    function test_theAskerPaysTheFee() external {
        depositAs(alice, 100e6);
        uint256 balance = bob.balance;
        liquidateAs(bob, alice);
        assertEq(bob.balance, balance - FEE);
        submit(nextBatch(2));
        assertRequest(1, 0, 0, 0);
        assertEq(rollup.earnedFees(), 2 * FEE);
        assertEq(rollup.totalClaimable(), 0);
    }

    function test_revertsWithoutAnAccountToLiquidate() external {
        depositAs(bob, 1);
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.NoAccount.selector, alice));
        liquidateAs(bob, alice);
    }

    /// @dev Whatever fits the fields is queued: no such market, no lots and too many are verdicts of the exchange.
    function testFuzz_nobodyChoosesMoreThanMarketSideAndSize(
        bool ofBob,
        uint8 market,
        bool sells,
        uint48 size
    ) external {
        depositAs(alice, 1);
        depositAs(bob, 1);
        address owner = ofBob ? bob : alice;
        liquidateAs(bob, owner, market, sells, size);
        (uint256 head, uint256 w0, uint256 w1) = rollup.requestWords(2);
        assertEq(head, headWord(4, ofBob ? 2 : 1, 0, owner));
        assertEq(w0 % 2 ** 20, ofBob ? 2 : 1, "account");
        assertEq(w0 >> 20 & 2 ** 64 - 1, 0, "key epoch and nonce");
        assertEq(w0 >> 84 & 3, 3, "kind");
        assertEq(w0 >> 86 & 255, market, "market");
        assertEq(w0 >> 94, sells ? 1 : 0, "side; flags, expiry and fee");
        assertEq(w1 % 2 ** 32, sells ? 0 : 2 ** 32 - 1, "price");
        assertEq(w1 >> 32, size, "size and target");
    }

    /// @dev No bit of a market or a size reaches the field beside it.
    function test_revertsOnArgumentsBeyondTheirFields() external {
        depositAs(alice, 1);
        assertFalse(isTaken(2 ** 8, 1, 7));
        assertFalse(isTaken(0, 2, 7));
        assertFalse(isTaken(0, 1, 2 ** 48));
        assertTrue(isTaken(2 ** 8 - 1, 1, 2 ** 48 - 1));
    }

    function isTaken(uint256 market, uint256 sells, uint256 size) private returns (bool taken) {
        bytes memory arguments = abi.encode(alice, market, sells, size);
        vm.prank(bob);
        (taken,) = address(rollup).call{value: FEE}(abi.encodePacked(rollup.liquidate.selector, arguments));
    }
}
