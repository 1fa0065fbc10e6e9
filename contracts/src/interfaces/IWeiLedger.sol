// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

/// @title Wei that this contract gives back; collected, never pushed, so that no recipient can stop another call
interface IWeiLedger {
    /// @notice Thrown when no wei are owed to an owner
    error NothingToCollect(address owner);

    /// @notice Emitted when an owner took the wei that were owed to it
    event WeiCollected(address indexed owner, uint256 amount);

    /// @notice Sends an owner all wei that are owed to it; anyone may call
    /// @return amount What was sent
    function collectWei(address owner) external returns (uint256 amount);

    /// @notice Wei owed to an owner
    function weiOwed(address owner) external view returns (uint256);
}
