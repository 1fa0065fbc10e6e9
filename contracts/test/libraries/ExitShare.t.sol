// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {ExitShare} from "../../src/libraries/ExitShare.sol";

contract ExitShareTest is Test {
    function test_claimsBeyondThePotShareItInProportion() external pure {
        assertEq(ExitShare.share(1, 10, 15), 0);
        assertEq(ExitShare.share(3, 10, 15), 2);
        assertEq(ExitShare.share(11, 10, 15), 7);
        assertEq(ExitShare.remainder(10, 15), 0);
    }

    function test_aPotThatSufficesPaysInFullAndKeepsTheRest() external pure {
        assertEq(ExitShare.share(3, 10, 4), 3);
        assertEq(ExitShare.remainder(10, 4), 6);
        assertEq(ExitShare.remainder(10, 0), 10);
    }

    /// @dev The solvers of halmos do not finish on a product over a divisor that is not known.
    function testFuzz_allSharesTogetherStayWithinThePot(uint64[16] calldata claim, uint64 pot, uint8 shift)
        external
        pure
    {
        uint256 claims = 0;
        for (uint256 i = 0; i < claim.length; ++i) {
            claims += claim[i] >> shift % 64;
        }
        uint256 paid = 0;
        for (uint256 i = 0; i < claim.length; ++i) {
            uint256 share = ExitShare.share(claim[i] >> shift % 64, pot, claims);
            assertLe(share, claim[i]);
            paid += share;
        }
        uint256 left = ExitShare.remainder(pot, claims);
        assertLe(paid + left, pot);
        assertLt(pot - left - paid, claim.length);
    }
}
