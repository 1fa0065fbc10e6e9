// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IBatchSettlement} from "../interfaces/IBatchSettlement.sol";
import {Constants} from "./Constants.sol";

/// @title The header of a batch's data stream
library BatchHeader {
    /// @dev What the contract checks or publishes; the funding pool is neither. Values are the operator's, any 256 bits, until the proof holds;
    /// only the counts, cut from one word, are known to be small: 16 bits each, but for `words`.
    struct Header {
        uint256 domain;
        uint256 configurationHash;
        uint256 batchNumber;
        uint256 oldStateRoot;
        uint256 newStateRoot;
        uint256 newExitRoot;
        uint256 timestamp;
        uint256 epochHash;
        uint256 firstSequence;
        uint256 logRoot;
        uint256 requestsBegin;
        uint256 requests;
        uint256 messages;
        uint256 words;
        uint256 feePool;
    }

    uint256 private constant COUNT_MASK = 2 ** Constants.COUNT_BITS - 1;

    /// @notice Reads the header at the start of `words`
    /// @dev The count of words is the last in its word, so its bits are not cut: any beyond its width make it wrong.
    function decode(uint256[] calldata words) internal pure returns (Header memory header) {
        if (words.length < Constants.HEADER_WORDS) {
            revert IBatchSettlement.StreamTooShort(words.length, Constants.HEADER_WORDS);
        }
        header.domain = words[Constants.HEADER_DOMAIN];
        header.configurationHash = words[Constants.HEADER_CONFIG_HASH];
        header.batchNumber = words[Constants.HEADER_BATCH_NUMBER];
        header.oldStateRoot = words[Constants.HEADER_OLD_STATE_ROOT];
        header.newStateRoot = words[Constants.HEADER_NEW_STATE_ROOT];
        header.newExitRoot = words[Constants.HEADER_NEW_EXIT_ROOT];
        header.timestamp = words[Constants.HEADER_TIMESTAMP];
        header.epochHash = words[Constants.HEADER_EPOCH_HASH];
        header.firstSequence = words[Constants.HEADER_FIRST_SEQUENCE];
        header.logRoot = words[Constants.HEADER_LOG_ROOT];
        header.requestsBegin = words[Constants.HEADER_REQUESTS_BEGIN];

        uint256 counts = words[Constants.HEADER_COUNTS];
        header.requests = counts & COUNT_MASK;
        header.messages = (counts >> Constants.COUNTS_MESSAGES_AT) & COUNT_MASK;
        header.words = counts >> Constants.COUNTS_WORDS_AT;
        header.feePool = words[Constants.HEADER_FEE_POOL];
    }

    /// @notice What stays on chain of a final batch, for whoever must answer for a receipt
    function digest(uint256 logRoot, uint256 firstSequence, uint256 epochHash)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(logRoot, firstSequence, epochHash));
    }
}
