pragma circom 2.2.0;

include "poseidon.circom";
include "by_bits.circom";
include "constants.circom";

// One level of a quaternary tree, read and written at once.
//   bits[2] - {Bool}      the place of the node among its siblings, low bit first; checked by the caller
//   children[4]           the siblings before the write; the node's own place must hold `before`
// `children` is a hint: the node's own place is forced, the others are bound by the root.
template MerkleLevel() {
    signal input bits[2];
    signal input children[4];
    signal input before;
    signal input after;
    signal output parentBefore;
    signal output parentAfter;

    signal held <== Pick(2)(bits, children);
    held === before;
    signal change[4] <== Spread(2)(bits, after - before);
    var written[4];
    for (var i = 0; i < 4; i++) {
        written[i] = children[i] + change[i];
    }
    parentBefore <== Poseidon(4)(children);
    parentAfter <== Poseidon(4)(written);
}

// root = root of the quaternary tree of some levels over all its nodes below.
template TreeRoot(levels) {
    signal input nodes[4 ** levels];
    signal output root;

    // A heap: the node at m has the children 4m + 1 to 4m + 4.
    var inner = (4 ** levels - 1) \ 3;
    var node[inner + 4 ** levels];
    for (var i = 0; i < 4 ** levels; i++) {
        node[inner + i] = nodes[i];
    }
    signal hash[inner];
    for (var m = inner - 1; m >= 0; m--) {
        hash[m] <== Poseidon(4)([node[4 * m + 1], node[4 * m + 2], node[4 * m + 3], node[4 * m + 4]]);
        node[m] = hash[m];
    }
    root <== hash[0];
}

// Claims, slot by slot: where enabled, the leaf at the index is `before` in the tree that the slots before it left, and becomes
// `after`. The first tree is that of rootBefore, the last that of rootAfter.
//   enabled[n] - {Bool}, bits[n][2 depth] - {Bool} of the index, low bit first: checked by the caller
//   crown[16] - hint: the nodes CROWN_LEVELS below the root, before the first slot: bound by rootBefore
//   path[n][depth - CROWN_LEVELS][4] - hint: the children of each node between leaf and crown, bound by the crown as it is then
// The crown is hashed once before and once after all slots: its 10 hashes stand for 4 of each slot.
template MerkleUpdates(n, depth) {
    var below = depth - CROWN_LEVELS();
    var crownBits = 2 * CROWN_LEVELS();
    signal input enabled[n];
    signal input bits[n][2 * depth];
    signal input crown[1 << crownBits];
    signal input path[n][below][4];
    signal input before[n];
    signal input after[n];
    signal input rootBefore;
    signal output rootAfter;

    signal opened <== TreeRoot(CROWN_LEVELS())(crown);
    opened === rootBefore;

    component level[n][below];
    component held[n];
    component change[n];
    signal moved[n];
    var nodes[1 << crownBits] = crown;
    for (var j = 0; j < n; j++) {
        for (var i = 0; i < below; i++) {
            level[j][i] = MerkleLevel();
            level[j][i].bits <== [bits[j][2 * i], bits[j][2 * i + 1]];
            level[j][i].children <== path[j][i];
            if (i == 0) {
                level[j][i].before <== before[j];
                level[j][i].after <== after[j];
            } else {
                level[j][i].before <== level[j][i - 1].parentBefore;
                level[j][i].after <== level[j][i - 1].parentAfter;
            }
        }

        held[j] = Pick(crownBits);
        held[j].values <== nodes;
        change[j] = Spread(crownBits);
        for (var b = 0; b < crownBits; b++) {
            held[j].bits[b] <== bits[j][2 * below + b];
            change[j].bits[b] <== bits[j][2 * below + b];
        }
        enabled[j] * (level[j][below - 1].parentBefore - held[j].out) === 0;
        moved[j] <== enabled[j] * (level[j][below - 1].parentAfter - level[j][below - 1].parentBefore);
        change[j].value <== moved[j];
        for (var i = 0; i < 1 << crownBits; i++) {
            nodes[i] += change[j].out[i];
        }
    }
    rootAfter <== TreeRoot(CROWN_LEVELS())(nodes);
}
