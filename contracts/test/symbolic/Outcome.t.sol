// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {Outcome} from "../../src/libraries/Outcome.sol";

contract OutcomeSymbolicTest is Test {
    /// @notice No word makes a batch pay more than the request's amount, and none is read in two ways.
    function check_paysNoMoreThanTheAmount(uint256 word, uint256 index, uint256 amount) external pure {
        (uint256 status, uint256 paid) = Outcome.decode(word, index, amount);
        assert(paid <= amount);
        assert(status < 16);
        assert(word == paid * 16 + status);
    }

    /// @notice Every payment up to the amount can be made.
    function check_refusesNoPaymentUpToTheAmount(uint64 paid, uint256 status, uint256 amount) external view {
        vm.assume(paid <= amount && status < 16);
        try this.decode(uint256(paid) * 16 + status, amount) returns (uint256 status_, uint256 paid_) {
            assert(status_ == status && paid_ == paid);
        } catch {
            assert(false);
        }
    }

    function decode(uint256 word, uint256 amount) external pure returns (uint256, uint256) {
        return Outcome.decode(word, 0, amount);
    }
}
