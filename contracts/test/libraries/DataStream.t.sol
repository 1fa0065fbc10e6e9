// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {IBatchSettlement} from "../../src/interfaces/IBatchSettlement.sol";
import {Constants} from "../../src/libraries/Constants.sol";
import {DataStream} from "../../src/libraries/DataStream.sol";
import {BatchReference} from "../utils/BatchReference.sol";

contract DataStreamTest is Test {
    uint256 private constant P = Constants.FIELD_MODULUS;

    /// @dev Expected values were computed in Python.
    function test_matchesTheFormulasOfTheSpecification() external pure {
        uint256[] memory stream = new uint256[](5);
        (stream[0], stream[1], stream[2], stream[3], stream[4]) = (5, 0, P - 1, 3, 1 << 200);
        uint256 r = DataStream.challenge(7, stream);
        assertEq(r, 17376088748429686699294367169962027819365045835820198832263620078153224033019);
        assertEq(
            DataStream.evaluate(stream, r),
            9870985725761278902348416550390241377310945304058548838308848427018097057025
        );
    }

    function test_anEmptyStreamHasTheValueZero() external pure {
        assertEq(DataStream.evaluate(new uint256[](0), 3), 0);
    }

    function test_theGapMayStandAtEitherEnd() external view {
        uint256[] memory words = new uint256[](2);
        (words[0], words[1]) = (1, 2);
        uint256[] memory stream = this.copyWithGap(words, 0, 1);
        assertEq(abi.encodePacked(stream), abi.encodePacked(uint256(0), uint256(1), uint256(2)));
        stream = this.copyWithGap(words, 2, 1);
        assertEq(abi.encodePacked(stream), abi.encodePacked(uint256(1), uint256(2), uint256(0)));
    }

    function test_revertsOnAWordThatIsNotReduced() external {
        uint256[] memory stream = new uint256[](3);
        stream[1] = P;
        vm.expectRevert(abi.encodeWithSelector(IBatchSettlement.WordNotInField.selector, 1));
        this.evaluate(stream, 1);
    }

    function test_revertsOnACommitmentThatIsNotReduced() external {
        vm.expectRevert(abi.encodeWithSelector(IBatchSettlement.CommitmentNotInField.selector, P));
        this.challenge(P, new uint256[](1));
    }

    function testFuzz_evaluatesLikeAPowerSum(uint256[] memory stream, uint256 commitment) external pure {
        for (uint256 k = 0; k < stream.length; ++k) {
            stream[k] %= P;
        }
        commitment %= P;
        uint256 r = DataStream.challenge(commitment, stream);
        assertEq(r, BatchReference.challenge(commitment, stream));
        assertEq(DataStream.evaluate(stream, r), BatchReference.powerSum(stream, r));
    }

    function testFuzz_theGapSplitsTheWordsAndHoldsZeros(
        uint256[] calldata words,
        uint256 gapBegin,
        uint256 gapWords
    ) external view {
        gapBegin = bound(gapBegin, 0, words.length);
        gapWords = bound(gapWords, 0, 64);
        uint256[] memory stream = this.copyWithGap(words, gapBegin, gapWords);
        assertEq(stream.length, words.length + gapWords);
        for (uint256 k = 0; k < stream.length; ++k) {
            bool before = k < gapBegin;
            bool inside = !before && k < gapBegin + gapWords;
            assertEq(stream[k], before ? words[k] : inside ? 0 : words[k - gapWords]);
        }
    }

    function copyWithGap(uint256[] calldata words, uint256 gapBegin, uint256 gapWords)
        external
        pure
        returns (uint256[] memory)
    {
        return DataStream.copyWithGap(words, gapBegin, gapWords);
    }

    function challenge(uint256 commitment, uint256[] memory stream) external pure returns (uint256) {
        return DataStream.challenge(commitment, stream);
    }

    function evaluate(uint256[] memory stream, uint256 point) external pure returns (uint256) {
        return DataStream.evaluate(stream, point);
    }
}
