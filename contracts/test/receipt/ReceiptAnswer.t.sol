// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IReceiptCourt} from "../../src/interfaces/IReceiptCourt.sol";
import {IRollupState} from "../../src/interfaces/IRollupState.sol";
import {ReceiptFixture} from "../utils/ReceiptFixture.sol";

/// @notice Two batches are final; every receipt below is challenged before it is answered
contract ReceiptAnswerTest is ReceiptFixture {
    uint256 private constant ANY_GAS_PRICE = 100 gwei;

    function setUp() public override {
        super.setUp();
        depositAs(alice, 1);
        finalizeBatch();
        finalizeBatch();
        pastDue();
    }

    function test_aKeptPromiseEarnsTheBond() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(2, 3);
        IReceiptCourt.Answer memory answer = answerOf(2, 3);
        bytes32 digest = challenge(receipt);

        vm.expectEmit(address(rollup));
        emit IReceiptCourt.ReceiptAnswered(digest, bob, 2, 3);
        vm.prank(bob);
        rollup.answerReceipt(receipt, answer);

        assertEq(rollup.weiOwed(bob), BOND);
        (address challenger, uint40 deadline) = rollup.challenges(digest);
        assertEq(challenger, address(0));
        assertNotEq(deadline, 0);
        uint256 before = bob.balance;
        rollup.collectWei(bob);
        assertEq(bob.balance, before + BOND);
    }

    /// forge-config: default.fuzz.runs = 48
    function testFuzz_everyMessageOfABatchIsFoundAtItsPlace(uint256 batch, uint256 place) external {
        batch = bound(batch, 1, 2);
        place = bound(place, 0, MESSAGES - 1);
        IReceiptCourt.Receipt memory receipt = receiptOf(batch, place);
        challenge(receipt);
        rollup.answerReceipt(receipt, answerOf(batch, place));
        assertEq(rollup.weiOwed(address(this)), BOND);
    }

    function test_theBondPaysForTheGasOfAnAnswer() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(2, 3);
        IReceiptCourt.Answer memory answer = answerOf(2, 3);
        challenge(receipt);
        uint256 before = gasleft();
        rollup.answerReceipt(receipt, answer);
        assertLt((before - gasleft()) * ANY_GAS_PRICE, BOND);
    }

    function test_anAnswerIsInTimeUntilTheDeadline() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(2, 0);
        bytes32 digest = challenge(receipt);
        (, uint40 deadline) = rollup.challenges(digest);
        vm.warp(deadline + 1);
        refuse(
            receipt, answerOf(2, 0), abi.encodeWithSelector(IReceiptCourt.AnswerTooLate.selector, deadline)
        );
        vm.warp(deadline);
        rollup.answerReceipt(receipt, answerOf(2, 0));
    }

    function test_aReceiptIsAnsweredOnce() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(2, 0);
        bytes32 digest = challenge(receipt);
        rollup.answerReceipt(receipt, answerOf(2, 0));
        refuse(
            receipt, answerOf(2, 0), abi.encodeWithSelector(IReceiptCourt.NoOpenChallenge.selector, digest)
        );
    }

    function test_aReceiptThatNobodyChallengedHasNoAnswer() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(2, 0);
        refuse(
            receipt,
            answerOf(2, 0),
            abi.encodeWithSelector(IReceiptCourt.NoOpenChallenge.selector, digestOf(receipt))
        );
    }

    function test_aFrozenRollupTakesNoAnswers() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(2, 0);
        challenge(receipt);
        skip(rollup.silence() + 1);
        rollup.freeze();
        refuse(receipt, answerOf(2, 0), abi.encodeWithSelector(IRollupState.IsFrozen.selector));
    }

    function test_aBatchThatNeverCameAnswersNothing() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(3, 0);
        challenge(receipt);
        refuse(receipt, answerOf(3, 0), abi.encodeWithSelector(IReceiptCourt.UnknownBatch.selector, 3));
    }

    function test_thereIsNoBatchZero() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(1, 0);
        receipt.batchNumber = 0;
        challenge(receipt);
        IReceiptCourt.Answer memory answer = answerOf(1, 0);
        answer.batchNumber = 0;
        refuse(receipt, answer, abi.encodeWithSelector(IReceiptCourt.UnknownBatch.selector, 0));
    }

    /// @dev Log, first sequence and epoch of the other batch, or any one of them.
    function test_anAnswerCannotDressABatchInTheWordsOfAnother() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(2, 0);
        challenge(receipt);
        bytes memory reason = abi.encodeWithSelector(IReceiptCourt.UnknownBatch.selector, 2);
        IReceiptCourt.Answer memory answer = answerOf(1, 0);
        answer.batchNumber = 2;
        refuse(receipt, answer, reason);
        answer = answerOf(2, 0);
        answer.logRoot = answerOf(1, 0).logRoot;
        refuse(receipt, answer, reason);
        answer = answerOf(2, 0);
        answer.firstSequence = 1;
        refuse(receipt, answer, reason);
        answer = answerOf(2, 0);
        answer.epochHash = 30_001;
        refuse(receipt, answer, reason);
    }

    function test_anotherMessageAtThePlaceIsNoAnswer() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(2, 1);
        receipt.messageHash = messageHash(2, 77);
        challenge(receipt);
        refuseNotInLog(receipt, answerOf(2, 1));
    }

    /// forge-config: default.fuzz.runs = 48
    function testFuzz_aPathOfAnotherPlaceIsNoAnswer(uint256 pathOf, uint256 place) external {
        pathOf = bound(pathOf, 0, 63);
        place = bound(place, 0, 63);
        vm.assume(!(pathOf == 2 && place == 2));
        IReceiptCourt.Receipt memory receipt = receiptOf(2, 2);
        challenge(receipt);
        IReceiptCourt.Answer memory answer = answerOf(2, pathOf);
        answer.place = place;
        refuseNotInLog(receipt, answer);
    }

    /// @dev Place 64 + 2 has the digits of place 2: it would stand for a sequence that the message does not have.
    function test_aPlaceBeyondTheLogIsNoAnswer() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(2, 2);
        receipt.sequence += 64;
        challenge(receipt);
        IReceiptCourt.Answer memory answer = answerOf(2, 2);
        answer.place += 64;
        refuse(receipt, answer, abi.encodeWithSelector(IReceiptCourt.PlaceOutOfRange.selector, 66, 64));
    }

    function test_anEmptyPlaceIsNoMessage() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(2, MESSAGES);
        receipt.messageHash = 0;
        challenge(receipt);
        refuse(
            receipt, answerOf(2, MESSAGES), abi.encodeWithSelector(IReceiptCourt.NotAMessageHash.selector, 0)
        );
    }

    function test_aHashThatIsNotReducedIsNotTheMessageThatItReducesTo() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(2, 2);
        receipt.messageHash += P;
        challenge(receipt);
        refuse(
            receipt,
            answerOf(2, 2),
            abi.encodeWithSelector(IReceiptCourt.NotAMessageHash.selector, receipt.messageHash)
        );
    }

    function test_aPathHasOneEncoding() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(2, 2);
        challenge(receipt);
        IReceiptCourt.Answer memory answer = answerOf(2, 2);
        answer.path[1][2] += P;
        refuse(
            receipt, answer, abi.encodeWithSelector(IReceiptCourt.NotAMessageHash.selector, answer.path[1][2])
        );
    }

    function test_anIntactReceiptBindsTheBatch() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(1, 2);
        receipt.batchNumber = 2;
        challenge(receipt);
        refuse(receipt, answerOf(1, 2), abi.encodeWithSelector(IReceiptCourt.WrongBatch.selector, 1, 2));
    }

    function test_anIntactReceiptBindsTheSequence() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(1, 2);
        receipt.sequence = 2;
        challenge(receipt);
        refuse(receipt, answerOf(1, 2), abi.encodeWithSelector(IReceiptCourt.WrongSequence.selector, 3, 2));
    }

    function test_anIntactReceiptBindsTheEpoch() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(1, 2);
        receipt.epochHash = 7;
        challenge(receipt);
        refuse(receipt, answerOf(1, 2), abi.encodeWithSelector(IReceiptCourt.WrongEpoch.selector, 30_001, 7));
    }

    /// @dev As after a reorganisation that took a request out of the queue, or put another one into its place.
    function test_aReceiptOfAnotherQueueBindsNothingButTheMessage() external {
        IReceiptCourt.Receipt memory lost = receiptOf(2, 2);
        lost.requestsEnd += 1;
        replaceBy(lost);
        IReceiptCourt.Receipt memory replaced = receiptOf(2, 2);
        replaced.queueHash += 1;
        replaceBy(replaced);
    }

    function test_aReceiptBindsAgainWhenItsQueueIsThere() external {
        IReceiptCourt.Receipt memory receipt = receiptOf(1, 0);
        receipt.sequence += 1;
        uint256 snapshot = vm.snapshotState();
        depositAs(bob, 5);
        receipt.requestsEnd = 2;
        receipt.queueHash = rollup.queueHashAt(2);
        vm.revertToState(snapshot);

        assertFalse(rollup.isIntact(receipt));
        challenge(receipt);
        depositAs(bob, 5);
        assertTrue(rollup.isIntact(receipt));
        refuse(receipt, answerOf(1, 0), abi.encodeWithSelector(IReceiptCourt.WrongSequence.selector, 1, 2));
    }

    /// @dev The promise was of the other batch, sequence and epoch.
    function replaceBy(IReceiptCourt.Receipt memory receipt) private {
        receipt.messageHash = messageHash(1, 4);
        assertFalse(rollup.isIntact(receipt));
        challenge(receipt);
        refuseNotInLog(receipt, answerOf(2, 2));
        rollup.answerReceipt(receipt, answerOf(1, 4));
    }

    function refuse(
        IReceiptCourt.Receipt memory receipt,
        IReceiptCourt.Answer memory answer,
        bytes memory reason
    ) private {
        vm.expectRevert(reason);
        rollup.answerReceipt(receipt, answer);
    }

    function refuseNotInLog(IReceiptCourt.Receipt memory receipt, IReceiptCourt.Answer memory answer)
        private
    {
        refuse(
            receipt,
            answer,
            abi.encodeWithSelector(
                IReceiptCourt.MessageNotInLog.selector, receipt.messageHash, answer.logRoot
            )
        );
    }
}
