// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IPoseidon} from "../interfaces/IPoseidon.sol";
import {IReceiptCourt} from "../interfaces/IReceiptCourt.sol";
import {Constants} from "./Constants.sol";

/// @title The tree over the message hashes of one batch: quaternary, in sequence order, empty places 0
library LogTree {
    uint256 private constant P = Constants.FIELD_MODULUS;
    uint256 private constant ARITY = Constants.TREE_ARITY;
    uint256 private constant PLACES = ARITY ** Constants.LOG_DEPTH;

    /// @notice Root of a tree that has `leaf` at `place`
    /// @dev Every input has one encoding only: a place beyond the tree would stand for a place in it, and a word of p or
    /// more for its residue. 0 is what an empty place holds, hence no message.
    /// @param path From the leaf up, the three other children of each node, in order
    function rootOf(IPoseidon hasher, uint256 leaf, uint256 place, uint256[3][3] calldata path)
        internal
        pure
        returns (uint256 node)
    {
        if (place >= PLACES) revert IReceiptCourt.PlaceOutOfRange(place, PLACES);
        if (leaf == 0) revert IReceiptCourt.NotAMessageHash(leaf);
        node = leaf;
        for (uint256 level = 0; level < Constants.LOG_DEPTH; ++level) {
            node = hasher.poseidon(_children(node, place % ARITY, path[level]));
            place /= ARITY;
        }
    }

    function _children(uint256 node, uint256 position, uint256[3] calldata siblings)
        private
        pure
        returns (uint256[4] memory children)
    {
        for (uint256 i = 0; i < ARITY; ++i) {
            uint256 child = i == position ? node : siblings[i < position ? i : i - 1];
            if (child >= P) revert IReceiptCourt.NotAMessageHash(child);
            children[i] = child;
        }
    }
}
