pragma circom 2.2.0;

include "poseidon.circom";
include "../lib/bits_below.circom";

// The random numbers of one check, squeezed from its seed: 19 words for 35 signatures, each cut into bits in the one canonical way.
//   startBit[246]   of c, from word 0
//   zBit[K][126]    of signature i, two a word; z[i] = sum of (2 bit - 1) 2^b, odd, in (-2^126, 2^126), as a field element
// A permutation gives up to 16 words, as wide as words are left; its first element starts at 1 + the permutation's number, where hashes
// start at 0, and is not given out. A word is uniform in [0, p), so no z or c is more than 4/3 times as likely as it should be.
template Coefficients(K) {
    signal input seed;
    signal output startBit[246];
    signal output zBit[K][126];
    signal output z[K];

    var words = 1 + (K + 1) \ 2;
    var blocks = (words + 15) \ 16;
    signal bits[words][254];
    component squeeze[blocks];
    for (var b = 0; b < blocks; b++) {
        var width = words - 16 * b < 16 ? words - 16 * b : 16;
        squeeze[b] = PoseidonEx(width, width + 1);
        squeeze[b].initialState <== 1 + b;
        for (var i = 0; i < width; i++) {
            squeeze[b].inputs[i] <== i == 0 ? seed : 0;
        }
        for (var i = 0; i < width; i++) {
            bits[16 * b + i] <== BitsBelow(254, -1, 192)(squeeze[b].out[1 + i]);
        }
    }
    for (var b = 0; b < 246; b++) {
        startBit[b] <== bits[0][b];
    }
    for (var i = 0; i < K; i++) {
        var value = 0;
        for (var b = 0; b < 126; b++) {
            zBit[i][b] <== bits[1 + i \ 2][126 * (i % 2) + b];
            value += (2 * zBit[i][b] - 1) * (1 << b);
        }
        z[i] <== value;
    }
}
