// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Constants} from "../../src/libraries/Constants.sol";

/// @notice The binding of docs/spec/data.md as its formulas say it, without regard to gas: the referee of `DataStream`
library BatchReference {
    uint256 private constant P = Constants.FIELD_MODULUS;

    function challenge(uint256 commitment, uint256[] memory stream) internal pure returns (uint256) {
        bytes32 wordsHash = keccak256(abi.encodePacked(stream));
        return uint256(keccak256(abi.encodePacked(commitment, wordsHash))) % P;
    }

    function powerSum(uint256[] memory stream, uint256 point) internal pure returns (uint256 sum) {
        uint256 power = 1;
        for (uint256 k = 0; k < stream.length; ++k) {
            sum = addmod(sum, mulmod(stream[k], power, P), P);
            power = mulmod(power, point, P);
        }
    }
}
