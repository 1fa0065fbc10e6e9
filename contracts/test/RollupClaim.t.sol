// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IRequestInbox} from "../src/interfaces/IRequestInbox.sol";
import {IVault} from "../src/interfaces/IVault.sol";
import {Constants} from "../src/libraries/Constants.sol";
import {RollupFixture} from "./utils/RollupFixture.sol";

contract RollupClaimTest is RollupFixture {
    function test_paysAWithdrawalOnce() external {
        depositAs(alice, 100e6);
        withdrawAs(alice, type(uint64).max);
        settle(outcome(0, 0), outcome(0, 60e6));
        assertEq(rollup.claimable(alice), 60e6);
        assertEq(rollup.totalClaimable(), 60e6);
        assertEq(rollup.vaultBalance(), 100e6);

        vm.expectEmit(address(rollup));
        emit IVault.Claimed(alice, 60e6);
        vm.prank(alice);
        assertEq(rollup.claim(alice), 60e6);
        assertEq(token.balanceOf(alice), FUNDS - 40e6);
        assertEq(token.balanceOf(address(rollup)), 40e6);
        assertEq(rollup.vaultBalance(), 40e6);
        assertEq(rollup.totalClaimable(), 0);

        vm.expectRevert(abi.encodeWithSelector(IVault.NothingToClaim.selector, alice));
        rollup.claim(alice);
    }

    function test_anyonePushesAClaimToItsOwner() external {
        depositAs(alice, 100e6);
        withdrawAs(alice, 100e6);
        settle(outcome(0, 0), outcome(0, 100e6));
        vm.prank(bob);
        rollup.claim(alice);
        assertEq(token.balanceOf(alice), FUNDS);
        assertEq(token.balanceOf(bob), FUNDS);
    }

    function test_refundsARefusedDeposit() external {
        depositAs(alice, 30e6);
        depositAs(alice, 20e6);
        settle(outcome(0, 0), outcome(1, 20e6));
        rollup.claim(alice);
        assertEq(token.balanceOf(alice), FUNDS - 30e6);
    }

    function test_claimsOfSeveralRequestsAddUp() external {
        depositAs(alice, 100e6);
        depositAs(bob, 100e6);
        submit(nextBatch(2));
        withdrawAs(alice, 10e6);
        withdrawAs(alice, 20e6);
        skip(1);
        settle(outcome(0, 10e6), outcome(0, 20e6));
        assertEq(rollup.claimable(alice), 30e6);
        assertEq(rollup.claimable(bob), 0);
        assertEq(rollup.totalClaimable(), 30e6);
    }

    function test_aPaidClaimMakesRoomBelowTheCap() external {
        token.mint(alice, CAP);
        depositAs(alice, CAP);
        withdrawAs(alice, 5);
        settle(outcome(0, 0), outcome(0, 5));
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.VaultCapExceeded.selector, 5, 0));
        depositAs(bob, 5);
        rollup.claim(alice);
        depositAs(bob, 5);
    }

    function test_revertsWhenNothingIsOwed() external {
        depositAs(alice, 1);
        vm.expectRevert(abi.encodeWithSelector(IVault.NothingToClaim.selector, alice));
        rollup.claim(alice);
    }

    /// @dev The next batch settles the two waiting requests.
    function settle(uint256 first, uint256 second) private {
        Draft memory draft = nextBatch(2);
        draft.outcomes[0] = first;
        draft.outcomes[1] = second;
        submit(draft);
        assertEq(rollup.requestsConsumed(), draft.header[Constants.HEADER_REQUESTS_BEGIN] + 2);
    }
}
