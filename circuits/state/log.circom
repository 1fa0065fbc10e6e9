pragma circom 2.2.0;

include "poseidon.circom";
include "../lib/constants.circom";
include "../lib/empty.circom";

// root = root of the quaternary tree of depth LOG_DEPTH over leaf[K], K <= 4^LOG_DEPTH; missing leaves are 0. Only nodes above
// a leaf are hashed, the others are constants.
template LogRoot(K) {
    signal input leaf[K];
    signal output root;

    assert(LOG_DEPTH() == 3 && K <= 64);
    var counts[4] = [K, (K + 3) \ 4, (K + 15) \ 16, 1];
    signal node[4][64];
    for (var i = 0; i < 64; i++) {
        node[0][i] <== i < K ? leaf[i] : 0;
    }
    for (var depth = 1; depth <= 3; depth++) {
        for (var i = 0; i < 64; i++) {
            if (i < counts[depth]) {
                var children[4];
                for (var j = 0; j < 4; j++) {
                    var child = 4 * i + j;
                    children[j] = child < counts[depth - 1] ? node[depth - 1][child] : emptyNode(depth - 1);
                }
                node[depth][i] <== Poseidon(4)(children);
            } else {
                node[depth][i] <== emptyNode(depth);
            }
        }
    }
    root <== node[3][0];
}
