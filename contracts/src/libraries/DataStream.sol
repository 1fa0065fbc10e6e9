// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IBatchSettlement} from "../interfaces/IBatchSettlement.sol";
import {Constants} from "./Constants.sol";

/// @title Binding of a batch's data stream to its proof
/// @notice The circuit commits to its words by c, evaluates them as a polynomial at r and publishes y. This library
/// evaluates the words of the chain at the same r: streams that differ agree at a random r with a chance below 2^-237.
/// @dev r is random only to someone who has fixed both streams: it hashes c, for the circuit's words, and the chain's
/// words. A word or a commitment that is not reduced would give a prover several tries at the same field elements.
library DataStream {
    uint256 private constant P = Constants.FIELD_MODULUS;

    /// @notice Copies the operator's words, leaving zeros where the contract's own words belong
    /// @param words The operator's words
    /// @param gapBegin Where the gap begins, at most the number of words
    /// @param gapWords Words to leave out
    function copyWithGap(uint256[] calldata words, uint256 gapBegin, uint256 gapWords)
        internal
        pure
        returns (uint256[] memory stream)
    {
        stream = new uint256[](words.length + gapWords);
        assembly ("memory-safe") {
            let head := mul(gapBegin, 32)
            let target := add(stream, 32)
            calldatacopy(target, words.offset, head)
            calldatacopy(
                add(add(target, head), mul(gapWords, 32)),
                add(words.offset, head),
                sub(mul(words.length, 32), head)
            )
        }
    }

    /// @notice The point at which circuit and contract compare their words: keccak256(c || keccak256(words)) mod p
    function challenge(uint256 commitment, uint256[] memory stream) internal pure returns (uint256) {
        if (commitment >= P) revert IBatchSettlement.CommitmentNotInField(commitment);
        bytes32 wordsHash;
        assembly ("memory-safe") {
            wordsHash := keccak256(add(stream, 32), mul(mload(stream), 32))
        }
        return uint256(keccak256(abi.encode(commitment, wordsHash))) % P;
    }

    /// @notice The sum of word k times point^k, by Horner's rule from the last word
    function evaluate(uint256[] memory stream, uint256 point) internal pure returns (uint256 value) {
        for (uint256 k = stream.length; k != 0;) {
            unchecked {
                --k;
            }
            uint256 word = stream[k];
            if (word >= P) revert IBatchSettlement.WordNotInField(k);
            value = addmod(mulmod(value, point, P), word, P);
        }
    }
}
