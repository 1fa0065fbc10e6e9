// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {Constants} from "../../src/libraries/Constants.sol";
import {RequestQueue} from "../../src/libraries/RequestQueue.sol";

contract RequestQueueTest is Test {
    using RequestQueue for RequestQueue.Queue;

    RequestQueue.Queue private queue;

    function test_packsTheHeadWordOfTheSpecification() external pure {
        RequestQueue.Request memory request = withdrawal(0xabcde, 0x0123456789abcdef);
        assertEq(
            RequestQueue.pack(request), 0x1234567890abcdef1234567890abcdef12345678_0123456789abcdef_abcde_3
        );
    }

    function test_requestsLeaveInTheOrderInWhichTheyCame() external {
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(queue.push(withdrawal(1, 10 + i)), i);
        }
        for (uint256 i = 0; i < 3; ++i) {
            (uint256 index, uint256 head) = queue.pop();
            assertEq(index, i);
            assertEq(RequestQueue.amountOf(head), 10 + i);
        }
        assertEq(queue.count, 3);
        assertEq(queue.consumed, 3);
    }

    function test_copiesTheHeadOfTheQueueIntoTheStream() external {
        queue.push(withdrawal(1, 1));
        queue.push(registration(7, 8));
        queue.push(withdrawal(2, 2));
        queue.pop();
        uint256[] memory stream = new uint256[](8);
        queue.copyHead(2, stream, 1);
        assertEq(
            abi.encodePacked(stream),
            abi.encodePacked(
                uint256(0),
                [RequestQueue.pack(registration(7, 8)), 7, 8],
                [RequestQueue.pack(withdrawal(2, 2)), 0, 0],
                uint256(0)
            )
        );
    }

    function test_aPoppedKeyLeavesNothingBehind() external {
        queue.push(registration(7, 8));
        queue.pop();
        RequestQueue.Words memory words = queue.words[0];
        assertEq(words.head, 0);
        assertEq(words.keyX, 0);
        assertEq(words.keyY, 0);
    }

    function testFuzz_theHeadWordGivesBackItsParts(
        uint256 kind,
        uint256 account,
        uint64 amount,
        address owner
    ) external pure {
        kind = bound(kind, 1, 3);
        account = bound(account, 0, 2 ** 20 - 1);
        uint256 head = RequestQueue.pack(RequestQueue.Request(kind, account, owner, amount, 0, 0));
        assertLt(head, Constants.FIELD_MODULUS);
        assertEq(RequestQueue.kindOf(head), kind);
        assertEq((head >> 4) & (2 ** 20 - 1), account);
        assertEq(RequestQueue.amountOf(head), amount);
        assertEq(RequestQueue.ownerOf(head), owner);
    }

    function withdrawal(uint256 account, uint256 amount) private pure returns (RequestQueue.Request memory) {
        address owner = 0x1234567890AbcdEF1234567890aBcdef12345678;
        return RequestQueue.Request(Constants.REQUEST_KIND_WITHDRAW, account, owner, amount, 0, 0);
    }

    function registration(uint256 x, uint256 y) private pure returns (RequestQueue.Request memory) {
        return RequestQueue.Request(Constants.REQUEST_KIND_REGISTER_KEY, 1, address(1), 0, x, y);
    }
}
