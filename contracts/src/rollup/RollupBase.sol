// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IRollupState} from "../interfaces/IRollupState.sol";
import {Constants} from "../libraries/Constants.sol";
import {DeploymentCheck} from "../libraries/DeploymentCheck.sol";
import {RequestQueue} from "../libraries/RequestQueue.sol";

/// @title Storage that the parts of the rollup share, and the switch from live to frozen
/// @dev Every function of the parts that changes state is guarded against reentrancy: the token is foreign code, and
/// between a transfer and its check no other call may move the balance or the queue.
abstract contract RollupBase is IRollupState, ReentrancyGuardTransient {
    using SafeCast for uint256;
    using RequestQueue for RequestQueue.Queue;

    /// @inheritdoc IRollupState
    IERC20 public immutable token;
    /// @inheritdoc IRollupState
    address public immutable operator;
    /// @inheritdoc IRollupState
    uint256 public immutable domain;
    /// @inheritdoc IRollupState
    uint256 public configurationHash;
    /// @inheritdoc IRollupState
    uint256 public immutable requestFee;
    /// @inheritdoc IRollupState
    uint40 public immutable deployedAt;

    /// @inheritdoc IRollupState
    uint256 public stateRoot;
    /// @inheritdoc IRollupState
    uint256 public exitRoot;

    // One slot, which every batch writes
    /// @inheritdoc IRollupState
    uint64 public batchCount;
    /// @inheritdoc IRollupState
    uint40 public nextSequence;
    /// @inheritdoc IRollupState
    uint40 public lastTimestamp;
    /// @inheritdoc IRollupState
    uint64 public feePool;
    /// @inheritdoc IRollupState
    uint40 public frozenAt;

    /// @inheritdoc IRollupState
    mapping(uint256 batchNumber => bytes32) public batchDigest;

    // One slot, which every deposit and payment writes
    /// @inheritdoc IRollupState
    uint64 public vaultBalance;
    /// @inheritdoc IRollupState
    uint64 public totalClaimable;
    /// @inheritdoc IRollupState
    uint64 public pendingDeposits;
    /// @inheritdoc IRollupState
    uint32 public accountCount;

    /// @inheritdoc IRollupState
    uint64 public exitPot;

    RequestQueue.Queue internal _queue;

    modifier whenLive() {
        _requireLive();
        _;
    }

    modifier whenFrozen() {
        _requireFrozen();
        _;
    }

    constructor(Deployment memory deployment) {
        DeploymentCheck.check(deployment);
        token = deployment.token;
        operator = deployment.operator;
        configurationHash = deployment.configurationHash;
        requestFee = deployment.requestFee;
        domain = uint256(keccak256(abi.encode(Constants.PROTOCOL_VERSION, block.chainid, address(this))))
            % Constants.FIELD_MODULUS;
        deployedAt = block.timestamp.toUint40();
        stateRoot = deployment.stateRoot;
        exitRoot = deployment.exitRoot;
        nextSequence = Constants.FIRST_SEQUENCE.toUint40();
        emit Genesis(
            domain,
            configurationHash,
            address(deployment.verifier),
            deployment.stateRoot,
            deployment.exitRoot,
            deployment.markets
        );
    }

    /// @inheritdoc IRollupState
    function requestCount() public view returns (uint256) {
        return _queue.count;
    }

    /// @inheritdoc IRollupState
    function requestsConsumed() public view returns (uint256) {
        return _queue.consumed;
    }

    /// @inheritdoc IRollupState
    function queueHashAt(uint256 end) public view returns (uint176) {
        return _queue.hashAt(end);
    }

    /// @dev For ever. The pot is fixed here: claims and pending deposits belong to their owners in full.
    function _freeze(FreezeReason reason) internal {
        frozenAt = block.timestamp.toUint40();
        exitPot = vaultBalance - totalClaimable - pendingDeposits;
        emit Frozen(reason, exitRoot, batchCount, exitPot);
    }

    function _requireLive() private view {
        if (frozenAt != 0) revert IsFrozen();
    }

    function _requireFrozen() private view {
        if (frozenAt == 0) revert NotFrozen();
    }
}
