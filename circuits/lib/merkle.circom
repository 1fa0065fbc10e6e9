pragma circom 2.2.0;

include "poseidon.circom";
include "range.circom";

// One level of a quaternary tree, read and written at once.
//   bit0, bit1 - {Bool}   the place of the node among its siblings, bit0 + 2 bit1; checked by the caller
//   children[4]           the siblings before the write; the node's own place must hold `before`
// `children` is a hint: the node's own place is forced, the others are bound by the root.
template MerkleLevel() {
    signal input bit0;
    signal input bit1;
    signal input children[4];
    signal input before;
    signal input after;
    signal output parentBefore;
    signal output parentAfter;

    signal both <== bit0 * bit1;
    var place[4] = [1 - bit0 - bit1 + both, bit0 - both, bit1 - both, both];

    signal own[4];
    signal written[4];
    var held = 0;
    for (var i = 0; i < 4; i++) {
        own[i] <== place[i] * children[i];
        held += own[i];
        written[i] <== children[i] + place[i] * (after - before);
    }
    held === before;
    parentBefore <== Poseidon(4)(children);
    parentAfter <== Poseidon(4)(written);
}

// Claims: if enabled, the leaf at index is `before` in the tree of rootBefore and rootAfter is the root when it becomes `after`;
// if not enabled, rootAfter = rootBefore.
//   enabled - {Bool}, bits[2 depth] - {Bool} of the index, low bit first: checked by the caller
template MerkleUpdate(depth) {
    signal input enabled;
    signal input bits[2 * depth];
    signal input path[depth][4];
    signal input before;
    signal input after;
    signal input rootBefore;
    signal output rootAfter;

    component level[depth];
    for (var i = 0; i < depth; i++) {
        level[i] = MerkleLevel();
        level[i].bit0 <== bits[2 * i];
        level[i].bit1 <== bits[2 * i + 1];
        level[i].children <== path[i];
        if (i == 0) {
            level[i].before <== before;
            level[i].after <== after;
        } else {
            level[i].before <== level[i - 1].parentBefore;
            level[i].after <== level[i - 1].parentAfter;
        }
    }
    enabled * (level[depth - 1].parentBefore - rootBefore) === 0;
    rootAfter <== Choose()(enabled, level[depth - 1].parentAfter, rootBefore);
}
