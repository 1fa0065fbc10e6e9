// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {RollupFixture} from "./utils/RollupFixture.sol";
import {RollupHandler} from "./utils/RollupHandler.sol";

contract RollupInvariantTest is RollupFixture {
    RollupHandler private handler;

    function setUp() public override {
        super.setUp();
        handler = new RollupHandler(rollup, verifier, token);
        targetContract(address(handler));
    }

    function invariant_theContractHoldsTheVaultBalanceAndGifts() external view {
        assertEq(token.balanceOf(address(rollup)), rollup.vaultBalance() + handler.gifts());
        assertLe(rollup.vaultBalance(), rollup.vaultCap());
    }

    function invariant_theVaultIsCollateralWaitingDepositsAndClaims() external view {
        assertEq(
            rollup.vaultBalance(), handler.collateral() + handler.waitingDeposits() + rollup.totalClaimable()
        );
    }

    function invariant_theTotalOfClaimsIsTheirSum() external view {
        address[] memory owners = handler.owners();
        uint256 sum = 0;
        for (uint256 i = 0; i < owners.length; ++i) {
            sum += rollup.claimable(owners[i]);
        }
        assertEq(rollup.totalClaimable(), sum);
    }

    function invariant_sequencesAndRequestsFollowTheBatches() external view {
        assertEq(rollup.nextSequence(), 1 + handler.messages());
        assertLe(rollup.requestsConsumed(), rollup.requestCount());
        assertEq(rollup.stateRoot(), STATE_ROOT + rollup.batchCount());
    }

    function invariant_eachOwnerHasItsOwnAccount() external view {
        address[] memory owners = handler.owners();
        uint256 seen = 0;
        for (uint256 i = 0; i < owners.length; ++i) {
            uint256 account = rollup.accountOf(owners[i]);
            if (account == 0) continue;
            assertLe(account, rollup.accountCount());
            assertEq(seen & 2 ** account, 0, "two owners of one account");
            seen |= 2 ** account;
        }
    }
}
