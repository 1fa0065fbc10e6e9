// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Rollup} from "../src/Rollup.sol";
import {IExitHatch} from "../src/interfaces/IExitHatch.sol";
import {IRollupState} from "../src/interfaces/IRollupState.sol";
import {Constants} from "../src/libraries/Constants.sol";
import {ExitFixture} from "./utils/ExitFixture.sol";

/// @notice When anyone may freeze, and what is over then
contract RollupFreezeTest is ExitFixture {
    function test_aPunctualOperatorIsNotFrozen() external {
        refuseFreeze();
        depositAs(alice, 1);
        refuseFreeze();
    }

    function test_theHeadOfTheQueueFreezesAfterItsDeadlineAndNotWithinIt() external {
        depositAs(alice, 1);
        vm.warp(START + 3 days + 60);
        submit(nextBatch(1));
        withdrawAs(alice, 1);
        vm.warp(START + 6 days + 60);
        refuseFreeze();
        vm.warp(START + 6 days + 61);
        expectFrozen(IRollupState.FreezeReason.RequestOverdue, 20_002, 2, POT + 1);
        vm.prank(bob);
        rollup.freeze();
        assertEq(rollup.frozenAt(), START + 6 days + 61);
    }

    function test_aRequestBehindTheHeadHasADeadlineOfItsOwn() external {
        depositAs(alice, 1);
        skip(3 days - 30 minutes);
        depositAs(bob, 1);
        skip(30 minutes);
        submit(nextBatch(1));
        vm.warp(START + 6 days - 30 minutes);
        refuseFreeze();
        skip(1);
        expectFrozen(IRollupState.FreezeReason.RequestOverdue, 20_002, 2, POT + 1);
        rollup.freeze();
    }

    function test_silenceFreezesAfterItsEndAndNotWithinIt() external {
        vm.warp(START + 7 days);
        refuseFreeze();
        vm.warp(START + 7 days + 1);
        expectFrozen(IRollupState.FreezeReason.OperatorSilent, 20_001, 1, POT);
        rollup.freeze();
        assertEq(rollup.exitPot(), POT);
    }

    function test_anEmptyBatchIsASignOfLife() external {
        vm.warp(START + 7 days);
        submit(nextBatch(0));
        vm.warp(START + 14 days);
        refuseFreeze();
        skip(1);
        rollup.freeze();
    }

    /// @dev Before the first batch, silence counts from the deployment.
    function test_anOperatorThatNeverStartedIsSilentToo() external {
        vm.warp(START + 30 days);
        rollup = new Rollup(deployment(token));
        vm.warp(START + 37 days);
        refuseFreeze();
        skip(1);
        expectFrozen(IRollupState.FreezeReason.OperatorSilent, EXIT_ROOT, 0, 0);
        rollup.freeze();
    }

    function test_claimsAndPendingDepositsAreNotPartOfThePot() external {
        withdrawAs(alice, 100);
        skip(1);
        Draft memory draft = nextBatch(1);
        draft.outcomes[0] = outcome(0, 100);
        submit(draft);
        depositAs(bob, 30);
        freezeBySilence();
        assertEq(rollup.exitPot(), 900);
        assertEq(rollup.vaultBalance(), 1030);
        assertEq(rollup.totalClaimable(), 100);
        assertEq(rollup.pendingDeposits(), 30);
    }

    function test_aFrozenRollupTakesNoRequestsAndNoBatches() external {
        depositAs(alice, 1);
        Draft memory draft = nextBatch(1);
        freezeBySilence();
        draft.header[Constants.HEADER_TIMESTAMP] = vm.getBlockTimestamp();
        prove(draft);
        vm.expectRevert(IRollupState.IsFrozen.selector);
        send(draft);
        vm.expectRevert(IRollupState.IsFrozen.selector);
        depositAs(alice, 1);
        vm.expectRevert(IRollupState.IsFrozen.selector);
        registerAs(alice, KEY_X, KEY_Y);
        vm.expectRevert(IRollupState.IsFrozen.selector);
        withdrawAs(alice, 1);
        vm.expectRevert(IRollupState.IsFrozen.selector);
        forceAs(alice, 1, 0);
        vm.expectRevert(IRollupState.IsFrozen.selector);
        liquidateAs(bob, alice);
        vm.expectRevert(IRollupState.IsFrozen.selector);
        rollup.freeze();
    }

    function test_aLiveRollupTakesNoExits() external {
        proveExit(ALICE, alice, 600);
        vm.expectRevert(IRollupState.NotFrozen.selector);
        rollup.exit(ALICE, alice, 600, proof());
        vm.expectRevert(IRollupState.NotFrozen.selector);
        rollup.payExit(ALICE);
        vm.expectRevert(IRollupState.NotFrozen.selector);
        rollup.refund(2);
        vm.expectRevert(IRollupState.NotFrozen.selector);
        rollup.payFeePool();
    }

    function test_claimsOfBatchesArePaidAfterTheFreeze() external {
        withdrawAs(alice, 100);
        skip(1);
        Draft memory draft = nextBatch(1);
        draft.outcomes[0] = outcome(0, 100);
        submit(draft);
        freezeBySilence();
        closeLateWindow();
        rollup.claim(alice);
        assertEq(received(alice, 600), 100);
        assertEq(rollup.exitPot(), 900);
    }

    function test_theOperatorCollectsTheFeesOfConsumedRequestsAfterTheFreeze() external {
        depositAs(alice, 1);
        freezeBySilence();
        rollup.collectFees();
        assertEq(operator.balance, 2 * FEE);
        rollup.refund(2);
        assertEq(rollup.earnedFees(), 0);
    }

    /// @dev Both transactions are in one block: whichever comes first decides.
    function test_aBatchBeforeTheFreezeInTheSameBlockPreventsIt() external {
        depositAs(alice, 1);
        vm.warp(START + 3 days + 2 minutes + 1);
        submit(nextBatch(1));
        refuseFreeze();
    }

    function test_aBatchAfterTheFreezeInTheSameBlockIsRefused() external {
        depositAs(alice, 1);
        vm.warp(START + 3 days + 2 minutes + 1);
        Draft memory draft = nextBatch(1);
        prove(draft);
        rollup.freeze();
        vm.expectRevert(IRollupState.IsFrozen.selector);
        send(draft);
        assertEq(rollup.exitRoot(), 20_001);
    }

    function refuseFreeze() private {
        vm.expectRevert(IExitHatch.OperatorOnTime.selector);
        rollup.freeze();
    }

    function expectFrozen(IRollupState.FreezeReason reason, uint256 root, uint256 batches, uint256 pot)
        private
    {
        vm.expectEmit(address(rollup));
        emit IRollupState.Frozen(reason, root, batches, pot);
    }
}
