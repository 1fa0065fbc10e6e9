// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {IPoseidon} from "../../src/interfaces/IPoseidon.sol";

/// @notice The log tree of docs/spec/state.md, every node of it: the referee of `LogTree`
library LogReference {
    /// @dev Level 0 holds the 64 leaves, level 3 the root; a level's unused places stay 0 and are never read
    struct Tree {
        uint256[64][4] nodes;
    }

    function build(IPoseidon poseidon, uint256[] memory leaves) internal pure returns (Tree memory tree) {
        for (uint256 i = 0; i < leaves.length; ++i) {
            tree.nodes[0][i] = leaves[i];
        }
        uint256 width = 64;
        for (uint256 level = 0; level < 3; ++level) {
            width /= 4;
            uint256[64] memory below = tree.nodes[level];
            for (uint256 i = 0; i < width; ++i) {
                tree.nodes[level + 1][i] =
                    poseidon.poseidon([below[4 * i], below[4 * i + 1], below[4 * i + 2], below[4 * i + 3]]);
            }
        }
    }

    function root(Tree memory tree) internal pure returns (uint256) {
        return tree.nodes[3][0];
    }

    function path(Tree memory tree, uint256 place) internal pure returns (uint256[3][3] memory siblings) {
        for (uint256 level = 0; level < 3; ++level) {
            uint256 first = place - place % 4;
            uint256 count = 0;
            for (uint256 child = first; child < first + 4; ++child) {
                if (child != place) siblings[level][count++] = tree.nodes[level][child];
            }
            place /= 4;
        }
    }
}
