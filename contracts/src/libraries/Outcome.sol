// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IBatchSettlement} from "../interfaces/IBatchSettlement.sol";
import {Constants} from "./Constants.sol";

/// @title The outcome word of a request
library Outcome {
    uint256 private constant STATUS_MASK = 2 ** Constants.STATUS_BITS - 1;

    /// @notice Splits an outcome word
    /// @dev The proof has tied the outcome to the request. What is checked again keeps the vault from paying more than was
    /// asked for, should the circuit ever be wrong: a word without excess bits, and no payment above the request's amount.
    /// @param word The outcome word
    /// @param index The request's place in the queue
    /// @param amount What was deposited, or asked to withdraw
    function decode(uint256 word, uint256 index, uint256 amount)
        internal
        pure
        returns (uint256 status, uint256 paid)
    {
        status = word & STATUS_MASK;
        paid = word >> Constants.OUTCOME_PAID_AT;
        if (paid > amount) revert IBatchSettlement.OutcomeOutOfRange(index, word);
    }
}
