// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IRequestInbox} from "../src/interfaces/IRequestInbox.sol";
import {IRollupState} from "../src/interfaces/IRollupState.sol";
import {RollupFixture} from "./utils/RollupFixture.sol";

/// @notice Anyone may force the insurance fund to trade its position away, and nothing else of it; what comes of it is proven
contract RollupUnwindTest is RollupFixture {
    function test_queuesTheMessageOfTheFundWhoeverAsks() external {
        uint256 head = headWord(4, 0, 0, address(1));
        (uint256 w0, uint256 w1) = ruledWords(0, 2, true, 60_000, 7);
        vm.expectEmit(address(rollup));
        emit IRequestInbox.RequestQueued(
            0, 4, 0, address(1), 0, w0, w1, START + 3 days, chain(0, head, w0, w1)
        );
        unwindAs(bob, 2, true, 60_000, 7);
        assertRequest(0, head, w0, w1);
        (w0, w1) = ruledWords(0, 3, false, 1, 8);
        unwindAs(alice, 3, false, 1, 8);
        assertRequest(1, head, w0, w1);
        assertEq(rollup.accountCount(), 0);
        assertEq(rollup.vaultBalance(), 0);
    }

    /// @dev `Message.unwinding(2, Side.SELL, 7, 60_000).words()` and `Message.unwinding(3, Side.BUY, 8, 1).words()` of
    /// sequencer/model/message.py.
    function test_theWordsAreThoseOfTheSequencer() external {
        unwindAs(bob, 2, true, 60_000, 7);
        assertRequest(0, headWord(4, 0, 0, address(1)), 0x40b000000000000000000000, 0x70000ea60);
        unwindAs(bob, 3, false, 1, 8);
        assertRequest(1, headWord(4, 0, 0, address(1)), 0xf000000000000000000000, 0x800000001);
    }

    function test_theAskerPaysTheFee() external {
        uint256 balance = bob.balance;
        unwindAs(bob, 0, true, 1, 7);
        assertEq(bob.balance, balance - FEE);
        skip(1);
        submit(nextBatch(1));
        assertRequest(0, 0, 0, 0);
        assertEq(rollup.earnedFees(), FEE);
    }

    /// @dev The batch that consumes it consumes no more, as with every forced message.
    function test_isTheLastRequestOfItsBatch() external {
        unwindAs(bob, 0, true, 1, 7);
        depositAs(alice, 1);
        skip(1 hours);
        submit(nextBatch(1));
        assertEq(rollup.requestsConsumed(), 1);
    }

    /// @dev No such market, no lots, any price: verdicts of the exchange, and no bit of one field reaches the next.
    function test_attack_unwindingBeyondTheFields() external {
        unwindAs(bob, type(uint8).max, true, type(uint32).max, type(uint48).max);
        assertRequest(0, headWord(4, 0, 0, address(1)), (2 ** 11 - 1) * 2 ** 84, 2 ** 80 - 1);
        unwindAs(bob, 0, false, 0, 0);
        assertRequest(1, headWord(4, 0, 0, address(1)), 3 * 2 ** 84, 0);
        assertFalse(isTaken(2 ** 8, 1, 1, 7));
        assertFalse(isTaken(0, 2, 1, 7));
        assertFalse(isTaken(0, 1, 2 ** 32, 7));
        assertFalse(isTaken(0, 1, 1, 2 ** 48));
        assertTrue(isTaken(2 ** 8 - 1, 1, 2 ** 32 - 1, 2 ** 48 - 1));
    }

    function testFuzz_nobodyChoosesMoreThanMarketSidePriceAndSize(
        uint8 market,
        bool sells,
        uint32 price,
        uint48 size
    ) external {
        unwindAs(bob, market, sells, price, size);
        (uint256 head, uint256 w0, uint256 w1) = rollup.requestWords(0);
        assertEq(head, headWord(4, 0, 0, address(1)));
        assertEq(w0 % 2 ** 84, 0, "account, key epoch and nonce");
        assertEq(w0 >> 84 & 3, 3, "kind");
        assertEq(w0 >> 86 & 255, market, "market");
        assertEq(w0 >> 94, sells ? 1 : 0, "side; flags, expiry and fee");
        assertEq(w1 % 2 ** 32, price, "price");
        assertEq(w1 >> 32, size, "size and target");
    }

    function test_attack_unwindingOfAFrozenExchange() external {
        vm.warp(START + 7 days + 1);
        rollup.freeze();
        vm.expectRevert(IRollupState.IsFrozen.selector);
        unwindAs(bob, 0, true, 1, 7);
    }

    function isTaken(uint256 market, uint256 sells, uint256 price, uint256 size)
        private
        returns (bool taken)
    {
        bytes memory arguments = abi.encode(market, sells, price, size);
        vm.prank(bob);
        (taken,) = address(rollup).call{value: FEE}(abi.encodePacked(rollup.unwind.selector, arguments));
    }
}
