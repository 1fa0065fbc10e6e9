// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";
import {IExitHatch} from "../src/interfaces/IExitHatch.sol";
import {IWeiLedger} from "../src/interfaces/IWeiLedger.sol";
import {ExitFixture} from "./utils/ExitFixture.sol";

/// @notice What no batch consumed goes back to whom it came from
contract RollupRefundTest is ExitFixture {
    function test_aPendingDepositGoesBackWithItsFee() external {
        depositAs(bob, 30);
        freezeBySilence();
        vm.expectEmit(address(rollup));
        emit IExitHatch.RequestRefunded(2, bob, 30);
        vm.prank(alice);
        rollup.refund(2);
        assertEq(token.balanceOf(bob), FUNDS - 400);
        assertEq(rollup.pendingDeposits(), 0);
        assertEq(rollup.vaultBalance(), POT);
        assertEq(rollup.weiOwed(bob), FEE);

        uint256 balance = bob.balance;
        vm.expectEmit(address(rollup));
        emit IWeiLedger.WeiCollected(bob, FEE);
        rollup.collectWei(bob);
        assertEq(bob.balance, balance + FEE);
        vm.expectRevert(abi.encodeWithSelector(IWeiLedger.NothingToCollect.selector, bob));
        rollup.collectWei(bob);
    }

    function test_otherRequestsGiveBackTheirFeeAlone() external {
        registerAs(alice, KEY_X, KEY_Y);
        withdrawAs(alice, 50);
        forceOrderAs(alice);
        freezeBySilence();
        rollup.refund(2);
        rollup.refund(3);
        rollup.refund(4);
        assertEq(rollup.weiOwed(alice), 3 * FEE);
        assertRequest(4, 0, 0, 0);
        assertEq(received(alice, 600), 0);
        assertEq(rollup.vaultBalance(), POT);
    }

    /// @dev The queue keeps whom a request is about, not who paid for it.
    function test_theFeeOfALiquidationGoesToTheAccountsOwner() external {
        liquidateAs(bob, alice);
        freezeBySilence();
        rollup.refund(2);
        assertEq(rollup.weiOwed(alice), FEE);
        assertEq(rollup.weiOwed(bob), 0);
    }

    /// @dev Nobody's requests have an owner whose wei nobody collects.
    function test_theFeesOfWhatConcernsTheFundAreNobodys() external {
        unwindAs(bob, 0, true, 1, 7);
        restrictAs(operator, 1, 100);
        freezeBySilence();
        rollup.refund(2);
        rollup.refund(3);
        assertEq(rollup.weiOwed(address(1)), 2 * FEE);
        assertEq(rollup.weiOwed(bob), 0);
        assertEq(rollup.vaultBalance(), POT);
    }

    function test_aRequestIsRefundedOnce() external {
        depositAs(bob, 30);
        freezeBySilence();
        rollup.refund(2);
        refuse(2);
        assertEq(rollup.weiOwed(bob), FEE);
    }

    function test_aConsumedRequestIsNotRefunded() external {
        depositAs(bob, 30);
        freezeBySilence();
        refuse(0);
        refuse(1);
        refuse(3);
        refuse(type(uint256).max);
    }

    function test_refundsNeedNoOrder() external {
        depositAs(alice, 1);
        depositAs(bob, 2);
        depositAs(alice, 3);
        freezeBySilence();
        rollup.refund(4);
        rollup.refund(2);
        rollup.refund(3);
        assertEq(rollup.pendingDeposits(), 0);
        assertEq(rollup.vaultBalance(), POT);
    }

    function test_exitsDoNotTouchPendingDeposits() external {
        depositAs(bob, 30);
        freezeBySilence();
        exitFor(ALICE, alice, 5_000);
        closeExitWindow();
        rollup.payExit(ALICE);
        assertEq(rollup.vaultBalance(), 30);
        rollup.refund(2);
        assertEq(rollup.vaultBalance(), 0);
    }

    function test_anOwnerThatTakesNoWeiStillGetsItsDeposit() external {
        address stubborn = address(token);
        token.mint(stubborn, 40);
        vm.deal(stubborn, FEE);
        vm.prank(stubborn);
        token.approve(address(rollup), 40);
        depositAs(stubborn, 40);
        freezeBySilence();
        rollup.refund(2);
        assertEq(token.balanceOf(stubborn), 40);
        vm.expectRevert(Errors.FailedCall.selector);
        rollup.collectWei(stubborn);
        assertEq(rollup.weiOwed(stubborn), FEE);
    }

    function refuse(uint256 index) private {
        vm.expectRevert(abi.encodeWithSelector(IExitHatch.NotRefundable.selector, index));
        rollup.refund(index);
    }
}
