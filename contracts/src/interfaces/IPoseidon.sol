// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

/// @title Poseidon with four inputs over the BN254 scalar field, as circomlib has it
interface IPoseidon {
    /// @notice Hash of four field elements; an input that is not reduced counts as its residue
    function poseidon(uint256[4] calldata inputs) external pure returns (uint256);
}
