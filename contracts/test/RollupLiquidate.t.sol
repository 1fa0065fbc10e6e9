// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IRequestInbox} from "../src/interfaces/IRequestInbox.sol";
import {Constants} from "../src/libraries/Constants.sol";
import {RollupFixture} from "./utils/RollupFixture.sol";

/// @notice Anyone may ask for anyone's liquidation; what comes of it is proven
contract RollupLiquidateTest is RollupFixture {
    function test_namesTheAccountAndItsOwnerWhoeverAsks() external {
        depositAs(alice, 100e6);
        uint256 head = headWord(5, 1, 0, alice);
        uint176 queueHash = chain(rollup.queueHashAt(1), head, 0, 0);
        vm.expectEmit(address(rollup));
        emit IRequestInbox.RequestQueued(1, 5, 1, alice, 0, 0, 0, START + 3 days + 1 minutes, queueHash);
        liquidateAs(bob, alice);
        assertRequest(1, head, 0, 0);
        assertEq(rollup.accountOf(bob), 0);
        liquidateAs(alice, alice);
        assertRequest(2, head, 0, 0);
    }

    function test_theAskerPaysTheFee() external {
        depositAs(alice, 100e6);
        uint256 balance = bob.balance;
        liquidateAs(bob, alice);
        assertEq(bob.balance, balance - FEE);
        Draft memory draft = nextBatch(2);
        draft.outcomes[1] = outcome(Constants.REQUEST_STATUS_REFUSED, 0);
        submit(draft);
        assertEq(rollup.earnedFees(), 2 * FEE);
        assertEq(rollup.totalClaimable(), 0);
    }

    function test_revertsWithoutAnAccountToLiquidate() external {
        depositAs(bob, 1);
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.NoAccount.selector, alice));
        liquidateAs(bob, alice);
        vm.expectRevert(abi.encodeWithSelector(IRequestInbox.NoAccount.selector, address(0)));
        liquidateAs(bob, address(0));
    }
}
