// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IExitHatch} from "../src/interfaces/IExitHatch.sol";
import {ExitFixture} from "./utils/ExitFixture.sol";

/// @notice What exits are worth: within the window equals among equals, later what is left, the operator last
contract RollupExitTest is ExitFixture {
    function test_anExitOfTheWindowIsPaidInFullWhenThePotCoversAllClaims() external {
        freezeBySilence();
        proveExit(ALICE, alice, 550);
        vm.expectEmit(address(rollup));
        emit IExitHatch.ExitRegistered(ALICE, alice, 550);
        vm.prank(bob);
        rollup.exit(ALICE, alice, 550, proof());
        assertExit(ALICE, alice, 550, false);
        assertEq(rollup.exitClaims(), 550);
        assertEq(received(alice, 600), 0);

        closeExitWindow();
        vm.expectEmit(address(rollup));
        emit IExitHatch.ExitPaid(ALICE, alice, 550, 550);
        vm.prank(bob);
        assertEq(rollup.payExit(ALICE), 550);
        assertExit(ALICE, alice, 550, true);
        assertEq(received(alice, 600), 550);
        assertEq(rollup.vaultBalance(), POT - 550);
    }

    /// @dev Claims of 1,500 share 1,000: two thirds each, rounded down; the last unit stays.
    function test_exitsShareThePotWhenTheClaimsExceedIt() external {
        freezeBySilence();
        exitFor(ALICE, alice, 1_000);
        exitFor(BOB, bob, 500);
        closeExitWindow();
        assertEq(rollup.payExit(BOB), 333);
        assertEq(rollup.payExit(ALICE), 666);
        assertEq(rollup.exitRemainder(), 0);
        assertEq(rollup.vaultBalance(), 1);
    }

    function test_theWindowIsOpenInItsLastSecondAndClosedAfterIt() external {
        freezeBySilence();
        uint256 end = rollup.frozenAt() + 14 days;
        vm.warp(end);
        exitFor(ALICE, alice, 100);
        assertExit(ALICE, alice, 100, false);
        vm.expectRevert(abi.encodeWithSelector(IExitHatch.TooEarly.selector, end));
        rollup.payExit(ALICE);
        vm.warp(end + 1);
        exitFor(BOB, bob, 100);
        assertExit(BOB, bob, 100, true);
        rollup.payExit(ALICE);
    }

    function test_aLateExitIsPaidAtOnceFromWhatIsLeft() external {
        freezeBySilence();
        exitFor(ALICE, alice, 700);
        closeExitWindow();
        assertEq(rollup.exitRemainder(), 300);
        proveExit(BOB, bob, 250);
        vm.expectEmit(address(rollup));
        emit IExitHatch.ExitPaid(BOB, bob, 250, 250);
        rollup.exit(BOB, bob, 250, proof());
        assertEq(received(bob, 400), 250);
        assertEq(rollup.exitRemainder(), 50);
        assertEq(rollup.exitClaims(), 700, "the ratio of the window stands");
        assertEq(rollup.payExit(ALICE), 700);
    }

    function test_lateExitsAreServedInTheirOrderUntilNothingIsLeft() external {
        freezeBySilence();
        exitFor(ALICE, alice, 700);
        closeExitWindow();
        exitFor(BOB, bob, 200);
        exitFor(3, makeAddr("carol"), 200);
        assertEq(token.balanceOf(makeAddr("carol")), 100);
        proveExit(4, makeAddr("dave"), 1);
        vm.expectRevert(IExitHatch.NothingLeft.selector);
        rollup.exit(4, makeAddr("dave"), 1, proof());
        assertExit(4, address(0), 0, false);
        assertEq(rollup.payExit(ALICE), 700);
        assertEq(rollup.vaultBalance(), 0);
    }

    function test_theOperatorIsPaidLastAndOnce() external {
        freezeBySilence();
        exitFor(ALICE, alice, 600);
        closeLateWindow();
        vm.expectEmit(address(rollup));
        emit IExitHatch.FeePoolSettled(FEE_POOL);
        rollup.payFeePool();
        assertEq(token.balanceOf(operator), FEE_POOL);
        assertEq(rollup.exitRemainder(), 400 - FEE_POOL);
        vm.expectRevert(IExitHatch.FeePoolPaid.selector);
        rollup.payFeePool();
        assertEq(rollup.payExit(ALICE), 600);
    }

    function test_theOperatorGetsNoMoreThanWhatIsLeft() external {
        freezeBySilence();
        exitFor(ALICE, alice, 600);
        exitFor(BOB, bob, 390);
        closeLateWindow();
        assertEq(rollup.payFeePool(), 10);
        assertEq(rollup.payExit(ALICE) + rollup.payExit(BOB), 990);
        assertEq(rollup.vaultBalance(), 0);
    }

    function test_theOperatorGetsNothingWhenClaimsTakeAll() external {
        freezeBySilence();
        exitFor(ALICE, alice, 2_000);
        closeLateWindow();
        vm.expectRevert(IExitHatch.NothingLeft.selector);
        rollup.payFeePool();
    }

    function test_anExitOfNothingIsNoExit() external {
        freezeBySilence();
        proveExit(ALICE, alice, 0);
        vm.expectRevert(abi.encodeWithSelector(IExitHatch.NoEquity.selector, ALICE));
        rollup.exit(ALICE, alice, 0, proof());
    }

    function test_theLargestClaimsOverflowNothing() external {
        freezeBySilence();
        for (uint32 account = 1; account <= 3; ++account) {
            exitFor(account, vm.addr(account), type(uint64).max);
        }
        closeExitWindow();
        for (uint32 account = 1; account <= 3; ++account) {
            assertEq(rollup.payExit(account), POT / 3);
        }
    }

    /// @dev Whatever the claims and the order of payment: equal ratios, rounded down, and never more than the pot.
    function testFuzz_everyExitOfTheWindowGetsTheSameRatio(uint64[4] memory claims, uint256 order) external {
        freezeBySilence();
        uint256 total = 0;
        for (uint32 i = 0; i < 4; ++i) {
            claims[i] = uint64(bound(claims[i], 1, 2 * POT));
            total += claims[i];
            exitFor(i + 1, vm.addr(i + 1), claims[i]);
        }
        closeExitWindow();
        uint256 paid = 0;
        for (uint256 i = 0; i < 4; ++i) {
            uint256 place = (order % 4 + 3 * i) % 4;
            uint256 amount = rollup.payExit(place + 1);
            assertEq(amount, total <= POT ? claims[place] : claims[place] * POT / total);
            paid += amount;
        }
        assertLe(paid, POT);
        assertGe(paid + 4, total < POT ? total : POT);
    }
}
