// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Rollup} from "../src/Rollup.sol";
import {MoodyToken} from "./mocks/MoodyToken.sol";
import {ExitFixture} from "./utils/ExitFixture.sol";

/// @notice A payment that the token refuses stops nothing but itself, and can be made when the token has changed its mind
contract RollupMoodyTokenTest is ExitFixture {
    MoodyToken private moody;

    function setUp() public override {
        super.setUp();
        moody = new MoodyToken();
        rollup = new Rollup(deployment(moody));
        address[2] memory owners = [alice, bob];
        for (uint256 i = 0; i < 2; ++i) {
            moody.mint(owners[i], FUNDS);
            vm.prank(owners[i]);
            moody.approve(address(rollup), FUNDS);
        }
        trade();
    }

    function test_aBannedOwnerBlocksNoOtherExit() external {
        freezeBySilence();
        exitFor(ALICE, alice, 600);
        exitFor(BOB, bob, 400);
        closeExitWindow();
        moody.ban(alice, true);
        expectBanned(alice);
        rollup.payExit(ALICE);
        assertExit(ALICE, alice, 600, false);
        assertEq(rollup.payExit(BOB), 400);
        moody.ban(alice, false);
        assertEq(rollup.payExit(ALICE), 600);
    }

    function test_aBannedOwnerBlocksNoOtherClaim() external {
        withdrawAs(alice, 10);
        withdrawAs(bob, 10);
        skip(1);
        Draft memory draft = nextBatch(2);
        draft.outcomes[0] = outcome(0, 10);
        draft.outcomes[1] = outcome(0, 10);
        moody.ban(alice, true);
        submit(draft);
        expectBanned(alice);
        rollup.claim(alice);
        rollup.claim(bob);
        moody.ban(alice, false);
        rollup.claim(alice);
        assertEq(rollup.vaultBalance(), POT - 20);
    }

    function test_aBannedOwnerBlocksNoOtherRefund() external {
        depositAs(alice, 30);
        depositAs(bob, 20);
        freezeBySilence();
        moody.ban(alice, true);
        expectBanned(alice);
        rollup.refund(2);
        assertEq(rollup.weiOwed(alice), 0, "all of a refund or nothing");
        rollup.refund(3);
        moody.ban(alice, false);
        rollup.refund(2);
        assertEq(rollup.weiOwed(alice), FEE);
        assertEq(rollup.pendingDeposits(), 0);
    }

    function test_aBannedOwnerMayExitLateOnceItIsPardoned() external {
        freezeBySilence();
        closeExitWindow();
        moody.ban(alice, true);
        proveExit(ALICE, alice, 600);
        expectBanned(alice);
        rollup.exit(ALICE, alice, 600, proof());
        moody.ban(alice, false);
        rollup.exit(ALICE, alice, 600, proof());
        assertExit(ALICE, alice, 600, true);
    }

    function test_aPausedTokenStopsNeitherBatchesNorFreezeNorRegistrationOfExits() external {
        withdrawAs(alice, 10);
        moody.set(MoodyToken.Mood.Paused);
        skip(1);
        submit(nextBatch(1));
        freezeBySilence();
        exitFor(ALICE, alice, 600);
        closeExitWindow();
        vm.expectRevert(MoodyToken.TokenPaused.selector);
        rollup.payExit(ALICE);
        moody.set(MoodyToken.Mood.Kind);
        assertEq(rollup.payExit(ALICE), 600);
    }

    function test_aBannedOperatorKeepsItsFeePoolForLater() external {
        freezeBySilence();
        closeLateWindow();
        moody.ban(operator, true);
        expectBanned(operator);
        rollup.payFeePool();
        moody.ban(operator, false);
        assertEq(rollup.payFeePool(), FEE_POOL);
    }

    function test_aTokenThatAnswersNothingIsTakenAtItsWord() external {
        moody.set(MoodyToken.Mood.Silent);
        depositAs(alice, 5);
        freezeBySilence();
        rollup.refund(2);
        assertEq(moody.balanceOf(alice), FUNDS - 600);
    }

    function test_aTokenThatAnswersFalseHasPaidNothing() external {
        freezeBySilence();
        exitFor(ALICE, alice, 600);
        closeExitWindow();
        moody.set(MoodyToken.Mood.Lying);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(moody)));
        rollup.payExit(ALICE);
        assertExit(ALICE, alice, 600, false);
        assertEq(rollup.vaultBalance(), POT);
    }

    function expectBanned(address account) private {
        vm.expectRevert(abi.encodeWithSelector(MoodyToken.Banned.selector, account));
    }
}
