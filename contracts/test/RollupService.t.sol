// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IBatchSettlement} from "../src/interfaces/IBatchSettlement.sol";
import {IRequestInbox} from "../src/interfaces/IRequestInbox.sol";
import {Constants} from "../src/libraries/Constants.sol";
import {RollupFixture} from "./utils/RollupFixture.sol";

/// @notice The queue is served: tickets say until when, and a batch takes what it has room for
contract RollupServiceTest is RollupFixture {
    function test_aTicketSaysWhenAndUntilWhenAndWhichQueue() external {
        depositAs(alice, 7);
        skip(5);
        registerAs(bob, KEY_X, KEY_Y);
        uint176 first = chain(0, headWord(1, 1, 7, alice), 0, 0);
        uint176 second = chain(first, headWord(2, 2, 0, bob), KEY_X, KEY_Y);
        assertTicket(0, START, START + 3 days, first);
        assertTicket(1, START + 5, START + 3 days + 60, second);
        assertEq(rollup.queueHashAt(0), 0);
        assertEq(rollup.queueHashAt(1), first);
        assertEq(rollup.queueHashAt(2), second);
    }

    function test_ticketsOutliveTheirRequests() external {
        depositAs(alice, 7);
        uint176 queueHash = rollup.queueHashAt(1);
        submit(nextBatch(1));
        assertTicket(0, START, START + 3 days, queueHash);
        assertEq(rollup.queueHashAt(1), queueHash);
    }

    function test_aQueueThatIsNotThereHasNoHash() external {
        depositAs(alice, 7);
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.RequestNotQueued.selector, 1, 1));
        rollup.queueHashAt(2);
        assertTicket(1, 0, 0, 0);
    }

    function test_anyChangeOfAnyRequestChangesTheHashOfTheQueue() external {
        uint256 snapshot = vm.snapshotState();
        depositAs(alice, 7);
        depositAs(alice, 7);
        uint176 queueHash = rollup.queueHashAt(2);
        vm.revertToState(snapshot);
        depositAs(alice, 8);
        depositAs(alice, 7);
        assertNotEq(rollup.queueHashAt(2), queueHash);
    }

    function test_aBatchMayLeaveRequestsThatAreYoungerThanPatience() external {
        depositAs(alice, 1);
        vm.warp(START + 1 hours - 1);
        submit(nextBatch(0));
        assertEq(rollup.requestsConsumed(), 0);
    }

    function test_aBatchTakesRequestsAsOldAsPatience() external {
        depositAs(alice, 1);
        depositAs(bob, 1);
        skip(1);
        depositAs(bob, 1);
        vm.warp(START + 1 hours);
        refuse(0, 2);
        refuse(1, 2);
        submit(nextBatch(2));
    }

    /// @dev The clock that counts is the batch's own, which may lag: the operator fixed it when it chose the requests.
    function test_requestsAreOldByTheTimestampOfTheBatch() external {
        depositAs(alice, 1);
        skip(2 hours);
        Draft memory draft = nextBatch(0);
        draft.header[Constants.HEADER_TIMESTAMP] = START + 1 hours;
        prove(draft);
        vm.expectRevert(abi.encodeWithSelector(IBatchSettlement.TooFewRequests.selector, 0, 1));
        send(draft);
        skip(1 hours - 1);
        depositAs(bob, 1);
        submit(nextBatch(1));
        assertEq(rollup.requestsConsumed(), 1);
    }

    function test_aFullBatchMayLeaveOldRequests() external {
        for (uint256 i = 0; i < REQUESTS_PER_BATCH + 1; ++i) {
            depositAs(alice, 1);
        }
        skip(2 hours);
        refuse(REQUESTS_PER_BATCH - 1, REQUESTS_PER_BATCH);
        submit(nextBatch(REQUESTS_PER_BATCH));
        skip(1);
        refuse(0, 1);
    }

    /// @dev What surely fits is a floor: a circuit may have room for more.
    function test_aBatchMayTakeMoreThanWhatSurelyFits() external {
        for (uint256 i = 0; i < REQUESTS_PER_BATCH + 2; ++i) {
            depositAs(alice, 1);
        }
        skip(2 hours);
        submit(nextBatch(REQUESTS_PER_BATCH + 1));
        assertEq(rollup.requestsConsumed(), REQUESTS_PER_BATCH + 1);
    }

    /// @dev The circuit takes nothing after a forced message, so a batch that ends in one has done what it can.
    function test_aBatchThatEndsInAForcedMessageMayLeaveOldRequests() external {
        depositAs(alice, 1);
        forceOrderAs(alice);
        withdrawAs(alice, 1);
        forceOrderAs(alice);
        forceOrderAs(alice);
        skip(2 hours);
        refuse(0, 5);
        refuse(1, 5);
        refuse(3, 5);
        submit(nextBatch(2));
        skip(1);
        refuse(0, 3);
        refuse(1, 3);
        submit(nextBatch(2));
        skip(1);
        refuse(0, 1);
        submit(nextBatch(1));
        assertEq(rollup.requestsConsumed(), 5);
    }

    /// @dev The last request that was consumed counts, neither the next one nor the last of the batch before.
    function test_aForcedMessageExcusesOnlyTheBatchThatEndsInIt() external {
        depositAs(alice, 1);
        forceOrderAs(alice);
        depositAs(bob, 1);
        depositAs(bob, 1);
        submit(nextBatch(2));
        skip(2 hours);
        refuse(0, 2);
        refuse(1, 2);
        submit(nextBatch(2));
    }

    /// @dev A liquidation is a forced message, whoever asked for it.
    function test_aBatchThatEndsInALiquidationMayLeaveOldRequests() external {
        depositAs(alice, 1);
        liquidateAs(bob, alice);
        depositAs(bob, 1);
        skip(2 hours);
        refuse(0, 3);
        refuse(1, 3);
        submit(nextBatch(2));
        skip(1);
        refuse(0, 1);
        submit(nextBatch(1));
        assertEq(rollup.requestsConsumed(), 3);
    }

    function refuse(uint256 requests, uint256 required) private {
        Draft memory draft = nextBatch(requests);
        prove(draft);
        vm.expectRevert(abi.encodeWithSelector(IBatchSettlement.TooFewRequests.selector, requests, required));
        send(draft);
    }

    function assertTicket(uint256 index, uint256 queuedAt, uint256 deadline, uint256 queueHash) private view {
        (uint40 actualQueuedAt, uint40 actualDeadline, uint176 actualHash) = rollup.ticket(index);
        assertEq(actualQueuedAt, queuedAt, "queued at");
        assertEq(actualDeadline, deadline, "deadline");
        assertEq(actualHash, queueHash, "queue hash");
    }
}
