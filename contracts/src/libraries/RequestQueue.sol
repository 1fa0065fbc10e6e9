// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Constants} from "./Constants.sol";

/// @title The queue of requests that users make on chain
/// @notice A request is stored as the words that the circuit reads, so that a batch's stream can only carry what was asked.
library RequestQueue {
    using SafeCast for uint256;

    /// @param kind One of `Constants.REQUEST_KIND_*`
    /// @param account Account id, 20 bits
    /// @param owner Who asked
    /// @param amount 64 bits
    /// @param keyX Nonzero for the registration of a key only, like `keyY`
    struct Request {
        uint256 kind;
        uint256 account;
        address owner;
        uint256 amount;
        uint256 keyX;
        uint256 keyY;
    }

    /// @dev A request as the stream carries it, `Constants.REQUEST_WORDS` words in this order
    struct Words {
        uint256 head;
        uint256 keyX;
        uint256 keyY;
    }

    /// @param count Requests ever queued
    /// @param consumed Requests that batches have consumed: the head of the queue
    /// @param words Head word and key of each waiting request
    struct Queue {
        uint64 count;
        uint64 consumed;
        mapping(uint256 index => Words) words;
    }

    uint256 private constant KIND_MASK = 2 ** Constants.KIND_BITS - 1;
    uint256 private constant AMOUNT_MASK = 2 ** Constants.AMOUNT_BITS - 1;

    /// @notice Appends a request
    /// @return index Its place in the queue
    function push(Queue storage queue, Request memory request) internal returns (uint256 index) {
        index = queue.count++;
        Words storage words = queue.words[index];
        words.head = pack(request);
        if (request.kind == Constants.REQUEST_KIND_REGISTER_KEY) {
            words.keyX = request.keyX;
            words.keyY = request.keyY;
        }
    }

    /// @notice Writes the words of the first `requests` waiting requests into `stream` from `target` on
    function copyHead(Queue storage queue, uint256 requests, uint256[] memory stream, uint256 target)
        internal
        view
    {
        uint256 begin = queue.consumed;
        for (uint256 i = 0; i < requests; ++i) {
            Words storage words = queue.words[begin + i];
            uint256 head = words.head;
            stream[target] = head;
            // Only a registration stores a key: the other kinds are spared two reads of storage.
            if (kindOf(head) == Constants.REQUEST_KIND_REGISTER_KEY) {
                stream[target + 1] = words.keyX;
                stream[target + 2] = words.keyY;
            }
            target += Constants.REQUEST_WORDS;
        }
    }

    /// @notice Removes the first waiting request
    /// @return index Its place in the queue
    /// @return head Its head word
    function pop(Queue storage queue) internal returns (uint256 index, uint256 head) {
        index = queue.consumed++;
        Words storage words = queue.words[index];
        head = words.head;
        delete words.head;
        if (kindOf(head) == Constants.REQUEST_KIND_REGISTER_KEY) {
            delete words.keyX;
            delete words.keyY;
        }
    }

    /// @notice The head word of a request
    function pack(Request memory request) internal pure returns (uint256) {
        return request.kind | (request.account << Constants.REQUEST_ACCOUNT_AT)
            | (request.amount << Constants.REQUEST_AMOUNT_AT)
            | (uint256(uint160(request.owner)) << Constants.REQUEST_OWNER_AT);
    }

    /// @notice The kind in a head word
    function kindOf(uint256 head) internal pure returns (uint256) {
        return head & KIND_MASK;
    }

    /// @notice The amount in a head word
    function amountOf(uint256 head) internal pure returns (uint256) {
        return (head >> Constants.REQUEST_AMOUNT_AT) & AMOUNT_MASK;
    }

    /// @notice The owner in a head word
    function ownerOf(uint256 head) internal pure returns (address) {
        return address((head >> Constants.REQUEST_OWNER_AT).toUint160());
    }
}
