// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IBatchSettlement} from "../src/interfaces/IBatchSettlement.sol";
import {Constants} from "../src/libraries/Constants.sol";
import {RollupFixture} from "./utils/RollupFixture.sol";

/// @notice What a proven batch does
contract RollupSubmitBatchTest is RollupFixture {
    function test_advancesTheState() external {
        Draft memory draft = nextBatch(0);
        prove(draft);
        vm.expectEmit(address(rollup));
        emit IBatchSettlement.BatchFinalized(1, STATE_ROOT + 1, 20_001, 30_001, 40_001, 1, 5, START);
        send(draft);

        assertEq(rollup.stateRoot(), STATE_ROOT + 1);
        assertEq(rollup.exitRoot(), 20_001);
        assertEq(rollup.feePool(), 50_001);
        assertEq(rollup.batchCount(), 1);
        assertEq(rollup.nextSequence(), 6);
        assertEq(rollup.lastTimestamp(), START);
        assertEq(rollup.requestsConsumed(), 0);
    }

    function test_keepsADigestOfLogRootFirstSequenceAndEpochOfEachBatch() external {
        submit(nextBatch(0));
        skip(60);
        submit(nextBatch(0));
        assertEq(rollup.batchDigest(0), 0);
        assertEq(rollup.batchDigest(1), keccak256(abi.encode(40_001, 1, 30_001)));
        assertEq(rollup.batchDigest(2), keccak256(abi.encode(40_002, 6, 30_002)));
        assertEq(rollup.batchDigest(3), 0);
    }

    function test_aConsumedDepositIsNoLongerPending() external {
        depositAs(alice, 30);
        depositAs(bob, 12);
        submit(nextBatch(1));
        assertEq(rollup.pendingDeposits(), 12);
        assertEq(rollup.vaultBalance(), 42);
    }

    function test_aBatchMayHaveNoMessages() external {
        Draft memory draft = nextBatch(0);
        setCounts(draft, 0);
        submit(draft);
        assertEq(rollup.nextSequence(), 1);
        assertEq(rollup.batchCount(), 1);
    }

    /// @dev It is signed; the circuit gives it its range, and the contract keeps nothing of it.
    function test_theFundingPoolMayBeAnyWordOfTheField() external {
        uint256[3] memory pools = [0, P / 2 + 1, P - 1];
        for (uint256 i = 0; i < pools.length; ++i) {
            Draft memory draft = nextBatch(0);
            draft.header[Constants.HEADER_FUNDING_POOL] = pools[i];
            submit(draft);
            skip(60);
        }
        assertEq(rollup.batchCount(), 3);
    }

    function test_settlesRequestsInQueueOrder() external {
        depositAs(alice, 100e6);
        registerAs(alice, KEY_X, KEY_Y);
        withdrawAs(alice, 30e6);
        depositAs(bob, 50e6);
        Draft memory draft = nextBatch(3);
        draft.outcomes[1] = outcome(1, 0);
        draft.outcomes[2] = outcome(0, 25e6);
        prove(draft);

        vm.expectEmit(address(rollup));
        emit IBatchSettlement.RequestSettled(0, 0, 0);
        vm.expectEmit(address(rollup));
        emit IBatchSettlement.RequestSettled(1, 1, 0);
        vm.expectEmit(address(rollup));
        emit IBatchSettlement.RequestSettled(2, 0, 25e6);
        send(draft);

        assertEq(rollup.requestsConsumed(), 3);
        assertEq(rollup.claimable(alice), 25e6);
        assertEq(rollup.claimable(bob), 0);
    }

    function test_consumedRequestsLeaveStorageAndWaitingOnesStay() external {
        registerAs(alice, KEY_X, KEY_Y);
        registerAs(bob, KEY_X, KEY_Y);
        submit(nextBatch(1));
        assertRequest(0, 0, 0, 0);
        assertRequest(1, headWord(2, 2, 0, bob), KEY_X, KEY_Y);
    }

    function test_theNextBatchTakesTheRequestsThatWait() external {
        depositAs(alice, 1);
        depositAs(bob, 2);
        submit(nextBatch(1));
        skip(1);
        Draft memory draft = nextBatch(1);
        assertEq(draft.header[Constants.HEADER_REQUESTS_BEGIN], 1);
        submit(draft);
        assertEq(rollup.requestsConsumed(), 2);
    }

    /// @dev About the reference batch: 16 requests, 8 accounts with three words each, one market with four.
    function test_aBatchOfReferenceSize() external {
        for (uint256 i = 0; i < 8; ++i) {
            depositAs(alice, 1e6);
            registerAs(bob, KEY_X, KEY_Y);
        }
        Draft memory draft = nextBatch(16);
        draft.records = new uint256[](37);
        for (uint256 i = 0; i < 37; ++i) {
            draft.records[i] = P - 1 - i;
        }
        setCounts(draft, 32);
        submit(draft);
        assertEq(rollup.requestsConsumed(), 16);
        assertEq(rollup.nextSequence(), 33);
    }
}
