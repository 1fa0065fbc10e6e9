// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {Constants} from "../../src/libraries/Constants.sol";
import {RequestQueue} from "../../src/libraries/RequestQueue.sol";

contract RequestQueueTest is Test {
    using RequestQueue for RequestQueue.Queue;

    uint256 private constant PATIENCE = 1000;
    uint256 private constant SERVICE_TIME = 60;

    RequestQueue.Queue private queue;

    function test_packsTheHeadWordOfTheSpecification() external pure {
        RequestQueue.Request memory request = withdrawal(0xabcde, 0x0123456789abcdef);
        assertEq(
            RequestQueue.pack(request), 0x1234567890abcdef1234567890abcdef12345678_0123456789abcdef_abcde_3
        );
    }

    function test_requestsLeaveInTheOrderInWhichTheyCame() external {
        for (uint256 i = 0; i < 3; ++i) {
            (uint256 index,) = push(withdrawal(1, 10 + i));
            assertEq(index, i);
        }
        for (uint256 i = 0; i < 3; ++i) {
            (uint256 index, RequestQueue.Words memory words) = queue.pop();
            assertEq(index, i);
            assertEq(words.head, RequestQueue.pack(withdrawal(1, 10 + i)));
        }
        assertEq(queue.count, 3);
        assertEq(queue.consumed, 3);
    }

    function test_copiesTheHeadOfTheQueueIntoTheStream() external {
        push(withdrawal(1, 1));
        push(registration(7, 8));
        push(withdrawal(2, 2));
        push(forced(9, 10));
        queue.pop();
        uint256[] memory stream = new uint256[](11);
        queue.copyHead(3, stream, 1);
        assertEq(
            abi.encodePacked(stream),
            abi.encodePacked(
                uint256(0),
                [RequestQueue.pack(registration(7, 8)), 7, 8],
                [RequestQueue.pack(withdrawal(2, 2)), 0, 0],
                [RequestQueue.pack(forced(9, 10)), 9, 10],
                uint256(0)
            )
        );
    }

    function test_whatIsPoppedIsAllThatThereWasAndLeavesNothingBehind() external {
        push(registration(7, 8));
        push(forced(9, 10));
        push(change(11, 12));
        push(restriction(13, 14));
        for (uint256 i = 0; i < 4; ++i) {
            (, RequestQueue.Words memory popped) = queue.pop();
            assertEq(popped.data0, 7 + 2 * i);
            assertEq(popped.data1, 8 + 2 * i);
            RequestQueue.Words memory words = queue.words[i];
            assertEq(words.head, 0);
            assertEq(words.data0, 0);
            assertEq(words.data1, 0);
        }
    }

    function test_knowsWhereAForcedMessageIsTheLast() external {
        push(forced(9, 10));
        push(withdrawal(1, 1));
        push(forced(9, 10));
        assertFalse(queue.endsInMessage(0));
        assertTrue(queue.endsInMessage(1));
        queue.pop();
        assertFalse(queue.endsInMessage(0));
        assertFalse(queue.endsInMessage(1));
        assertTrue(queue.endsInMessage(2));
    }

    function test_aCancelledRequestLeavesItsPlaceEmpty() external {
        push(withdrawal(1, 1));
        push(registration(7, 8));
        assertEq(queue.cancel(1), RequestQueue.pack(registration(7, 8)));
        assertEq(queue.cancel(1), 0);
        assertEq(queue.words[1].data0, 0);
        assertEq(queue.cancel(2), 0);
        assertEq(queue.count, 2);
        assertEq(queue.consumed, 0);
    }

    function test_ticketsChainTheWordsOfTheQueue() external {
        (, RequestQueue.Ticket memory first) = push(registration(7, 8));
        (, RequestQueue.Ticket memory second) = push(withdrawal(2, 2));
        uint256[4] memory words = [uint256(0), RequestQueue.pack(registration(7, 8)), 7, 8];
        assertEq(first.queueHash, uint256(keccak256(abi.encode(words))) % 2 ** 176);
        words = [uint256(first.queueHash), RequestQueue.pack(withdrawal(2, 2)), 0, 0];
        assertEq(second.queueHash, uint256(keccak256(abi.encode(words))) % 2 ** 176);
        queue.pop();
        assertEq(queue.hashAt(0), 0);
        assertEq(queue.hashAt(1), first.queueHash);
        assertEq(queue.hashAt(2), second.queueHash);
    }

    function test_aBurstOfRequestsGetsItsDeadlinesOneAfterTheOther() external {
        for (uint256 i = 0; i < 3; ++i) {
            (, RequestQueue.Ticket memory ticket) = push(withdrawal(1, 1));
            assertEq(ticket.deadline, vm.getBlockTimestamp() + PATIENCE + i * SERVICE_TIME);
        }
        skip(2 * SERVICE_TIME);
        (, RequestQueue.Ticket memory late) = push(withdrawal(1, 1));
        assertEq(late.queuedAt, vm.getBlockTimestamp());
        assertEq(late.deadline, vm.getBlockTimestamp() + PATIENCE + SERVICE_TIME);
        skip(SERVICE_TIME + 1);
        (, late) = push(withdrawal(1, 1));
        assertEq(late.deadline, vm.getBlockTimestamp() + PATIENCE + SERVICE_TIME - 1);
        skip(SERVICE_TIME);
        (, late) = push(withdrawal(1, 1));
        assertEq(late.deadline, vm.getBlockTimestamp() + PATIENCE + SERVICE_TIME - 1);
        skip(2 * SERVICE_TIME);
        (, late) = push(withdrawal(1, 1));
        assertEq(late.deadline, vm.getBlockTimestamp() + PATIENCE);
    }

    function test_theHeadIsOverdueAfterItsDeadlineAndNotWithinIt() external {
        uint256 deadline = vm.getBlockTimestamp() + PATIENCE;
        assertFalse(queue.isOverdue(type(uint256).max));
        push(withdrawal(1, 1));
        push(withdrawal(1, 1));
        assertFalse(queue.isOverdue(deadline));
        assertTrue(queue.isOverdue(deadline + 1));
        queue.pop();
        assertFalse(queue.isOverdue(deadline + SERVICE_TIME));
        assertTrue(queue.isOverdue(deadline + SERVICE_TIME + 1));
        queue.pop();
        assertFalse(queue.isOverdue(type(uint256).max));
    }

    function test_countsTheRequestsThatAreOldEnough() external {
        uint256 start = vm.getBlockTimestamp();
        for (uint256 i = 0; i < 5; ++i) {
            push(withdrawal(1, 1));
            skip(10);
        }
        queue.pop();
        assertEq(queue.agedPrefix(0, 9, start + 9), 0);
        assertEq(queue.agedPrefix(0, 9, start + 10), 1);
        assertEq(queue.agedPrefix(0, 9, start + 29), 2);
        assertEq(queue.agedPrefix(0, 9, start + 99), 4);
        assertEq(queue.agedPrefix(0, 3, start + 99), 3);
        assertEq(queue.agedPrefix(2, 9, start), 2);
        assertEq(queue.agedPrefix(4, 3, start + 99), 4);
    }

    function test_onlyTheDepositOfAnAccountHasAnOwnerToGoBackTo() external pure {
        for (uint256 kind = 1; kind <= 6; ++kind) {
            uint256 head = RequestQueue.pack(RequestQueue.Request(kind, 7, address(7), 70, 0, 0));
            assertEq(RequestQueue.depositOf(head), kind == 1 ? 70 : 0);
            head = RequestQueue.pack(RequestQueue.Request(kind, 0, address(1), 70, 0, 0));
            assertEq(RequestQueue.depositOf(head), 0, "nobody owns the insurance fund");
        }
    }

    function testFuzz_theHeadWordGivesBackItsParts(
        uint256 kind,
        uint256 account,
        uint64 amount,
        address owner
    ) external pure {
        kind = bound(kind, 1, 6);
        account = bound(account, 0, 2 ** 20 - 1);
        uint256 head = RequestQueue.pack(RequestQueue.Request(kind, account, owner, amount, 0, 0));
        assertLt(head, Constants.FIELD_MODULUS);
        assertEq(RequestQueue.kindOf(head), kind);
        assertEq(RequestQueue.accountOf(head), account);
        assertEq(RequestQueue.amountOf(head), amount);
        assertEq(RequestQueue.ownerOf(head), owner);
    }

    function push(RequestQueue.Request memory request) private returns (uint256, RequestQueue.Ticket memory) {
        return queue.push(request, PATIENCE, SERVICE_TIME);
    }

    function withdrawal(uint256 account, uint256 amount) private pure returns (RequestQueue.Request memory) {
        address owner = 0x1234567890AbcdEF1234567890aBcdef12345678;
        return RequestQueue.Request(Constants.REQUEST_KIND_WITHDRAW, account, owner, amount, 0, 0);
    }

    function forced(uint256 w0, uint256 w1) private pure returns (RequestQueue.Request memory) {
        return RequestQueue.Request(Constants.REQUEST_KIND_MESSAGE, 1, address(1), 0, w0, w1);
    }

    function change(uint256 configurationHash, uint256 verifier)
        private
        pure
        returns (RequestQueue.Request memory)
    {
        return RequestQueue.Request(
            Constants.REQUEST_KIND_CHANGE, 0, address(1), 0, configurationHash, verifier
        );
    }

    /// @dev The contract queues none with a second word; the queue would keep it.
    function restriction(uint256 word, uint256 second) private pure returns (RequestQueue.Request memory) {
        return RequestQueue.Request(Constants.REQUEST_KIND_RESTRICT, 0, address(1), 0, word, second);
    }

    function registration(uint256 x, uint256 y) private pure returns (RequestQueue.Request memory) {
        return RequestQueue.Request(Constants.REQUEST_KIND_REGISTER_KEY, 1, address(1), 0, x, y);
    }
}
