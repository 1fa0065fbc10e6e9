// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

/// @title Money of the exchange that leaves this contract
interface IVault {
    /// @notice Thrown when a claim is pushed to an owner to whom nothing is owed
    error NothingToClaim(address owner);

    /// @notice Emitted when an owner was paid
    event Claimed(address indexed owner, uint256 amount);

    /// @notice Pays an owner all that batches have awarded to it; anyone may call, before and after a freeze
    /// @param owner To whom the tokens go
    /// @return amount What was paid
    function claim(address owner) external returns (uint256 amount);

    /// @notice What an owner may claim
    function claimable(address owner) external view returns (uint256);
}
