// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {ExitShare} from "../../src/libraries/ExitShare.sol";

contract ExitShareSymbolicTest is Test {
    /// @notice If all claims are one, its share and what is left for late exits are the pot: no unit more, none less.
    function check_theShareOfAllClaimsAndTheRemainderAreThePot(uint64 pot, uint96 claims) external pure {
        assert(ExitShare.share(claims, pot, claims) + ExitShare.remainder(pot, claims) == pot);
    }

    /// @notice A pot that suffices pays every claim in full, and without one nobody is owed anything.
    function check_aPotThatSufficesPaysInFull(uint64 claim, uint64 pot, uint96 claims) external pure {
        vm.assume(claim <= claims && claims <= pot);
        assert(ExitShare.share(claim, pot, claims) == claim);
    }
}
