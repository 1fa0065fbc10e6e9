pragma circom 2.2.0;

include "montgomery.circom";
include "odd_digit.circom";

// sum = 2^252 start + sum over j of e_j key[j] + sum over i of z_i r8[i], in Montgomery form, with shared doublings (Straus):
// e_j and z_i are the odd numbers sum of (2 bit - 1) 2^b over 252 and 126 bits, two bits a digit.
//   start, key[A], r8[K] - points of order l; bits - {Bool}: checked by the caller
// circomlib's addition takes P and Q with different u. Where P = -Q it has no solution; where P = Q its slope, so its result, would be
// the prover's choice. That must not happen, and does not if start = c B8 with c drawn after all other points and the z_i: before
// each addition the sum is 2^k c B8 + V, and V is one of the few that the representatives of the e_j modulo l allow, three for each:
// for at most 3^A values of c it is the point to be added. Doubling has no solution at (0, 0), which is not of order l, and no exception
// elsewhere. 3P = 2P + P adds different points, as P has order l.
template Combination(K, A) {
    signal input start[2];
    signal input key[A][2];
    signal input keyBit[A][252];
    signal input r8[K][2];
    signal input zBit[K][126];
    signal output sum[2];

    signal keyTwice[A][2];
    signal keyThrice[A][2];
    for (var j = 0; j < A; j++) {
        keyTwice[j] <== MontgomeryDouble()(key[j]);
        keyThrice[j] <== MontgomeryAdd()(keyTwice[j], key[j]);
    }
    signal r8Twice[K][2];
    signal r8Thrice[K][2];
    for (var i = 0; i < K; i++) {
        r8Twice[i] <== MontgomeryDouble()(r8[i]);
        r8Thrice[i] <== MontgomeryAdd()(r8Twice[i], r8[i]);
    }

    signal twice[126][2];
    signal partial[126][A + K + 1][2];
    signal keyTerm[126][A][2];
    signal r8Term[63][K][2];
    for (var w = 125; w >= 0; w--) {
        if (w == 125) {
            twice[w] <== MontgomeryDouble()(start);
        } else {
            twice[w] <== MontgomeryDouble()(partial[w + 1][A + K]);
        }
        partial[w][0] <== MontgomeryDouble()(twice[w]);
        for (var j = 0; j < A; j++) {
            keyTerm[w][j] <== OddDigit()(keyBit[j][2 * w], keyBit[j][2 * w + 1], key[j], keyThrice[j]);
            partial[w][j + 1] <== MontgomeryAdd()(partial[w][j], keyTerm[w][j]);
        }
        for (var i = 0; i < K; i++) {
            if (w < 63) {
                r8Term[w][i] <== OddDigit()(zBit[i][2 * w], zBit[i][2 * w + 1], r8[i], r8Thrice[i]);
                partial[w][A + i + 1] <== MontgomeryAdd()(partial[w][A + i], r8Term[w][i]);
            } else {
                partial[w][A + i + 1] <== partial[w][A + i];
            }
        }
    }
    sum <== partial[0][A + K];
}
