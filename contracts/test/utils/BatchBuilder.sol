// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {Rollup} from "../../src/Rollup.sol";
import {IRollupState} from "../../src/interfaces/IRollupState.sol";
import {Constants} from "../../src/libraries/Constants.sol";
import {ExpectedInputsVerifier} from "../mocks/ExpectedInputsVerifier.sol";
import {BatchReference} from "./BatchReference.sol";

/// @notice Builds batches as the operator does and has them accepted as if they were proven
abstract contract BatchBuilder is Test {
    /// @dev A batch before it is flattened; a test may change any part of it.
    struct Draft {
        uint256[] header;
        uint256[] outcomes;
        uint256[] records;
        uint256 commitment;
    }

    address internal immutable operator = makeAddr("operator");

    Rollup internal rollup;
    ExpectedInputsVerifier internal verifier;

    /// @notice The next batch, which consumes `requests` requests, each done and without a payment
    function nextBatch(uint256 requests) internal view returns (Draft memory draft) {
        uint256 number = uint256(rollup.batchCount()) + 1;
        draft.outcomes = new uint256[](requests);
        draft.records = new uint256[](3);
        for (uint256 i = 0; i < 3; ++i) {
            draft.records[i] = uint256(keccak256(abi.encode("record", number, i))) >> 8;
        }
        draft.commitment = uint256(keccak256(abi.encode("commitment", number))) >> 8;
        draft.header = new uint256[](Constants.HEADER_WORDS);
        draft.header[Constants.HEADER_DOMAIN] = rollup.domain();
        draft.header[Constants.HEADER_CONFIG_HASH] = rollup.configurationHash();
        draft.header[Constants.HEADER_BATCH_NUMBER] = number;
        draft.header[Constants.HEADER_OLD_STATE_ROOT] = rollup.stateRoot();
        draft.header[Constants.HEADER_NEW_STATE_ROOT] = rollup.stateRoot() + 1;
        draft.header[Constants.HEADER_NEW_EXIT_ROOT] = 20_000 + number;
        draft.header[Constants.HEADER_TIMESTAMP] = vm.getBlockTimestamp();
        draft.header[Constants.HEADER_EPOCH_HASH] = 30_000 + number;
        draft.header[Constants.HEADER_FIRST_SEQUENCE] = rollup.nextSequence();
        draft.header[Constants.HEADER_LOG_ROOT] = 40_000 + number;
        draft.header[Constants.HEADER_REQUESTS_BEGIN] = rollup.requestsConsumed();
        draft.header[Constants.HEADER_FEE_POOL] = 50_000 + number;
        draft.header[Constants.HEADER_FUNDING_POOL] = 60_000 + number;
        setCounts(draft, 5);
    }

    /// @notice Sets the counts to what the draft holds
    function setCounts(Draft memory draft, uint256 messages) internal pure {
        uint256 requests = draft.outcomes.length;
        uint256 words =
            draft.header.length + Constants.REQUEST_WORDS * requests + requests + draft.records.length;
        draft.header[Constants.HEADER_COUNTS] = requests | (messages << Constants.COUNTS_MESSAGES_AT)
            | 2 ** Constants.COUNTS_ACCOUNTS_AT | (words << Constants.COUNTS_WORDS_AT);
    }

    /// @notice An outcome word
    function outcome(uint256 status, uint256 paid) internal pure returns (uint256) {
        return status | (paid << Constants.OUTCOME_PAID_AT);
    }

    /// @notice What the operator sends
    function operatorWords(Draft memory draft) internal pure returns (uint256[] memory) {
        return concat(concat(draft.header, draft.outcomes), draft.records);
    }

    /// @notice What the circuit proves: the queue words follow the header
    function fullStream(Draft memory draft) internal view returns (uint256[] memory) {
        return concat(
            concat(draft.header, queueWords(draft.outcomes.length)), concat(draft.outcomes, draft.records)
        );
    }

    /// @notice The words of the first waiting requests, one after the other
    function queueWords(uint256 requests) internal view returns (uint256[] memory words) {
        words = new uint256[](Constants.REQUEST_WORDS * requests);
        uint256 begin = rollup.requestsConsumed();
        for (uint256 i = 0; i < requests; ++i) {
            (words[3 * i], words[3 * i + 1], words[3 * i + 2]) = rollup.requestWords(begin + i);
        }
    }

    /// @notice Makes the verifier accept this draft, and nothing else
    function prove(Draft memory draft) internal {
        proveStream(draft.commitment, fullStream(draft));
    }

    /// @notice Makes the verifier accept a commitment to this stream, and nothing else
    function proveStream(uint256 commitment, uint256[] memory stream) internal {
        uint256 r = BatchReference.challenge(commitment, stream);
        verifier.expect(proof(), [commitment, r, BatchReference.powerSum(stream, r)]);
    }

    /// @notice Proves and submits
    function submit(Draft memory draft) internal {
        prove(draft);
        send(draft);
    }

    /// @notice Submits without a proof of its own
    function send(Draft memory draft) internal {
        sendWords(operatorWords(draft), draft.commitment);
    }

    /// @notice Submits any words
    function sendWords(uint256[] memory words, uint256 commitment) internal {
        vm.prank(operator);
        rollup.submitBatch(words, commitment, proof());
    }

    function proof() internal pure returns (IRollupState.Proof memory) {
        return
            IRollupState.Proof({
                a: [uint256(1), 2], b: [[uint256(3), 4], [uint256(5), 6]], c: [uint256(7), 8]
            });
    }

    function concat(uint256[] memory left, uint256[] memory right)
        internal
        pure
        returns (uint256[] memory all)
    {
        all = new uint256[](left.length + right.length);
        for (uint256 i = 0; i < left.length; ++i) {
            all[i] = left[i];
        }
        for (uint256 i = 0; i < right.length; ++i) {
            all[left.length + i] = right[i];
        }
    }
}
