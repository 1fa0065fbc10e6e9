// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {BatchHeader} from "../../src/libraries/BatchHeader.sol";
import {Constants} from "../../src/libraries/Constants.sol";

contract BatchHeaderSymbolicTest is Test {
    /// @notice Each count is its own 16 bits of the word; the last takes all the rest, so that no bit is ignored there.
    function check_theCountsAreTheirBitsOfTheWord(uint256 counts) external view {
        uint256[] memory words = new uint256[](Constants.HEADER_WORDS);
        words[Constants.HEADER_COUNTS] = counts;
        BatchHeader.Header memory header = this.decode(words);
        assert(header.requests == counts % 2 ** 16);
        assert(header.messages == counts / 2 ** 16 % 2 ** 16);
        assert(header.words == counts / 2 ** 64);
    }

    function decode(uint256[] calldata words) external pure returns (BatchHeader.Header memory) {
        return BatchHeader.decode(words);
    }
}
