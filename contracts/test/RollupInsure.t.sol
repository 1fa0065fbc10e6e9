// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Rollup} from "../src/Rollup.sol";
import {IExitHatch} from "../src/interfaces/IExitHatch.sol";
import {IRequestInbox} from "../src/interfaces/IRequestInbox.sol";
import {IRollupState} from "../src/interfaces/IRollupState.sol";
import {FeeOnTransferToken} from "./mocks/FeeOnTransferToken.sol";
import {RefusingToken} from "./mocks/RefusingToken.sol";
import {ExitFixture} from "./utils/ExitFixture.sol";

/// @notice Anyone pays into the insurance fund, for good: it is the exchange's from then on, whatever comes
contract RollupInsureTest is ExitFixture {
    address private immutable donor = makeAddr("donor");

    function setUp() public override {
        super.setUp();
        fund(donor);
    }

    function test_movesTheTokensOfWhoeverPaysAndQueuesTheCreditOfTheFund() external {
        uint256 head = headWord(1, 0, 50, address(1));
        uint176 queueHash = chain(rollup.queueHashAt(2), head, 0, 0);
        vm.expectEmit(address(rollup));
        emit IRequestInbox.RequestQueued(2, 1, 0, address(1), 50, 0, 0, START + 3 days + 2 minutes, queueHash);
        insureAs(donor, 50);
        assertRequest(2, head, 0, 0);
        assertEq(token.balanceOf(donor), FUNDS - 50);
        assertEq(token.balanceOf(address(rollup)), POT + 50);
        assertEq(rollup.vaultBalance(), POT + 50);
        assertEq(rollup.pendingDeposits(), 0);
        assertEq(rollup.accountOf(donor), 0);
        assertEq(rollup.accountOf(address(1)), 0);
        assertEq(rollup.accountCount(), 2);
    }

    function test_aBatchCreditsTheFund() external {
        insureAs(donor, 50);
        depositAs(alice, 30);
        insureAs(alice, 5);
        skip(1);
        submit(nextBatch(3));
        assertEq(rollup.vaultBalance(), POT + 85);
        assertEq(rollup.pendingDeposits(), 0);
        assertEq(rollup.totalClaimable(), 0);
        assertEq(rollup.earnedFees(), 5 * FEE);
    }

    /// @dev The fund holds 2^62 - 1 at most, which the cap keeps it from; a batch that refused would owe the tokens to nobody.
    function test_whatABatchRefusesIsNobodysClaim() external {
        insureAs(donor, 50);
        skip(1);
        Draft memory draft = nextBatch(1);
        draft.outcomes[0] = outcome(1, 50);
        submit(draft);
        assertEq(rollup.claimable(address(1)), 50);
        assertEq(rollup.totalClaimable(), 50);
        rollup.claim(address(1));
        assertEq(rollup.vaultBalance(), POT);
    }

    function test_theFundTakesNoMoreThanTheVault() external {
        vm.expectRevert(IRequestInbox.ZeroDeposit.selector);
        insureAs(donor, 0);
        token.mint(donor, CAP);
        insureAs(donor, CAP - POT - 10);
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.VaultCapExceeded.selector, 11, 10));
        insureAs(donor, 11);
        vm.expectRevert(
            abi.encodeWithSelector(IRequestInbox.VaultCapExceeded.selector, type(uint256).max, 10)
        );
        insureAs(donor, type(uint256).max);
        insureAs(donor, 10);
        assertEq(rollup.vaultBalance(), CAP);
    }

    function test_revertsWithoutAllowance() external {
        vm.startPrank(donor);
        token.approve(address(rollup), 5);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(rollup), 5, 6)
        );
        rollup.insure{value: FEE}(6);
    }

    function test_revertsWhenTheTokenTakesAFee() external {
        FeeOnTransferToken feeToken = new FeeOnTransferToken();
        rollup = new Rollup(deployment(feeToken));
        feeToken.mint(donor, 100);
        vm.startPrank(donor);
        feeToken.approve(address(rollup), 100);
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.DepositNotReceived.selector, 100, 99));
        rollup.insure{value: FEE}(100);
        assertEq(rollup.vaultBalance(), 0);
    }

    function test_revertsWhenTheTokenAnswersFalse() external {
        RefusingToken refusing = new RefusingToken();
        rollup = new Rollup(deployment(refusing));
        vm.expectRevert(
            abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(refusing))
        );
        insureAs(donor, 1);
    }

    /// @dev Nobody owns the fund, so nobody is refunded: what no batch credited backs the exits.
    function test_aFreezeLeavesItInThePot() external {
        insureAs(donor, 50);
        depositAs(bob, 30);
        freezeBySilence();
        assertEq(rollup.exitPot(), POT + 50);
        vm.expectEmit(address(rollup));
        emit IExitHatch.RequestRefunded(2, address(1), 0);
        rollup.refund(2);
        assertEq(rollup.vaultBalance(), POT + 80);
        assertEq(rollup.pendingDeposits(), 30);
        assertEq(token.balanceOf(address(1)), 0);
        assertEq(rollup.weiOwed(address(1)), FEE);
        vm.expectRevert(abi.encodeWithSelector(IExitHatch.NotRefundable.selector, 2));
        rollup.refund(2);

        exitFor(ALICE, alice, 650);
        exitFor(BOB, bob, 400);
        closeExitWindow();
        assertEq(rollup.payExit(ALICE), 650);
        assertEq(rollup.payExit(BOB), 400);
        rollup.refund(3);
        assertEq(rollup.vaultBalance(), 0);
    }

    function test_attack_paymentIntoTheFundOfAFrozenExchange() external {
        freezeBySilence();
        vm.expectRevert(IRollupState.IsFrozen.selector);
        insureAs(donor, 50);
        assertEq(token.balanceOf(donor), FUNDS);
    }

    /// @dev Mallory would have the fund's money back from a frozen exchange: she exits for it, or as the owner of its request.
    function test_attack_donorTakesItBack() external {
        insureAs(donor, 50);
        freezeBySilence();
        proveExit(0, donor, 50);
        vm.expectRevert(IExitHatch.InsuranceFundStays.selector);
        rollup.exit(0, donor, 50, proof());
        vm.prank(donor);
        rollup.refund(2);
        assertEq(token.balanceOf(donor), FUNDS - 50);
        assertEq(rollup.weiOwed(donor), 0);
    }

    /// @dev Nobody pays with the tokens of another.
    function test_attack_paymentWithTheAllowanceOfAnother() external {
        address mallory = makeAddr("mallory");
        vm.deal(mallory, 1 ether);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(rollup), 0, 50)
        );
        insureAs(mallory, 50);
        assertEq(token.balanceOf(alice), FUNDS - 600);
    }
}
