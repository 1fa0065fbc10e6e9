// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Test} from "forge-std/Test.sol";
import {BabyJubjub} from "../../src/libraries/BabyJubjub.sol";
import {Constants} from "../../src/libraries/Constants.sol";

contract BabyJubjubTest is Test {
    struct Point {
        uint256 x;
        uint256 y;
    }

    uint256 private constant P = Constants.FIELD_MODULUS;
    uint256 private constant A = 168700;
    uint256 private constant D = 168696;

    function test_theBasePointAndTheDefaultKeyAreUsableKeys() external pure {
        assertUsable(base());
        assertUsable(Point(Constants.DEFAULT_KEY_X, Constants.DEFAULT_KEY_Y));
    }

    /// @dev Such a key is safe: verification multiplies it by eight, which leaves the part of prime order.
    function test_aPointWithAPartOfOrderEightIsUsable() external view {
        assertUsable(add(base(), eighth()));
    }

    function test_allEightMultiplesOfAPointOfOrderEightAreSmall() external view {
        Point memory point = Point(0, 1);
        for (uint256 i = 0; i < 8; ++i) {
            assertTrue(BabyJubjub.isOnCurve(point.x, point.y));
            assertTrue(BabyJubjub.isSmallOrder(point.x, point.y));
            point = add(point, eighth());
        }
        assertEq(point.x, 0, "the order is eight");
        assertEq(point.y, 1, "the order is eight");
    }

    function testFuzz_multiplesOfTheBasePointAreUsable(uint64 scalar) external view {
        vm.assume(scalar != 0);
        assertUsable(multiply(scalar, base()));
    }

    function testFuzz_aPointHasNoOtherYThanItsOwnAndTheOpposite(uint64 scalar, uint256 y) external view {
        Point memory point = multiply(uint256(scalar) + 1, base());
        y = bound(y, 0, P - 1);
        vm.assume(y != point.y && y != P - point.y);
        assertFalse(BabyJubjub.isOnCurve(point.x, y));
    }

    function assertUsable(Point memory point) private pure {
        assertTrue(BabyJubjub.isOnCurve(point.x, point.y), "on the curve");
        assertFalse(BabyJubjub.isSmallOrder(point.x, point.y), "not of small order");
    }

    function base() private pure returns (Point memory) {
        return Point(
            5299619240641551281634865583518297030282874472190772894086521144482721001553,
            16950150798460657717958625567821834550301663161624707787222815936182638968203
        );
    }

    function eighth() private pure returns (Point memory) {
        return Point(
            17545522957889784193459637215142187266023652151580582754000402781682644312291,
            17061719626832259898845741003733890968968767993363194771977168648564009544074
        );
    }

    function multiply(uint256 scalar, Point memory point) private view returns (Point memory product) {
        product = Point(0, 1);
        for (; scalar != 0; scalar >>= 1) {
            if (scalar & 1 == 1) product = add(product, point);
            point = add(point, point);
        }
    }

    /// @dev The affine addition law of EIP-2494, with its two divisions.
    function add(Point memory p, Point memory q) private view returns (Point memory) {
        uint256 xx = mulmod(p.x, q.x, P);
        uint256 yy = mulmod(p.y, q.y, P);
        uint256 product = mulmod(D, mulmod(xx, yy, P), P);
        uint256 cross = addmod(mulmod(p.x, q.y, P), mulmod(p.y, q.x, P), P);
        return Point(
            mulmod(cross, Math.invModPrime(addmod(1, product, P), P), P),
            mulmod(addmod(yy, P - mulmod(A, xx, P), P), Math.invModPrime(addmod(1, P - product, P), P), P)
        );
    }
}
