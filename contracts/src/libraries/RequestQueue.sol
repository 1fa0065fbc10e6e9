// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IRequestInbox} from "../interfaces/IRequestInbox.sol";
import {Constants} from "./Constants.sol";

/// @title The queue of requests that users make on chain
/// @notice A request is stored as the words that the circuit reads, so that a batch's stream can only carry what was asked.
library RequestQueue {
    using SafeCast for uint256;

    /// @param kind One of `Constants.REQUEST_KIND_*`
    /// @param account Account id, 20 bits
    /// @param owner Owner of the account
    /// @param amount 64 bits
    /// @param data0 Nonzero only if the kind carries data, like `data1`
    struct Request {
        uint256 kind;
        uint256 account;
        address owner;
        uint256 amount;
        uint256 data0;
        uint256 data1;
    }

    /// @dev A request as the stream carries it, `Constants.REQUEST_WORDS` words in this order
    struct Words {
        uint256 head;
        uint256 data0;
        uint256 data1;
    }

    /// @dev What stays of a request, one slot: the hash says for ever which queue an index belonged to
    /// @param queuedAt When it joined the queue
    /// @param deadline Last second in which it may still wait
    /// @param queueHash The last 176 bits of `keccak256(abi.encode(hash of the queue before it, its three words))`
    struct Ticket {
        uint40 queuedAt;
        uint40 deadline;
        uint176 queueHash;
    }

    /// @param count Requests ever queued
    /// @param consumed Requests that batches have consumed: the head of the queue
    /// @param words Of each waiting request
    /// @param tickets Of every request ever queued
    struct Queue {
        uint64 count;
        uint64 consumed;
        mapping(uint256 index => Words) words;
        mapping(uint256 index => Ticket) tickets;
    }

    uint256 private constant KIND_MASK = 2 ** Constants.KIND_BITS - 1;
    uint256 private constant ACCOUNT_MASK = 2 ** Constants.ACCOUNT_BITS - 1;
    uint256 private constant AMOUNT_MASK = 2 ** Constants.AMOUNT_BITS - 1;

    /// @notice Appends a request
    /// @param patience How long it may wait
    /// @param serviceTime How far its deadline lies behind that of the request before it, at least
    /// @return index Its place in the queue
    /// @return ticket Its ticket
    function push(Queue storage queue, Request memory request, uint256 patience, uint256 serviceTime)
        internal
        returns (uint256 index, Ticket memory ticket)
    {
        index = queue.count++;
        uint256 head = pack(request);
        Words storage words = queue.words[index];
        words.head = head;
        if (_carriesData(request.kind)) {
            words.data0 = request.data0;
            words.data1 = request.data1;
        }
        ticket.queuedAt = block.timestamp.toUint40();
        uint256 deadline = block.timestamp + patience;
        if (index != 0) {
            Ticket storage last = queue.tickets[index - 1];
            deadline = Math.max(deadline, last.deadline + serviceTime);
            ticket.queueHash = last.queueHash;
        }
        ticket.deadline = deadline.toUint40();
        ticket.queueHash = chain(ticket.queueHash, head, request.data0, request.data1);
        queue.tickets[index] = ticket;
    }

    /// @notice The hash of a queue that one more request has joined
    function chain(uint176 queueHash, uint256 head, uint256 data0, uint256 data1)
        internal
        pure
        returns (uint176)
    {
        // Cut on purpose: 176 bits fill the slot, and finding two queues with one hash takes 2^88 tries.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint176(uint256(keccak256(abi.encode(queueHash, head, data0, data1))));
    }

    /// @notice The hash over the first `end` requests
    function hashAt(Queue storage queue, uint256 end) internal view returns (uint176) {
        if (end > queue.count) revert IRequestInbox.RequestNotQueued(end - 1, queue.count);
        return end == 0 ? 0 : queue.tickets[end - 1].queueHash;
    }

    /// @notice Whether the first waiting request is past its deadline
    function isOverdue(Queue storage queue, uint256 time) internal view returns (bool) {
        uint256 head = queue.consumed;
        return head < queue.count && time > queue.tickets[head].deadline;
    }

    /// @notice How many waiting requests from the head on were queued at `time` or before
    /// @param from The first so many are not looked at: they count
    /// @param limit No more than this many are counted, unless `from` is larger
    function agedPrefix(Queue storage queue, uint256 from, uint256 limit, uint256 time)
        internal
        view
        returns (uint256 aged)
    {
        uint256 consumed = queue.consumed;
        uint256 end = Math.min(limit, queue.count - consumed);
        aged = from;
        while (aged < end && queue.tickets[consumed + aged].queuedAt <= time) {
            ++aged;
        }
    }

    /// @notice Whether the last of the first `requests` waiting requests forces a message
    function endsInMessage(Queue storage queue, uint256 requests) internal view returns (bool) {
        if (requests == 0) return false;
        return kindOf(queue.words[queue.consumed + requests - 1].head) == Constants.REQUEST_KIND_MESSAGE;
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
            // The kinds without data are spared two reads of storage.
            if (_carriesData(kindOf(head))) {
                stream[target + 1] = words.data0;
                stream[target + 2] = words.data1;
            }
            target += Constants.REQUEST_WORDS;
        }
    }

    /// @notice Removes the first waiting request
    /// @return index Its place in the queue
    /// @return words Its words
    function pop(Queue storage queue) internal returns (uint256 index, Words memory words) {
        index = queue.consumed++;
        words = _clear(queue.words[index]);
    }

    /// @notice Removes any waiting request, once no batch will consume it
    /// @return head Its head word; 0 if no such request waits
    function cancel(Queue storage queue, uint256 index) internal returns (uint256 head) {
        return _clear(queue.words[index]).head;
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

    /// @notice The account id in a head word
    function accountOf(uint256 head) internal pure returns (uint256) {
        return (head >> Constants.REQUEST_ACCOUNT_AT) & ACCOUNT_MASK;
    }

    /// @notice The amount in a head word
    function amountOf(uint256 head) internal pure returns (uint256) {
        return (head >> Constants.REQUEST_AMOUNT_AT) & AMOUNT_MASK;
    }

    /// @notice What a request has put into the vault and its owner gets back if no batch consumes it
    /// @dev Nothing of what was paid into the insurance fund: nobody owns that.
    function depositOf(uint256 head) internal pure returns (uint256) {
        bool owned = accountOf(head) != Constants.INSURANCE_ACCOUNT;
        return owned && kindOf(head) == Constants.REQUEST_KIND_DEPOSIT ? amountOf(head) : 0;
    }

    /// @notice The owner in a head word
    function ownerOf(uint256 head) internal pure returns (address) {
        return address((head >> Constants.REQUEST_OWNER_AT).toUint160());
    }

    function _clear(Words storage words) private returns (Words memory cleared) {
        cleared.head = words.head;
        delete words.head;
        if (_carriesData(kindOf(cleared.head))) {
            cleared.data0 = words.data0;
            cleared.data1 = words.data1;
            delete words.data0;
            delete words.data1;
        }
    }

    function _carriesData(uint256 kind) private pure returns (bool) {
        return kind == Constants.REQUEST_KIND_REGISTER_KEY || kind == Constants.REQUEST_KIND_MESSAGE
            || kind == Constants.REQUEST_KIND_RESTRICT || kind == Constants.REQUEST_KIND_CHANGE;
    }
}
