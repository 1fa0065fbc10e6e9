// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

/// @title How the pot of a frozen rollup is shared among the exits of the window
/// @dev The pot and a claim are below 2^64, the claims together below 2^96: no product overflows.
library ExitShare {
    /// @notice What one claim is paid
    /// @dev In full if the pot suffices, else in proportion, rounded down: the shares of all claims together never exceed the pot, whoever is paid first.
    /// @param claim One of the claims
    /// @param pot What there is to share
    /// @param claims Sum of all claims
    function share(uint256 claim, uint256 pot, uint256 claims) internal pure returns (uint256) {
        return claims <= pot ? claim : claim * pot / claims;
    }

    /// @notice What the claims leave of the pot, before rounding
    function remainder(uint256 pot, uint256 claims) internal pure returns (uint256) {
        return claims < pot ? pot - claims : 0;
    }
}
