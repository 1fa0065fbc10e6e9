pragma circom 2.2.0;

include "poseidon.circom";
include "../lib/by_bits.circom";

// root = root of the quaternary tree of a depth in which `leaf` stands at the index of `bits`.
//   bits[2 depth] - {Bool} of the index, low bit first: checked by the caller
//   path[depth][4] - hint: the children of each node from the leaf's parent up to the root. The one on the way up is forced to be the
//   node below, the others are bound by the root, which the caller compares.
template PathRoot(depth) {
    signal input bits[2 * depth];
    signal input path[depth][4];
    signal input leaf;
    signal output root;

    signal held[depth];
    signal node[depth + 1];
    node[0] <== leaf;
    for (var i = 0; i < depth; i++) {
        held[i] <== Pick(2)([bits[2 * i], bits[2 * i + 1]], path[i]);
        held[i] === node[i];
        node[i + 1] <== Poseidon(4)(path[i]);
    }
    root <== node[depth];
}
