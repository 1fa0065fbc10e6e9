// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IExitVerifier} from "./IExitVerifier.sol";
import {IRollupState} from "./IRollupState.sol";

/// @title The way out when the operator fails: freeze, prove what is owed by the last batch, be paid by the vault
/// @dev Exits proven within the window rank equally and share the pot; later ones take from what those leave over; the
/// operator's fees come last.
interface IExitHatch {
    /// @notice An exit that was proven
    /// @param owner To whom it is paid
    /// @param claim Equity by the marks of the last batch
    /// @param paid Whether it was paid
    struct Exit {
        address owner;
        uint64 claim;
        bool paid;
    }

    /// @notice Thrown when the operator has missed nothing
    error OperatorOnTime();
    /// @notice Thrown when someone exits for the insurance fund, which has no owner: it backs the others
    error InsuranceFundStays();
    /// @notice Thrown when an account has exited before
    error ExitTaken(uint256 account);
    /// @notice Thrown when there is nothing to exit with
    error NoEquity(uint256 account);
    /// @notice Thrown when the verifier rejects the proof of an exit
    error InvalidExitProof();
    /// @notice Thrown when an exit, or the fee pool, is paid before its time
    error TooEarly(uint256 opensAfter);
    /// @notice Thrown when an account has no exit that waits for payment
    error NoExitToPay(uint256 account);
    /// @notice Thrown when the exits of the window have left nothing over
    error NothingLeft();
    /// @notice Thrown when a request cannot be refunded: it was consumed, refunded, or never made
    error NotRefundable(uint256 index);
    /// @notice Thrown when the fee pool was paid before
    error FeePoolPaid();

    /// @notice Emitted when an exit was proven within the window
    /// @param account Account id
    /// @param owner To whom `payExit` will pay
    /// @param claim Equity that the exit shares the pot with
    event ExitRegistered(uint256 indexed account, address indexed owner, uint256 claim);
    /// @notice Emitted when an exit was paid
    /// @param account Account id
    /// @param owner To whom it was paid
    /// @param claim Equity that was proven
    /// @param amount What was paid for it
    event ExitPaid(uint256 indexed account, address indexed owner, uint256 claim, uint256 amount);
    /// @notice Emitted when a request that no batch consumed was given back
    /// @param index Place in the queue
    /// @param owner Who had asked
    /// @param amount Tokens of a deposit, 0 for other kinds and of what the fund was paid; the fee is added to the wei owed
    event RequestRefunded(uint256 indexed index, address indexed owner, uint256 amount);
    /// @notice Emitted when the operator got its fees out of what the exits left over
    event FeePoolSettled(uint256 amount);

    /// @notice Freezes the rollup for ever if the head of the queue is past its deadline, or no batch came for `silence`
    function freeze() external;

    /// @notice Proves what an account is owed. Within the exit window it is registered, for `payExit`; later it is paid
    /// at once, as far as the others have left something. Anyone may call for anyone.
    /// @param account Account id, not 0
    /// @param owner The account's owner, to whom it is paid
    /// @param equity Collateral and profit by the marks of the last batch, more than 0
    /// @param proof Proof of the exit circuit for these values under the last exit root
    function exit(uint32 account, address owner, uint64 equity, IRollupState.Proof calldata proof) external;

    /// @notice Pays an exit that was registered within the window, once the window is over; anyone may call
    /// @return amount What was paid: the claim, or its share of the pot if the claims exceed the pot
    function payExit(uint256 account) external returns (uint256 amount);

    /// @notice Gives back a request that no batch consumed: a deposit's tokens at once, the fee as wei owed
    /// @dev To the owner in its head, also the fee of a liquidation, which another may have asked for.
    function refund(uint256 index) external;

    /// @notice Pays the operator its fees out of what is left, once the late window is over; anyone may call
    /// @return amount What was paid
    function payFeePool() external returns (uint256 amount);

    /// @notice The verifier of the exit circuit
    function exitVerifier() external view returns (IExitVerifier);

    /// @notice How long the operator may let pass without a batch
    function silence() external view returns (uint256);

    /// @notice How long exits are collected
    function exitWindow() external view returns (uint256);

    /// @notice How long, after that, the operator waits for what is left
    function lateWindow() external view returns (uint256);

    /// @notice The exit of an account; zeros if none was proven
    function exits(uint256 account) external view returns (address owner, uint64 claim, bool paid);

    /// @notice Sum of the claims that were registered within the window
    function exitClaims() external view returns (uint96);

    /// @notice What the window's exits do not take of the pot, less what was paid of it; meaningful after the window
    function exitRemainder() external view returns (uint256);
}
