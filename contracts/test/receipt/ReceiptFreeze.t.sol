// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IReceiptCourt} from "../../src/interfaces/IReceiptCourt.sol";
import {IRollupState} from "../../src/interfaces/IRollupState.sol";
import {ReceiptFixture} from "../utils/ReceiptFixture.sol";

contract ReceiptFreezeTest is ReceiptFixture {
    function test_aChallengeWithoutAnAnswerFreezesAndReturnsTheBond() external {
        depositAs(bob, 100e6);
        pastDue();
        bytes32 digest = challenge(receiptOf(1, 0));
        skip(rollup.answerPeriod() + 1);

        vm.expectEmit(address(rollup));
        emit IReceiptCourt.BondReturned(digest, alice);
        vm.expectEmit(address(rollup));
        emit IRollupState.Frozen(IRollupState.FreezeReason.ReceiptUnanswered, EXIT_ROOT, 0, 0);
        rollup.freezeUnanswered(digest);

        assertEq(rollup.frozenAt(), vm.getBlockTimestamp());
        assertEq(rollup.weiOwed(alice), BOND);
    }

    function test_theOperatorHasUntilTheDeadline() external {
        pastDue();
        bytes32 digest = challenge(receiptOf(1, 0));
        skip(rollup.answerPeriod());
        vm.expectRevert(
            abi.encodeWithSelector(IReceiptCourt.AnswerStillPossible.selector, vm.getBlockTimestamp())
        );
        rollup.freezeUnanswered(digest);
    }

    function test_anAnsweredChallengeFreezesNothing() external {
        finalizeBatch();
        pastDue();
        IReceiptCourt.Receipt memory receipt = receiptOf(1, 0);
        bytes32 digest = challenge(receipt);
        rollup.answerReceipt(receipt, answerOf(1, 0));
        skip(rollup.answerPeriod() + 1);
        vm.expectRevert(abi.encodeWithSelector(IReceiptCourt.NoOpenChallenge.selector, digest));
        rollup.freezeUnanswered(digest);
    }

    function test_aReceiptFreezesNothingUnlessItWasChallenged() external {
        bytes32 digest = digestOf(receiptOf(1, 0));
        vm.expectRevert(abi.encodeWithSelector(IReceiptCourt.NoOpenChallenge.selector, digest));
        rollup.freezeUnanswered(digest);
    }

    function test_theOtherChallengersTakeTheirBondsBackOnce() external {
        pastDue();
        bytes32 first = challenge(receiptOf(1, 0));
        bytes32 second = challenge(receiptOf(1, 1));
        vm.expectRevert(IRollupState.NotFrozen.selector);
        rollup.reclaimBond(second);
        skip(rollup.answerPeriod() + 1);
        rollup.freezeUnanswered(first);
        vm.expectRevert(IRollupState.IsFrozen.selector);
        rollup.freezeUnanswered(second);

        vm.expectEmit(address(rollup));
        emit IReceiptCourt.BondReturned(second, alice);
        rollup.reclaimBond(second);
        vm.expectRevert(abi.encodeWithSelector(IReceiptCourt.NoOpenChallenge.selector, second));
        rollup.reclaimBond(second);
        vm.expectRevert(abi.encodeWithSelector(IReceiptCourt.NoOpenChallenge.selector, first));
        rollup.reclaimBond(first);

        rollup.collectWei(alice);
        assertEq(alice.balance, 1 ether);
        assertEq(address(rollup).balance, 0);
    }

    function test_anAnswererKeepsItsBondAfterAFreeze() external {
        finalizeBatch();
        pastDue();
        IReceiptCourt.Receipt memory receipt = receiptOf(1, 0);
        IReceiptCourt.Answer memory answer = answerOf(1, 0);
        bytes32 digest = challenge(receipt);
        vm.prank(bob);
        rollup.answerReceipt(receipt, answer);
        skip(rollup.silence() + 1);
        rollup.freeze();
        vm.expectRevert(abi.encodeWithSelector(IReceiptCourt.NoOpenChallenge.selector, digest));
        rollup.reclaimBond(digest);
        rollup.collectWei(bob);
        assertEq(bob.balance, 1 ether + BOND);
    }
}
