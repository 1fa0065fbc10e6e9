// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {Constants} from "../../src/libraries/Constants.sol";
import {RequestQueue} from "../../src/libraries/RequestQueue.sol";

contract RequestQueueSymbolicTest is Test {
    using RequestQueue for RequestQueue.Queue;

    RequestQueue.Queue private queue;

    /// @notice The circuit reads what the contract wrote, below the field's modulus, and so does the contract.
    function check_theHeadWordGivesBackItsParts(uint256 kind, uint256 account, address owner, uint64 amount)
        external
        pure
    {
        uint256 head = packed(kind, account, owner, amount);
        assert(head < Constants.FIELD_MODULUS);
        assert(RequestQueue.kindOf(head) == kind);
        assert(RequestQueue.accountOf(head) == account);
        assert(RequestQueue.amountOf(head) == amount);
        assert(RequestQueue.ownerOf(head) == owner);
        bool deposits = kind == Constants.REQUEST_KIND_DEPOSIT && account != Constants.INSURANCE_ACCOUNT;
        assert(RequestQueue.depositOf(head) == (deposits ? amount : 0));
    }

    /// @notice No two requests have one head word.
    function check_differentRequestsHaveDifferentHeadWords(
        uint256[2] calldata kind,
        uint256[2] calldata account,
        address[2] calldata owner,
        uint64[2] calldata amount
    ) external pure {
        uint256 first = packed(kind[0], account[0], owner[0], amount[0]);
        uint256 second = packed(kind[1], account[1], owner[1], amount[1]);
        vm.assume(first == second);
        assert(kind[0] == kind[1] && account[0] == account[1]);
        assert(owner[0] == owner[1] && amount[0] == amount[1]);
    }

    /// @notice Behind any last ticket, a request's deadline is the later of its own and the last one's with its service.
    function check_deadlinesNeverDecrease(
        RequestQueue.Ticket calldata last,
        uint40 now_,
        uint32 patience,
        uint32 serviceTime
    ) external {
        queue.count = 1;
        queue.tickets[0] = last;
        vm.warp(now_);
        (uint256 index, RequestQueue.Ticket memory ticket) =
            queue.push(RequestQueue.Request(1, 1, address(1), 1, 0, 0), patience, serviceTime);
        uint256 own = uint256(now_) + patience;
        uint256 served = uint256(last.deadline) + serviceTime;
        assert(index == 1 && ticket.queuedAt == now_);
        assert(ticket.deadline >= last.deadline);
        assert(ticket.deadline == (own < served ? served : own));
    }

    function packed(uint256 kind, uint256 account, address owner, uint64 amount)
        private
        pure
        returns (uint256)
    {
        vm.assume(kind < 2 ** Constants.KIND_BITS && account < 2 ** Constants.ACCOUNT_BITS);
        return RequestQueue.pack(RequestQueue.Request(kind, account, owner, amount, 0, 0));
    }
}
