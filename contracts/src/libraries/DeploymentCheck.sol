// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IRollupState} from "../interfaces/IRollupState.sol";
import {Constants} from "./Constants.sol";

/// @title Bounds of what a rollup may be deployed with
/// @dev Nothing can be corrected later. A deadline of no time would let anyone freeze an honest operator; one of years
/// would let a dishonest one keep the money.
library DeploymentCheck {
    uint256 private constant P = Constants.FIELD_MODULUS;
    /// @dev Of the code that Poseidon.sol leaves on the chain. The rollup does not create it: it would not fit into one
    /// transaction with the rest (EIP-3860).
    bytes32 private constant POSEIDON_CODEHASH =
        0xaa8081e99244f5cd89f2e02e0c4a89ec873ac5eb5583621196c1b138c994024c;

    /// @notice Reverts unless a rollup with these parameters can be trusted to run and to end
    function check(IRollupState.Deployment memory deployment) internal view {
        _requireCode(address(deployment.token));
        _requireCode(address(deployment.verifier));
        _requireCode(address(deployment.exitVerifier));
        if (address(deployment.poseidon).codehash != POSEIDON_CODEHASH) {
            revert IRollupState.NotPoseidon(address(deployment.poseidon));
        }
        if (deployment.operator == address(0)) revert IRollupState.ZeroOperator();
        _requireReceiptSigner(deployment.receiptSigner, deployment.operator);
        _requireRange("vaultCap", deployment.vaultCap, 1, Constants.VAULT_CAP);
        _requireRange("requestFee", deployment.requestFee, 0, 0.1 ether);
        _requireRange("challengeBond", deployment.challengeBond, 0.001 ether, 1 ether);
        _requireRange("requestsPerBatch", deployment.requestsPerBatch, 1, 2 ** Constants.COUNT_BITS - 1);
        _checkPeriods(deployment.periods);
        _requireField(deployment.configurationHash);
        _requireField(deployment.stateRoot);
        _requireField(deployment.exitRoot);
    }

    /// @dev Patience is at most half a deadline: a request is due in a batch long before it can freeze the rollup.
    function _checkPeriods(IRollupState.Periods memory periods) private pure {
        _requireRange("requestDeadline", periods.requestDeadline, 12 hours, 30 days);
        _requireRange("serviceTime", periods.serviceTime, 1 seconds, 1 hours);
        _requireRange("patience", periods.patience, 10 minutes, periods.requestDeadline / 2);
        _requireRange("silence", periods.silence, 1 days, 30 days);
        _requireRange("exitWindow", periods.exitWindow, 7 days, 90 days);
        _requireRange("lateWindow", periods.lateWindow, 30 days, 3650 days);
        _requireRange("answerPeriod", periods.answerPeriod, 12 hours, 30 days);
        // Whoever is not served between announcement and change can freeze the rollup, which voids the change.
        _requireRange("changeDelay", periods.changeDelay, uint256(periods.requestDeadline) + 1 days, 90 days);
    }

    function _requireReceiptSigner(address receiptSigner, address operator) private pure {
        if (receiptSigner == address(0) || receiptSigner == operator) {
            revert IRollupState.ReceiptSignerNotUsable(receiptSigner);
        }
    }

    function _requireCode(address account) private view {
        if (account.code.length == 0) revert IRollupState.NotAContract(account);
    }

    function _requireField(uint256 word) private pure {
        if (word >= P) revert IRollupState.GenesisNotInField(word);
    }

    function _requireRange(string memory name, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert IRollupState.ParameterOutOfRange(name, value, min, max);
    }
}
