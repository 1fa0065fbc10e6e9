// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

/// @title The Groth16 verifier of the exit circuit, with the interface of the contract that snarkjs exports
interface IExitVerifier {
    /// @notice Checks a proof of the exit circuit
    /// @param a First proof element, in G1
    /// @param b Second proof element, in G2; each coordinate has its imaginary part first, as in EIP-197
    /// @param c Third proof element, in G1
    /// @param publicInputs Exit root, account id, owner and equity
    /// @return valid Whether the proof holds for these public inputs
    function verifyProof(
        uint256[2] calldata a,
        uint256[2][2] calldata b,
        uint256[2] calldata c,
        uint256[4] calldata publicInputs
    ) external view returns (bool valid);
}
