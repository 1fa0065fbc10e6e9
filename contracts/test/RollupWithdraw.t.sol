// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IRequestInbox} from "../src/interfaces/IRequestInbox.sol";
import {RollupFixture} from "./utils/RollupFixture.sol";

contract RollupWithdrawTest is RollupFixture {
    function test_queuesTheRequestAndMovesNothing() external {
        depositAs(alice, 100e6);
        uint176 queueHash = chain(rollup.queueHashAt(1), headWord(3, 1, 40e6, alice), 0, 0);
        vm.expectEmit(address(rollup));
        emit IRequestInbox.RequestQueued(1, 3, 1, alice, 40e6, 0, 0, START + 3 days + 1 minutes, queueHash);
        withdrawAs(alice, 40e6);
        assertRequest(1, headWord(3, 1, 40e6, alice), 0, 0);
        assertEq(rollup.vaultBalance(), 100e6);
        assertEq(token.balanceOf(address(rollup)), 100e6);
    }

    function test_mayAskForMoreThanTheVaultHolds() external {
        depositAs(alice, 1);
        withdrawAs(alice, type(uint64).max);
        assertRequest(1, headWord(3, 1, type(uint64).max, alice), 0, 0);
    }

    function test_revertsOnAnAmountThatNoRequestCanCarry() external {
        depositAs(alice, 1);
        refuse(
            alice, 0, abi.encodeWithSelector(IRequestInbox.WithdrawalOutOfRange.selector, 0, type(uint64).max)
        );
        refuse(
            alice,
            2 ** 64,
            abi.encodeWithSelector(IRequestInbox.WithdrawalOutOfRange.selector, 2 ** 64, type(uint64).max)
        );
    }

    function test_revertsWithoutAnAccount() external {
        depositAs(alice, 1);
        refuse(bob, 1, abi.encodeWithSelector(IRequestInbox.NoAccount.selector, bob));
    }

    function refuse(address owner, uint256 amount, bytes memory reason) private {
        vm.expectRevert(reason);
        withdrawAs(owner, amount);
    }
}
