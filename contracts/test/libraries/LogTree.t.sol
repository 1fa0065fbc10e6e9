// SPDX-License-Identifier: GPL-3.0-only
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {Poseidon} from "../../src/Poseidon.sol";
import {IPoseidon} from "../../src/interfaces/IPoseidon.sol";
import {IReceiptCourt} from "../../src/interfaces/IReceiptCourt.sol";
import {Constants} from "../../src/libraries/Constants.sol";
import {LogTree} from "../../src/libraries/LogTree.sol";
import {LogReference} from "../utils/LogReference.sol";

/// @notice Python compares the hash with circomlib's on thousands of inputs: tests/chain/test_poseidon.py
contract LogTreeTest is Test {
    using LogReference for LogReference.Tree;

    IPoseidon private immutable poseidon = IPoseidon(address(new Poseidon()));

    function test_hashesAsCircomlibDoes() external view {
        assertEq(
            poseidon.poseidon([uint256(1), 2, 3, 4]),
            18821383157269793795438455681495246036402687001665670618754263018637548127333
        );
        assertEq(
            poseidon.poseidon([uint256(0), 0, 0, 0]),
            2351654555892372227640888372176282444150254868378439619268573230312091195718
        );
    }

    /// forge-config: default.fuzz.runs = 48
    function testFuzz_anyLeafLeadsToTheRoot(uint256 seed, uint256 messages, uint256 place) external view {
        messages = bound(messages, 1, 64);
        place = bound(place, 0, messages - 1);
        uint256[] memory leaves = randomLeaves(seed, messages);
        LogReference.Tree memory tree = LogReference.build(poseidon, leaves);
        assertEq(this.rootOf(leaves[place], place, tree.path(place)), tree.root());
    }

    /// forge-config: default.fuzz.runs = 48
    function testFuzz_noOtherLeafLeadsToTheRoot(uint256 seed, uint256 leaf, uint256 place) external view {
        place = bound(place, 0, 63);
        leaf = bound(leaf, 1, Constants.FIELD_MODULUS - 1);
        uint256[] memory leaves = randomLeaves(seed, 64);
        vm.assume(leaf != leaves[place]);
        LogReference.Tree memory tree = LogReference.build(poseidon, leaves);
        assertNotEq(this.rootOf(leaf, place, tree.path(place)), tree.root());
    }

    function testFuzz_revertsBeyondTheTree(uint256 place) external {
        place = bound(place, 64, type(uint256).max);
        uint256[3][3] memory path;
        vm.expectRevert(abi.encodeWithSelector(IReceiptCourt.PlaceOutOfRange.selector, place, 64));
        this.rootOf(1, place, path);
    }

    function testFuzz_revertsOnWordsOutsideTheField(uint256 word, uint256 level, uint256 sibling) external {
        word = bound(word, Constants.FIELD_MODULUS, type(uint256).max);
        uint256[3][3] memory path;
        vm.expectRevert(abi.encodeWithSelector(IReceiptCourt.NotAMessageHash.selector, word));
        this.rootOf(word, 0, path);
        path[level % 3][sibling % 3] = word;
        vm.expectRevert(abi.encodeWithSelector(IReceiptCourt.NotAMessageHash.selector, word));
        this.rootOf(1, 0, path);
    }

    function test_revertsOnTheEmptyLeaf() external {
        uint256[3][3] memory path;
        vm.expectRevert(abi.encodeWithSelector(IReceiptCourt.NotAMessageHash.selector, 0));
        this.rootOf(0, 0, path);
    }

    function rootOf(uint256 leaf, uint256 place, uint256[3][3] calldata path)
        external
        view
        returns (uint256)
    {
        return LogTree.rootOf(poseidon, leaf, place, path);
    }

    function randomLeaves(uint256 seed, uint256 count) private pure returns (uint256[] memory leaves) {
        leaves = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            leaves[i] = uint256(keccak256(abi.encode(seed, i))) % Constants.FIELD_MODULUS;
        }
    }
}
