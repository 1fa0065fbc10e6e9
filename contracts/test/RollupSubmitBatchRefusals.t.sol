// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IBatchSettlement} from "../src/interfaces/IBatchSettlement.sol";
import {IRollupState} from "../src/interfaces/IRollupState.sol";
import {Constants} from "../src/libraries/Constants.sol";
import {RollupFixture} from "./utils/RollupFixture.sol";

/// @notice Attacks by an operator that holds a proof. Each draft is proven as it is sent, unless a test says otherwise, so
/// that nothing but the check under test refuses it.
contract RollupSubmitBatchRefusalsTest is RollupFixture {
    function test_onlyTheOperatorSubmits() external {
        Draft memory draft = nextBatch(0);
        prove(draft);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IBatchSettlement.NotOperator.selector, alice));
        rollup.submitBatch(operatorWords(draft), draft.commitment, proof());
    }

    function test_refusesABatchOfAnotherRollup() external {
        refuseHeader(Constants.HEADER_DOMAIN, 1, IBatchSettlement.WrongDomain.selector);
    }

    function test_refusesOtherFeesOrOracles() external {
        refuseHeader(Constants.HEADER_CONFIG_HASH, 1, IBatchSettlement.WrongConfigurationHash.selector);
    }

    function test_refusesABatchOutOfOrder() external {
        refuseHeader(Constants.HEADER_BATCH_NUMBER, 2, IBatchSettlement.WrongBatchNumber.selector);
        refuseHeader(Constants.HEADER_BATCH_NUMBER, 0, IBatchSettlement.WrongBatchNumber.selector);
    }

    function test_refusesTheSameBatchTwice() external {
        Draft memory draft = nextBatch(0);
        submit(draft);
        refuse(draft, abi.encodeWithSelector(IBatchSettlement.WrongBatchNumber.selector, 1, 2));
    }

    function test_refusesABatchThatStartsElsewhere() external {
        refuseHeader(
            Constants.HEADER_OLD_STATE_ROOT, STATE_ROOT + 1, IBatchSettlement.WrongOldStateRoot.selector
        );
    }

    function test_refusesAGapBetweenMessages() external {
        refuseHeader(Constants.HEADER_FIRST_SEQUENCE, 2, IBatchSettlement.WrongFirstSequence.selector);
    }

    function test_refusesToSkipARequest() external {
        depositAs(alice, 1);
        depositAs(alice, 2);
        refuseHeader(Constants.HEADER_REQUESTS_BEGIN, 1, IBatchSettlement.WrongRequestsBegin.selector);
    }

    function test_refusesMoreRequestsThanAreQueued() external {
        depositAs(alice, 1);
        refuse(nextBatch(2), abi.encodeWithSelector(IBatchSettlement.TooManyRequests.selector, 2, 1));
    }

    function test_refusesAClockThatStandsStillOrGoesBack() external {
        submit(nextBatch(0));
        skip(60);
        Draft memory draft = nextBatch(0);
        for (uint256 i = 0; i < 2; ++i) {
            draft.header[Constants.HEADER_TIMESTAMP] = START - i;
            refuse(
                draft, abi.encodeWithSelector(IBatchSettlement.TimestampNotNewer.selector, START - i, START)
            );
        }
    }

    function test_refusesAStaleTimestamp() external {
        Draft memory draft = nextBatch(0);
        draft.header[Constants.HEADER_TIMESTAMP] = START - 3601;
        refuse(
            draft,
            abi.encodeWithSelector(IBatchSettlement.StaleTimestamp.selector, START - 3601, START - 3600)
        );
        draft.header[Constants.HEADER_TIMESTAMP] = START - 3600;
        submit(draft);
    }

    function test_refusesAFutureTimestamp() external {
        Draft memory draft = nextBatch(0);
        draft.header[Constants.HEADER_TIMESTAMP] = START + 61;
        refuse(
            draft, abi.encodeWithSelector(IBatchSettlement.FutureTimestamp.selector, START + 61, START + 60)
        );
        draft.header[Constants.HEADER_TIMESTAMP] = START + 60;
        submit(draft);
    }

    function test_refusesATimestampThatOverflows() external {
        refuseTimestamp(type(uint256).max);
        refuseTimestamp(2 ** 40 + START);
    }

    function test_refusesAStreamWithoutAWholeHeader() external {
        uint256[] memory words = new uint256[](13);
        vm.expectRevert(abi.encodeWithSelector(IBatchSettlement.StreamTooShort.selector, 13, 14));
        sendWords(words, 0);
    }

    function test_refusesATruncatedOutcome() external {
        depositAs(alice, 1);
        depositAs(alice, 2);
        Draft memory draft = nextBatch(2);
        draft.records = new uint256[](0);
        draft.outcomes = new uint256[](1);
        refuseWords(draft, abi.encodeWithSelector(IBatchSettlement.StreamTooShort.selector, 15, 16));
    }

    function test_refusesATrailingWord() external {
        Draft memory draft = nextBatch(0);
        draft.records = concat(draft.records, new uint256[](1));
        refuse(draft, abi.encodeWithSelector(IBatchSettlement.WrongWordCount.selector, 17, 18));
    }

    /// @dev A trailing zero leaves the value at r what it was; here even the header is adjusted, but not the proof.
    function test_refusesATrailingZeroThatTheHeaderCounts() external {
        Draft memory draft = nextBatch(0);
        prove(draft);
        draft.records = concat(draft.records, new uint256[](1));
        setCounts(draft, 5);
        refuseWords(draft, abi.encodeWithSelector(IBatchSettlement.InvalidProof.selector));
    }

    function test_refusesAMissingWord() external {
        Draft memory draft = nextBatch(0);
        draft.records = new uint256[](2);
        refuse(draft, abi.encodeWithSelector(IBatchSettlement.WrongWordCount.selector, 17, 16));
    }

    function test_refusesACountWithExcessBits() external {
        Draft memory draft = nextBatch(0);
        draft.header[Constants.HEADER_COUNTS] |= 1 << 80;
        refuse(draft, abi.encodeWithSelector(IBatchSettlement.WrongWordCount.selector, 2 ** 16 + 17, 17));
    }

    function test_refusesQueueWordsFromTheOperator() external {
        depositAs(alice, 1);
        Draft memory draft = nextBatch(1);
        prove(draft);
        uint256[] memory words = fullStream(draft);
        vm.expectRevert(abi.encodeWithSelector(IBatchSettlement.WrongWordCount.selector, 21, 24));
        sendWords(words, draft.commitment);
    }

    /// @dev The proof credits a deposit of 1,000,000; the one that was made is of 1.
    function test_refusesAProofOfARequestThatWasNotMade() external {
        depositAs(alice, 1);
        Draft memory draft = nextBatch(1);
        uint256[] memory stream = fullStream(draft);
        stream[Constants.HEADER_WORDS] = headWord(1, 1, 1e6, alice);
        proveStream(draft.commitment, stream);
        refuseWords(draft, abi.encodeWithSelector(IBatchSettlement.InvalidProof.selector));
    }

    function test_refusesAProofThatSwapsTwoRequests() external {
        depositAs(alice, 1);
        depositAs(bob, 2);
        Draft memory draft = nextBatch(2);
        uint256[] memory stream = fullStream(draft);
        (stream[14], stream[17]) = (stream[17], stream[14]);
        proveStream(draft.commitment, stream);
        refuseWords(draft, abi.encodeWithSelector(IBatchSettlement.InvalidProof.selector));
    }

    /// @dev The same field element in a second encoding gives the operator another r to try.
    function test_refusesAWordThatIsNotReduced() external {
        depositAs(alice, 1);
        Draft memory draft = nextBatch(1);
        draft.records[2] += P;
        refuse(draft, abi.encodeWithSelector(IBatchSettlement.WordNotInField.selector, 20));
        draft = nextBatch(1);
        draft.outcomes[0] = P;
        refuse(draft, abi.encodeWithSelector(IBatchSettlement.WordNotInField.selector, 17));
        draft = nextBatch(1);
        draft.header[Constants.HEADER_NEW_STATE_ROOT] = P;
        refuse(draft, abi.encodeWithSelector(IBatchSettlement.WordNotInField.selector, 4));
        draft = nextBatch(1);
        draft.header[Constants.HEADER_FUNDING_POOL] = P;
        refuse(draft, abi.encodeWithSelector(IBatchSettlement.WordNotInField.selector, 13));
    }

    function test_refusesACommitmentThatIsNotReduced() external {
        Draft memory draft = nextBatch(0);
        draft.commitment += P;
        refuse(
            draft, abi.encodeWithSelector(IBatchSettlement.CommitmentNotInField.selector, draft.commitment)
        );
    }

    function test_refusesAnotherCommitment() external {
        Draft memory draft = nextBatch(0);
        prove(draft);
        draft.commitment += 1;
        refuseWords(draft, abi.encodeWithSelector(IBatchSettlement.InvalidProof.selector));
    }

    function test_refusesAnotherProof() external {
        Draft memory draft = nextBatch(0);
        prove(draft);
        IRollupState.Proof memory forged = proof();
        forged.b[1][0] += 1;
        vm.prank(operator);
        vm.expectRevert(IBatchSettlement.InvalidProof.selector);
        rollup.submitBatch(operatorWords(draft), draft.commitment, forged);
    }

    function test_refusesAPaymentAboveTheRequest() external {
        depositAs(alice, 100);
        withdrawAs(alice, 10);
        refuseOutcome(1, outcome(0, 11));
        refuseOutcome(0, outcome(1, 101));
    }

    function test_refusesAnOutcomeWithExcessBits() external {
        depositAs(alice, 100);
        withdrawAs(alice, 10);
        refuseOutcome(1, outcome(0, 2 ** 64));
        refuseOutcome(1, outcome(0, 10) | (1 << 68));
    }

    function test_refusesToPayForAKey() external {
        depositAs(alice, 100);
        registerAs(alice, KEY_X, KEY_Y);
        refuseOutcome(1, outcome(0, 1));
    }

    function test_refusesToPayForAMessageOrALiquidation() external {
        depositAs(alice, 100);
        forceOrderAs(alice);
        refuseOutcome(1, outcome(0, 1));
        liquidateAs(bob, alice);
        refuseOutcome(2, outcome(1, 1));
    }

    function test_refusesToPromiseMoreThanTheVaultHolds() external {
        depositAs(alice, 100);
        withdrawAs(alice, 1_000);
        Draft memory draft = nextBatch(2);
        draft.outcomes[1] = outcome(0, 101);
        refuse(draft, abi.encodeWithSelector(IBatchSettlement.ClaimsExceedVault.selector, 101, 100));
        draft.outcomes[1] = outcome(0, 100);
        submit(draft);
    }

    /// @dev What the vault holds for a deposit in the queue is not there to pay the withdrawal of another.
    function test_refusesToPromiseADepositThatWaits() external {
        depositAs(alice, 100);
        withdrawAs(alice, 1_000);
        depositAs(bob, 50);
        Draft memory draft = nextBatch(2);
        draft.outcomes[1] = outcome(0, 101);
        refuse(draft, abi.encodeWithSelector(IBatchSettlement.ClaimsExceedVault.selector, 101, 100));
    }

    /// @dev The circuit keeps the fee pool below 2^63; the slot would cut what is larger.
    function test_refusesAFeePoolThatDoesNotFit() external {
        Draft memory draft = nextBatch(0);
        draft.header[Constants.HEADER_FEE_POOL] = 2 ** 64;
        refuse(draft, abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 64, 2 ** 64));
    }

    /// @dev Whatever single word of a proven batch is changed, and however, the batch is refused.
    function testFuzz_refusesAnyChangedWord(uint256 place, uint256 difference) external {
        depositAs(alice, 100);
        withdrawAs(alice, 50);
        Draft memory draft = nextBatch(2);
        draft.outcomes[1] = outcome(0, 50);
        prove(draft);
        uint256[] memory words = operatorWords(draft);
        words[bound(place, 0, words.length - 1)] ^= bound(difference, 1, type(uint256).max);
        vm.expectRevert();
        sendWords(words, draft.commitment);
    }

    function refuseHeader(uint256 place, uint256 value, bytes4 reason) private {
        Draft memory draft = nextBatch(0);
        uint256 expected = draft.header[place];
        draft.header[place] = value;
        refuse(draft, abi.encodeWithSelector(reason, value, expected));
    }

    function refuseTimestamp(uint256 timestamp) private {
        Draft memory draft = nextBatch(0);
        draft.header[Constants.HEADER_TIMESTAMP] = timestamp;
        refuse(
            draft, abi.encodeWithSelector(IBatchSettlement.FutureTimestamp.selector, timestamp, START + 60)
        );
    }

    /// @dev The next batch consumes the requests up to this one; the others are done without a payment.
    function refuseOutcome(uint256 index, uint256 word) private {
        Draft memory draft = nextBatch(index + 1);
        draft.outcomes[index] = word;
        refuse(draft, abi.encodeWithSelector(IBatchSettlement.OutcomeOutOfRange.selector, index, word));
    }

    function refuse(Draft memory draft, bytes memory reason) private {
        prove(draft);
        refuseWords(draft, reason);
    }

    function refuseWords(Draft memory draft, bytes memory reason) private {
        vm.expectRevert(reason);
        send(draft);
    }
}
