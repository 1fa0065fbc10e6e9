// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IExitVerifier} from "../../src/interfaces/IExitVerifier.sol";
import {IRollupState} from "../../src/interfaces/IRollupState.sol";

/// @notice Accepts one proof for those public inputs that a test has named, as if each had been proven
contract ExpectedExitVerifier is IExitVerifier {
    mapping(bytes32 => bool) private _expected;

    function expect(IRollupState.Proof memory proof, uint256[4] memory publicInputs) external {
        _expected[keccak256(abi.encode(proof.a, proof.b, proof.c, publicInputs))] = true;
    }

    function verifyProof(
        uint256[2] calldata a,
        uint256[2][2] calldata b,
        uint256[2] calldata c,
        uint256[4] calldata publicInputs
    ) external view returns (bool) {
        return _expected[keccak256(abi.encode(a, b, c, publicInputs))];
    }
}
