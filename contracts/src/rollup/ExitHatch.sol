// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IExitHatch} from "../interfaces/IExitHatch.sol";
import {IExitVerifier} from "../interfaces/IExitVerifier.sol";
import {Constants} from "../libraries/Constants.sol";
import {ExitShare} from "../libraries/ExitShare.sol";
import {RequestQueue} from "../libraries/RequestQueue.sol";
import {Vault} from "./Vault.sol";
import {WeiLedger} from "./WeiLedger.sol";

/// @title Freeze by deadline or silence, exits against the last exit root, refunds, and the fee pool at the end
abstract contract ExitHatch is Vault, WeiLedger, IExitHatch {
    using SafeCast for uint256;
    using RequestQueue for RequestQueue.Queue;

    /// @inheritdoc IExitHatch
    IExitVerifier public immutable exitVerifier;
    /// @inheritdoc IExitHatch
    uint256 public immutable silence;
    /// @inheritdoc IExitHatch
    uint256 public immutable exitWindow;
    /// @inheritdoc IExitHatch
    uint256 public immutable lateWindow;

    // One slot. 2^20 claims below 2^64 fit 96 bits.
    /// @inheritdoc IExitHatch
    uint96 public exitClaims;
    uint64 private _remainderPaid;
    bool private _feePoolPaid;

    /// @inheritdoc IExitHatch
    mapping(uint256 account => Exit) public exits;

    constructor(Deployment memory deployment) {
        exitVerifier = deployment.exitVerifier;
        silence = deployment.periods.silence;
        exitWindow = deployment.periods.exitWindow;
        lateWindow = deployment.periods.lateWindow;
    }

    /// @inheritdoc IExitHatch
    function freeze() external nonReentrant whenLive {
        if (_queue.isOverdue(block.timestamp)) _freeze(FreezeReason.RequestOverdue);
        else if (block.timestamp > _lastSign() + silence) _freeze(FreezeReason.OperatorSilent);
        else revert OperatorOnTime();
    }

    /// @inheritdoc IExitHatch
    function exit(uint32 account, address owner, uint64 equity, Proof calldata proof)
        external
        nonReentrant
        whenFrozen
    {
        if (account == Constants.INSURANCE_ACCOUNT) revert InsuranceFundStays();
        if (equity == 0) revert NoEquity(account);
        if (exits[account].owner != address(0)) revert ExitTaken(account);
        uint256[4] memory publicInputs = [exitRoot, account, uint256(uint160(owner)), equity];
        if (!exitVerifier.verifyProof(proof.a, proof.b, proof.c, publicInputs)) revert InvalidExitProof();
        if (block.timestamp <= _windowEnd()) _register(account, owner, equity);
        else _payLate(account, owner, equity);
    }

    /// @inheritdoc IExitHatch
    function payExit(uint256 account) external nonReentrant whenFrozen returns (uint256 amount) {
        _requireAfter(_windowEnd());
        Exit storage exit_ = exits[account];
        if (exit_.owner == address(0) || exit_.paid) revert NoExitToPay(account);
        exit_.paid = true;
        amount = ExitShare.share(exit_.claim, exitPot, exitClaims);
        emit ExitPaid(account, exit_.owner, exit_.claim, amount);
        _pay(exit_.owner, amount);
    }

    /// @inheritdoc IExitHatch
    function refund(uint256 index) external nonReentrant whenFrozen {
        uint256 head = _queue.cancel(index);
        if (head == 0) revert NotRefundable(index);
        address owner = RequestQueue.ownerOf(head);
        uint256 amount = RequestQueue.depositOf(head);
        _creditWei(owner, requestFee);
        emit RequestRefunded(index, owner, amount);
        if (amount == 0) return;
        pendingDeposits -= amount.toUint64();
        _pay(owner, amount);
    }

    /// @inheritdoc IExitHatch
    function payFeePool() external nonReentrant whenFrozen returns (uint256 amount) {
        _requireAfter(_windowEnd() + lateWindow);
        if (_feePoolPaid) revert FeePoolPaid();
        _feePoolPaid = true;
        amount = _takeFromRemainder(feePool);
        emit FeePoolSettled(amount);
        _pay(operator, amount);
    }

    /// @inheritdoc IExitHatch
    function exitRemainder() public view returns (uint256) {
        return ExitShare.remainder(exitPot, exitClaims) - _remainderPaid;
    }

    function _register(uint256 account, address owner, uint64 equity) private {
        exits[account] = Exit({owner: owner, claim: equity, paid: false});
        exitClaims += equity;
        emit ExitRegistered(account, owner, equity);
    }

    /// @dev The ratio of the window is 1 whenever it has left something over, so a late claim counts in full.
    function _payLate(uint256 account, address owner, uint64 equity) private {
        exits[account] = Exit({owner: owner, claim: equity, paid: true});
        uint256 amount = _takeFromRemainder(equity);
        emit ExitPaid(account, owner, equity, amount);
        _pay(owner, amount);
    }

    function _takeFromRemainder(uint256 wanted) private returns (uint256 amount) {
        amount = Math.min(wanted, exitRemainder());
        if (amount == 0) revert NothingLeft();
        _remainderPaid += amount.toUint64();
    }

    function _lastSign() private view returns (uint256) {
        return Math.max(lastTimestamp, deployedAt);
    }

    function _windowEnd() private view returns (uint256) {
        return frozenAt + exitWindow;
    }

    function _requireAfter(uint256 time) private view {
        if (block.timestamp <= time) revert TooEarly(time);
    }
}
