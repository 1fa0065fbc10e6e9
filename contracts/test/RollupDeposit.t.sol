// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {stdStorage, StdStorage} from "forge-std/Test.sol";
import {Rollup} from "../src/Rollup.sol";
import {IRequestInbox} from "../src/interfaces/IRequestInbox.sol";
import {IRollupState} from "../src/interfaces/IRollupState.sol";
import {FeeOnTransferToken} from "./mocks/FeeOnTransferToken.sol";
import {RefusingToken} from "./mocks/RefusingToken.sol";
import {RollupFixture} from "./utils/RollupFixture.sol";

contract RollupDepositTest is RollupFixture {
    using stdStorage for StdStorage;

    function test_movesTheTokensAndQueuesTheCredit() external {
        vm.expectEmit(address(rollup));
        emit IRequestInbox.AccountOpened(1, alice);
        vm.expectEmit(address(rollup));
        emit IRequestInbox.RequestQueued(
            0, 1, 1, alice, 100e6, 0, 0, START + 3 days, chain(0, headWord(1, 1, 100e6, alice), 0, 0)
        );
        depositAs(alice, 100e6);

        assertEq(token.balanceOf(address(rollup)), 100e6);
        assertEq(token.balanceOf(alice), FUNDS - 100e6);
        assertEq(rollup.vaultBalance(), 100e6);
        assertEq(rollup.pendingDeposits(), 100e6);
        assertEq(rollup.requestCount(), 1);
        assertRequest(0, headWord(1, 1, 100e6, alice), 0, 0);
    }

    function test_anOwnerKeepsItsAccount() external {
        depositAs(alice, 1);
        depositAs(bob, 2);
        depositAs(alice, 3);
        assertEq(rollup.accountOf(alice), 1);
        assertEq(rollup.accountOf(bob), 2);
        assertEq(rollup.accountCount(), 2);
        assertRequest(2, headWord(1, 1, 3, alice), 0, 0);
    }

    function test_theLastAccountOfTheTreeIsGivenOutAndNoOther() external {
        stdstore.enable_packed_slots().target(address(rollup)).sig(IRollupState.accountCount.selector)
            .checked_write(2 ** 20 - 2);
        depositAs(alice, 1);
        assertEq(rollup.accountOf(alice), 2 ** 20 - 1);
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.AccountsExhausted.selector, 2 ** 20 - 1));
        depositAs(bob, 1);
        depositAs(alice, 1);
    }

    function test_revertsOnNothing() external {
        vm.expectRevert(IRequestInbox.ZeroDeposit.selector);
        depositAs(alice, 0);
    }

    function test_fillsTheVaultUpToItsCapAndNoFurther() external {
        token.mint(alice, CAP);
        depositAs(alice, CAP - 10);
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.VaultCapExceeded.selector, 11, 10));
        depositAs(bob, 11);
        depositAs(bob, 10);
        assertEq(rollup.vaultBalance(), CAP);
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.VaultCapExceeded.selector, type(uint256).max, 0));
        depositAs(bob, type(uint256).max);
    }

    function test_aGiftToTheContractTakesNoRoom() external {
        token.mint(address(rollup), CAP);
        depositAs(alice, FUNDS);
        assertEq(rollup.vaultBalance(), FUNDS);
    }

    function test_revertsWithoutAllowance() external {
        vm.startPrank(alice);
        token.approve(address(rollup), 5);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(rollup), 5, 6)
        );
        rollup.deposit{value: FEE}(6);
    }

    function test_revertsWhenTheTokenTakesAFee() external {
        FeeOnTransferToken feeToken = new FeeOnTransferToken();
        rollup = new Rollup(deployment(feeToken));
        feeToken.mint(alice, 100);
        vm.startPrank(alice);
        feeToken.approve(address(rollup), 100);
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.DepositNotReceived.selector, 100, 99));
        rollup.deposit{value: FEE}(100);
        assertEq(rollup.requestCount(), 0);
    }

    function test_revertsWhenTheTokenAnswersFalse() external {
        RefusingToken refusing = new RefusingToken();
        rollup = new Rollup(deployment(refusing));
        vm.expectRevert(
            abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(refusing))
        );
        depositAs(alice, 1);
    }
}
