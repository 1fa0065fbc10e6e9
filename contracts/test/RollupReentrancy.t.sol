// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Rollup} from "../src/Rollup.sol";
import {ReentrantToken} from "./mocks/ReentrantToken.sol";
import {RollupFixture} from "./utils/RollupFixture.sol";

/// @notice A token that calls back in the middle of a transfer must find every door closed
contract RollupReentrancyTest is RollupFixture {
    ReentrantToken private hostile;

    function setUp() public override {
        super.setUp();
        hostile = new ReentrantToken();
        rollup = new Rollup(deployment(hostile));
        hostile.mint(alice, FUNDS);
        vm.prank(alice);
        hostile.approve(address(rollup), FUNDS);
    }

    function test_aDepositIsNotCountedTwice() external {
        attackDeposit(abi.encodeCall(rollup.deposit, (1)));
    }

    function test_noRequestIsQueuedDuringADeposit() external {
        attackDeposit(abi.encodeCall(rollup.registerKey, (KEY_X, KEY_Y)));
        attackDeposit(abi.encodeCall(rollup.withdraw, (1)));
    }

    function test_nothingIsClaimedDuringADeposit() external {
        attackDeposit(abi.encodeCall(rollup.claim, (alice)));
    }

    function test_noBatchIsSubmittedDuringADeposit() external {
        attackDeposit(abi.encodeCall(rollup.submitBatch, (operatorWords(nextBatch(0)), 0, proof())));
    }

    function test_aClaimIsNotPaidTwice() external {
        depositAs(alice, 100);
        withdrawAs(alice, 50);
        Draft memory draft = nextBatch(2);
        draft.outcomes[1] = outcome(0, 50);
        submit(draft);

        hostile.arm(address(rollup), abi.encodeCall(rollup.claim, (alice)));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        rollup.claim(alice);
        assertEq(rollup.claimable(alice), 50);
    }

    function attackDeposit(bytes memory call) private {
        hostile.arm(address(rollup), call);
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        depositAs(alice, 1);
        assertEq(rollup.vaultBalance(), 0);
    }
}
