// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IBrake} from "../src/interfaces/IBrake.sol";
import {FreezeHandler} from "./utils/FreezeHandler.sol";
import {RollupFixture} from "./utils/RollupFixture.sol";

/// @notice What holds after any calls in any order, live and frozen
contract RollupInvariantTest is RollupFixture {
    FreezeHandler internal handler;

    function setUp() public virtual override {
        super.setUp();
        handler = new FreezeHandler(rollup, verifier, exitVerifier, token);
        targetContract(address(handler));
    }

    function invariant_theContractHoldsTheVaultBalanceAndGifts() external view {
        assertEq(token.balanceOf(address(rollup)), rollup.vaultBalance() + handler.gifts());
        assertLe(rollup.vaultBalance(), rollup.vaultCap());
    }

    function invariant_theVaultIsCollateralOrPotAndWaitingDepositsAndClaims() external view {
        bool live = rollup.frozenAt() == 0;
        uint256 pot = live ? handler.collateral() + handler.insured() : rollup.exitPot() - handler.potPaid();
        assertEq(rollup.vaultBalance(), pot + handler.waitingDeposits() + rollup.totalClaimable());
    }

    function invariant_theVaultCoversClaimsDepositsAndExits() external view {
        assertEq(rollup.pendingDeposits(), handler.waitingDeposits());
        assertGe(
            rollup.vaultBalance(), rollup.totalClaimable() + rollup.pendingDeposits() + handler.reserved()
        );
    }

    function invariant_thePotIsNeverOverspent() external view {
        assertLe(handler.potPaid() + handler.reserved(), rollup.exitPot());
    }

    function invariant_nothingIsPaidTwice() external view {
        for (uint256 account = 0; account <= rollup.accountCount(); ++account) {
            assertLe(handler.payments(account), 1);
        }
    }

    function invariant_theContractHoldsAllWeiOfUsersAndTheOperator() external view {
        assertEq(address(rollup).balance, handler.weiInTrust());
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

    function invariant_theConfigurationIsThatOfTheLastChangeConsumed() external view {
        assertEq(rollup.configurationHash(), handler.configurationHash());
    }

    function invariant_theLastRestrictionSaysAllThatTheBrakeKeeps() external view {
        IBrake brake = rollup.brake();
        uint256 word = brake.congestedUntil() + 2 ** 40 * uint256(brake.restrictedMarkets());
        assertEq(word + 2 ** 44 * uint256(brake.restrictedUntil()), handler.restriction());
        assertEq(address(brake).balance, 0);
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
