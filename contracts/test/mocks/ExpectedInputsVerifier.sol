// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IBatchVerifier} from "../../src/interfaces/IBatchVerifier.sol";
import {IRollupState} from "../../src/interfaces/IRollupState.sol";

/// @notice Accepts exactly one proof with exactly one triple of public inputs, which a test computes by its own means.
/// The exported Groth16 verifier is tested with real proofs, end to end, outside Foundry.
contract ExpectedInputsVerifier is IBatchVerifier {
    bytes32 private _expected;

    function expect(IRollupState.Proof memory proof, uint256[3] memory publicInputs) external {
        _expected = keccak256(abi.encode(proof.a, proof.b, proof.c, publicInputs));
    }

    function verifyProof(
        uint256[2] calldata a,
        uint256[2][2] calldata b,
        uint256[2] calldata c,
        uint256[3] calldata publicInputs
    ) external view returns (bool) {
        return keccak256(abi.encode(a, b, c, publicInputs)) == _expected;
    }
}
