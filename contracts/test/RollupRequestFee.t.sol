// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";
import {Rollup} from "../src/Rollup.sol";
import {IBatchSettlement} from "../src/interfaces/IBatchSettlement.sol";
import {IRequestInbox} from "../src/interfaces/IRequestInbox.sol";
import {IRollupState} from "../src/interfaces/IRollupState.sol";
import {RollupFixture} from "./utils/RollupFixture.sol";

contract RollupRequestFeeTest is RollupFixture {
    function test_everyRequestCostsTheFeeToTheWei() external {
        depositAs(alice, 100);
        (uint256 w0, uint256 w1) = orderWords(1);
        bytes[7] memory requests = [
            abi.encodeCall(rollup.deposit, (1)),
            abi.encodeCall(rollup.registerKey, (KEY_X, KEY_Y)),
            abi.encodeCall(rollup.withdraw, (1)),
            abi.encodeCall(rollup.forceMessage, (w0, w1)),
            abi.encodeCall(rollup.liquidate, (alice, 0, true, 7)),
            abi.encodeCall(rollup.insure, (1)),
            abi.encodeCall(rollup.unwind, (0, true, 1, 7))
        ];
        for (uint256 i = 0; i < requests.length; ++i) {
            refuse(requests[i], 0);
            refuse(requests[i], FEE - 1);
            refuse(requests[i], FEE + 1);
        }
        assertEq(rollup.requestCount(), 1);
    }

    function test_theFeeWaitsInTheContractUntilTheRequestIsConsumed() external {
        depositAs(alice, 100);
        depositAs(bob, 100);
        assertEq(address(rollup).balance, 2 * FEE);
        assertEq(rollup.earnedFees(), 0);
        vm.expectRevert(IBatchSettlement.NoFeesEarned.selector);
        rollup.collectFees();
        submit(nextBatch(1));
        assertEq(rollup.earnedFees(), FEE);
    }

    function test_anyoneSendsTheOperatorItsFeesAndOnlyOnce() external {
        depositAs(alice, 100);
        depositAs(bob, 100);
        submit(nextBatch(1));
        vm.expectEmit(address(rollup));
        emit IBatchSettlement.FeesCollected(FEE);
        vm.prank(bob);
        assertEq(rollup.collectFees(), FEE);
        assertEq(operator.balance, FEE);
        vm.expectRevert(IBatchSettlement.NoFeesEarned.selector);
        rollup.collectFees();
        skip(1);
        submit(nextBatch(1));
        assertEq(rollup.collectFees(), FEE);
        assertEq(address(rollup).balance, 0);
    }

    function test_anOperatorThatTakesNoWeiStopsNothingElse() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.operator = address(token);
        rollup = new Rollup(parameters);
        fund(alice);
        depositAs(alice, 100);
        Draft memory draft = nextBatch(1);
        prove(draft);
        vm.prank(address(token));
        rollup.submitBatch(operatorWords(draft), draft.commitment, proof());
        vm.expectRevert(Errors.FailedCall.selector);
        rollup.collectFees();
        assertEq(rollup.earnedFees(), FEE);
    }

    function test_aRollupMayAskForNoFee() external {
        IRollupState.Deployment memory parameters = deployment(token);
        parameters.requestFee = 0;
        rollup = new Rollup(parameters);
        vm.prank(alice);
        rollup.registerKey(KEY_X, KEY_Y);
        submit(nextBatch(1));
        assertEq(rollup.earnedFees(), 0);
    }

    /// @dev Wei that no function asked for would belong to nobody.
    function test_takesNoWeiWithoutARequest() external {
        (bool taken,) = address(rollup).call{value: 1}("");
        assertFalse(taken);
    }

    function refuse(bytes memory request, uint256 value) private {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.WrongRequestFee.selector, value, FEE));
        (bool reverted,) = address(rollup).call{value: value}(request);
        assertTrue(reverted, "the call reverted as expected");
    }
}
