// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Rollup} from "../src/Rollup.sol";
import {IReceiptCourt} from "../src/interfaces/IReceiptCourt.sol";
import {ReentrantToken} from "./mocks/ReentrantToken.sol";
import {ReentrantWallet} from "./mocks/ReentrantWallet.sol";
import {ExitFixture} from "./utils/ExitFixture.sol";

/// @notice A token that calls back in the middle of a transfer must find every door closed
contract RollupReentrancyTest is ExitFixture {
    ReentrantToken private hostile;

    function setUp() public override {
        super.setUp();
        hostile = new ReentrantToken();
        rollup = new Rollup(deployment(hostile));
        address[2] memory owners = [alice, bob];
        for (uint256 i = 0; i < 2; ++i) {
            hostile.mint(owners[i], FUNDS);
            vm.prank(owners[i]);
            hostile.approve(address(rollup), FUNDS);
        }
        trade();
    }

    function test_aDepositIsNotCountedTwice() external {
        attackDeposit(abi.encodeCall(rollup.deposit, (1)));
    }

    function test_noRequestIsQueuedDuringADeposit() external {
        attackDeposit(abi.encodeCall(rollup.registerKey, (KEY_X, KEY_Y)));
        attackDeposit(abi.encodeCall(rollup.withdraw, (1)));
        attackDeposit(abi.encodeCall(rollup.forceMessage, (1, 0)));
        attackDeposit(abi.encodeCall(rollup.liquidate, (alice, 0, true, 7)));
        attackDeposit(abi.encodeCall(rollup.insure, (1)));
        attackDeposit(abi.encodeCall(rollup.unwind, (0, true, 1, 7)));
    }

    function test_aPaymentIntoTheFundIsNotCountedTwice() external {
        bytes[3] memory calls = [
            abi.encodeCall(rollup.insure, (1)),
            abi.encodeCall(rollup.deposit, (1)),
            abi.encodeCall(rollup.claim, (alice))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            arm(calls[i]);
            insureAs(alice, 1);
            assertEq(rollup.vaultBalance(), POT);
        }
    }

    function test_nothingIsClaimedDuringADeposit() external {
        attackDeposit(abi.encodeCall(rollup.claim, (alice)));
    }

    function test_noBatchIsSubmittedDuringADeposit() external {
        attackDeposit(abi.encodeCall(rollup.submitBatch, (operatorWords(nextBatch(0)), 0, proof())));
    }

    function test_nothingFreezesDuringADeposit() external {
        attackDeposit(abi.encodeCall(rollup.freeze, ()));
    }

    function test_theReceiptCourtIsClosedDuringADeposit() external {
        IReceiptCourt.Receipt memory receipt;
        IReceiptCourt.Answer memory answer;
        attackDeposit(abi.encodeCall(rollup.challengeReceipt, (receipt, "")));
        attackDeposit(abi.encodeCall(rollup.answerReceipt, (receipt, answer)));
        attackDeposit(abi.encodeCall(rollup.freezeUnanswered, (0)));
        attackDeposit(abi.encodeCall(rollup.freezeEquivocation, (receipt, "", receipt, "")));
        attackDeposit(abi.encodeCall(rollup.reclaimBond, (0)));
    }

    function test_aClaimIsNotPaidTwice() external {
        withdrawAs(alice, 50);
        skip(1);
        Draft memory draft = nextBatch(1);
        draft.outcomes[0] = outcome(0, 50);
        submit(draft);

        arm(abi.encodeCall(rollup.claim, (alice)));
        rollup.claim(alice);
        assertEq(rollup.claimable(alice), 50);
    }

    function test_anExitIsNotPaidTwice() external {
        freezeBySilence();
        exitFor(ALICE, alice, 600);
        closeExitWindow();
        arm(abi.encodeCall(rollup.payExit, (ALICE)));
        rollup.payExit(ALICE);
        assertExit(ALICE, alice, 600, false);
        assertEq(rollup.vaultBalance(), POT);
    }

    function test_aLateExitIsNotPaidTwice() external {
        freezeBySilence();
        closeExitWindow();
        proveExit(ALICE, alice, 600);
        arm(abi.encodeCall(rollup.exit, (ALICE, alice, 600, proof())));
        rollup.exit(ALICE, alice, 600, proof());
        assertEq(rollup.exitRemainder(), POT);
    }

    function test_aRefundIsNotPaidTwice() external {
        depositAs(alice, 50);
        depositAs(alice, 50);
        freezeBySilence();
        arm(abi.encodeCall(rollup.refund, (3)));
        rollup.refund(2);
        assertEq(rollup.pendingDeposits(), 100);
        assertEq(rollup.weiOwed(alice), 0);
    }

    function test_theFeePoolIsNotPaidTwice() external {
        freezeBySilence();
        closeLateWindow();
        arm(abi.encodeCall(rollup.payFeePool, ()));
        rollup.payFeePool();
        assertEq(rollup.exitRemainder(), POT);
    }

    function test_weiAreNotCollectedTwice() external {
        ReentrantWallet wallet = new ReentrantWallet{value: FEE}(address(rollup));
        wallet.request(abi.encodeCall(rollup.registerKey, (KEY_X, KEY_Y)), FEE);
        freezeBySilence();
        rollup.refund(2);
        bytes[3] memory calls = [
            abi.encodeCall(rollup.collectWei, (address(wallet))),
            abi.encodeCall(rollup.collectFees, ()),
            abi.encodeCall(rollup.claim, (alice))
        ];
        for (uint256 i = 0; i < 3; ++i) {
            wallet.arm(calls[i]);
            vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            rollup.collectWei(address(wallet));
        }
        assertEq(rollup.weiOwed(address(wallet)), FEE);
    }

    /// @dev The next payment calls back, and is refused with what it paid for.
    function arm(bytes memory call) private {
        hostile.arm(address(rollup), call);
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
    }

    function attackDeposit(bytes memory call) private {
        arm(call);
        depositAs(alice, 1);
        assertEq(rollup.vaultBalance(), POT);
    }
}
