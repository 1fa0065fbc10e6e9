// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

/// @title The Groth16 verifier of the batch circuit, with the interface of the contract that snarkjs exports
interface IBatchVerifier {
    /// @notice Checks a proof of the batch circuit
    /// @param a First proof element, in G1
    /// @param b Second proof element, in G2; each coordinate has its imaginary part first, as in EIP-197
    /// @param c Third proof element, in G1
    /// @param publicInputs The commitment, the challenge and the stream's value at the challenge
    /// @return valid Whether the proof holds for these public inputs
    function verifyProof(
        uint256[2] calldata a,
        uint256[2][2] calldata b,
        uint256[2] calldata c,
        uint256[3] calldata publicInputs
    ) external view returns (bool valid);
}
