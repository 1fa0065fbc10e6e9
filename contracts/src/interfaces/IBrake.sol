// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IRollup} from "./IRollup.sol";

/// @title What L1 restricts: the exchange while its batches are late, and the markets that the operator stops
/// @notice Each call asks for more caution than before and for none less. What it asks for ends by itself, and goes through
/// the queue: it holds from the batch after the one that consumes it.
interface IBrake {
    /// @notice Thrown when someone else than the operator restricts markets
    error NotOperator(address caller);
    /// @notice Thrown when the last batch, or the deployment before the first, is not that old
    error NotCongested(uint256 age, uint256 least);
    /// @notice Thrown when a restriction names no market, one that cannot exist, no time, or more than is left of `MAX_RESTRICTION`
    error RestrictionOutOfRange(uint256 markets, uint256 time);
    /// @notice Thrown when a restriction would begin less than `MAX_RESTRICTION` after the last one ended
    error RestrictionTooSoon(uint256 earliest);
    /// @notice Thrown when a restriction would take markets or time from the one that holds
    error RestrictionWeaker(uint256 markets, uint256 until);

    /// @notice Emitted when the exchange was reported late
    /// @param until Batches before that second ask for more margin
    event CongestionReported(uint256 until);
    /// @notice Emitted when the operator restricts markets
    /// @param markets Bit m is set if market m is among them
    /// @param until In batches before that second they take only what reduces a position
    event Restricted(uint256 markets, uint256 until);

    /// @notice Asks for the margin of congested times, if no batch came for `CONGESTION_AGE`; anyone may, for a request's fee
    /// @dev The age is that of the last batch's timestamp by this chain's clock: the operator does not choose it.
    function reportCongestion() external payable;

    /// @notice Makes markets take only what reduces a position; by the operator alone, for a request's fee
    /// @dev While an earlier restriction holds, its markets must be among these, and its end not later than the new one, which is
    /// at most `MAX_RESTRICTION` after the first call. The next may begin `MAX_RESTRICTION` after the end.
    /// @param markets A mask: bit m is market m
    /// @param time Seconds from now
    function restrict(uint8 markets, uint40 time) external payable;

    /// @notice Whose queue takes the restrictions
    function rollup() external view returns (IRollup);

    /// @notice Seconds after the last batch from which on the exchange is late
    function CONGESTION_AGE() external view returns (uint256);

    /// @notice Seconds for which a report holds, beyond the patience of the queue that serves it
    function CONGESTION_SECONDS() external view returns (uint256);

    /// @notice Seconds for which the operator may restrict at most, and seconds that follow without
    function MAX_RESTRICTION() external view returns (uint256);

    /// @notice Until when the last report holds; 0 if there was none
    function congestedUntil() external view returns (uint40);

    /// @notice The markets that were restricted last
    function restrictedMarkets() external view returns (uint8);

    /// @notice When that restriction began; 0 if none ever did
    function restrictedSince() external view returns (uint40);

    /// @notice Until when they are; 0 if none ever was
    function restrictedUntil() external view returns (uint40);
}
