// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Constants} from "./Constants.sol";

/// @title Checks of a point of Baby Jubjub, the twisted Edwards curve a x^2 + y^2 = 1 + d x^2 y^2 of EIP-2494
/// @dev Coordinates must be below the field's order, or each point would have several encodings.
library BabyJubjub {
    uint256 private constant P = Constants.FIELD_MODULUS;
    uint256 private constant A = 168700;
    uint256 private constant D = 168696;

    /// @notice Whether (x, y) satisfies the curve's equation
    function isOnCurve(uint256 x, uint256 y) internal pure returns (bool) {
        uint256 xx = mulmod(x, x, P);
        uint256 yy = mulmod(y, y, P);
        return addmod(mulmod(A, xx, P), yy, P) == addmod(1, mulmod(D, mulmod(xx, yy, P), P), P);
    }

    /// @notice Whether eight times a point of the curve is the identity
    /// @dev The only points with x = 0 are the identity and (0, -1), of order two: four times the point is one of them.
    function isSmallOrder(uint256 x, uint256 y) internal pure returns (bool) {
        uint256 z = 1;
        (x, y, z) = _double(x, y, z);
        (x,,) = _double(x, y, z);
        return x == 0;
    }

    /// @dev Twice the projective point (x : y : z), z != 0: 2xy / (a x^2 + y^2) and (y^2 - a x^2) / (2 - a x^2 - y^2) over a
    /// common denominator. It is never 0, since a is a square and d is not: the result has z != 0 again.
    function _double(uint256 x, uint256 y, uint256 z) private pure returns (uint256, uint256, uint256) {
        uint256 axx = mulmod(A, mulmod(x, x, P), P);
        uint256 yy = mulmod(y, y, P);
        uint256 zz = mulmod(z, z, P);
        uint256 sum = addmod(axx, yy, P);
        uint256 rest = addmod(addmod(zz, zz, P), P - sum, P);
        return (
            mulmod(mulmod(2, mulmod(x, y, P), P), rest, P),
            mulmod(addmod(yy, P - axx, P), sum, P),
            mulmod(sum, rest, P)
        );
    }
}
