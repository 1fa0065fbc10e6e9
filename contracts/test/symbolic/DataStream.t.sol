// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {Constants} from "../../src/libraries/Constants.sol";
import {DataStream} from "../../src/libraries/DataStream.sol";

contract DataStreamSymbolicTest is Test {
    uint256 private constant P = Constants.FIELD_MODULUS;
    uint256 private constant GAP = Constants.REQUEST_WORDS;

    /// @notice Wherever the gap stands, the operator's words keep their order around it, and nothing of them is in it.
    function check_theGapStandsBetweenTheWords(uint256[3] calldata words) external view {
        uint256[] memory given = new uint256[](3);
        (given[0], given[1], given[2]) = (words[0], words[1], words[2]);
        for (uint256 gapBegin = 0; gapBegin <= given.length; ++gapBegin) {
            uint256[] memory stream = this.copyWithGap(given, gapBegin);
            assert(stream.length == given.length + GAP);
            for (uint256 i = 0; i < stream.length; ++i) {
                if (i < gapBegin) assert(stream[i] == given[i]);
                else if (i < gapBegin + GAP) assert(stream[i] == 0);
                else assert(stream[i] == given[i - GAP]);
            }
        }
    }

    /// @notice A stream has a value only if each of its words is reduced.
    function check_onlyReducedWordsHaveAValue(uint256[3] calldata words, uint256 point) external pure {
        DataStream.evaluate(streamOf(words), point);
        assert(words[0] < P && words[1] < P && words[2] < P);
    }

    /// @notice Horner's rule, step by step.
    function check_evaluatesByHornersRule(uint256[3] calldata words, uint256 point) external pure {
        uint256 value = DataStream.evaluate(streamOf(words), point);
        uint256 upper = addmod(mulmod(addmod(mulmod(0, point, P), words[2], P), point, P), words[1], P);
        assert(value == addmod(mulmod(upper, point, P), words[0], P));
    }

    /// @notice Only a reduced commitment has a challenge, which is a point of the field.
    function check_onlyAReducedCommitmentHasAChallenge(uint256 commitment, uint256[3] calldata words)
        external
        pure
    {
        assert(DataStream.challenge(commitment, streamOf(words)) < P);
        assert(commitment < P);
    }

    function copyWithGap(uint256[] calldata words, uint256 gapBegin)
        external
        pure
        returns (uint256[] memory)
    {
        return DataStream.copyWithGap(words, gapBegin, GAP);
    }

    function streamOf(uint256[3] memory words) private pure returns (uint256[] memory stream) {
        stream = new uint256[](3);
        (stream[0], stream[1], stream[2]) = (words[0], words[1], words[2]);
    }
}
