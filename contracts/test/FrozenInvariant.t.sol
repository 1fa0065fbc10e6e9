// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {RollupInvariantTest} from "./RollupInvariant.t.sol";

/// @notice The same invariants from a freeze on, with money, claims and requests in every state: random calls alone freeze
/// late in their run, and leave little of it to the exits
contract FrozenInvariantTest is RollupInvariantTest {
    function setUp() public override {
        super.setUp();
        for (uint256 who = 0; who < 4; ++who) {
            handler.deposit(who, 500e6 + who);
        }
        handler.submitBatch(4, 1);
        handler.withdraw(0, 100e6);
        handler.submitBatch(1, 0);
        handler.deposit(1, 7e6);
        handler.insure(2, 30e6);
        handler.registerKey(2);
        handler.withdraw(3, 5e6);
        skip(4 days);
        handler.freeze();
        assertNotEq(rollup.frozenAt(), 0);
    }
}
