// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IBatchVerifier} from "./interfaces/IBatchVerifier.sol";
import {IRequestInbox} from "./interfaces/IRequestInbox.sol";
import {IRollupState} from "./interfaces/IRollupState.sol";
import {ITimelock} from "./interfaces/ITimelock.sol";
import {Constants} from "./libraries/Constants.sol";

/// @title The governor's only power, and never at once
/// @dev Created by the rollup's constructor, so that whoever knows the rollup's code knows this one's.
contract Timelock is ITimelock {
    using SafeCast for uint256;

    struct Change {
        uint256 configurationHash;
        IBatchVerifier verifier;
        uint40 readyAt;
    }

    /// @inheritdoc ITimelock
    IRequestInbox public immutable rollup;
    /// @inheritdoc ITimelock
    address public immutable governor;
    /// @inheritdoc ITimelock
    uint256 public immutable changeDelay;
    /// @inheritdoc ITimelock
    Change public pendingChange;

    constructor(address governor_, uint256 changeDelay_) {
        rollup = IRequestInbox(msg.sender);
        governor = governor_;
        changeDelay = changeDelay_;
    }

    modifier onlyGovernor() {
        if (msg.sender != governor) revert NotGovernor(msg.sender);
        _;
    }

    /// @inheritdoc ITimelock
    function scheduleChange(
        uint256 configurationHash,
        IBatchVerifier verifier,
        uint256[21] calldata configuration
    ) external onlyGovernor {
        if (configurationHash >= Constants.FIELD_MODULUS) {
            revert ConfigurationNotInField(configurationHash);
        }
        if (address(verifier).code.length == 0) revert IRollupState.NotAContract(address(verifier));
        uint256 readyAt = block.timestamp + changeDelay;
        pendingChange = Change(configurationHash, verifier, readyAt.toUint40());
        emit ChangeScheduled(configurationHash, address(verifier), readyAt, configuration);
    }

    /// @inheritdoc ITimelock
    function cancelChange() external onlyGovernor {
        if (pendingChange.readyAt == 0) revert NoChangePending();
        delete pendingChange;
        emit ChangeCancelled();
    }

    /// @inheritdoc ITimelock
    function enactChange() external payable {
        Change memory change = pendingChange;
        if (change.readyAt == 0) revert NoChangePending();
        if (block.timestamp < change.readyAt) revert ChangeNotReady(block.timestamp, change.readyAt);
        delete pendingChange;
        emit ChangeEnacted(change.configurationHash, address(change.verifier));
        rollup.queueChange{value: msg.value}(change.configurationHash, change.verifier);
    }
}
