pragma circom 2.2.0;

include "escalarmulfix.circom";
include "montgomery.circom";
include "../lib/chain.circom";
include "coefficients.circom";
include "cofactor.circom";
include "combination.circom";
include "curve.circom";
include "limbs.circom";
include "modulo_order.circom";
include "scalars.circom";
include "term.circom";

// Claims: (8 q[i], s[i]) is an EdDSA-Poseidon signature of message[i] by the key that owner[i] selects, for each i: with R8 = 8 Q
//     S_i B8 = R8_i + h_i 8A,  h_i = P(R8_i, A, M_i),  S_i < l,  h_i the hash's one representative in [0, p).
// Where owner[i] selects no key, S_i B8 = R8_i holds and nothing more is claimed.
//   key[A][2] - any: a pair off the curve or of small order has no witness, used or not, so the caller must exclude it
//   owner[K][A] - {Bool}, at most one set in a row: checked by the caller; message[K] - any
//   q, s, bit, quotient, carry - hints: forced by SignatureTerm and ModuloOrder; row A of the last three is the base point's
//
// All K equations are checked by one random combination, z_i odd in (-2^126, 2^126):
//     (sum z_i S_i + 2^252 c) B8  =  2^252 c B8 + sum z_i R8_i + sum_j e_j 8A_j,    e_j = sum over i of j of z_i h_i  modulo l
// Every point has order l, so with D_i the difference of the two sides of equation i it says: sum z_i D_i = O in a group of prime
// order. The seed absorbs S_i, h_i (so R8_i, A_i and M_i) of all i, and all keys, used or not: each enters the sum. So the D_i are fixed
// before the z_i, and if one of them is not O, at most one value of its z_i satisfies the sum: 2^-126 a seed tried. A slot
// without a key is one more such equation; whatever it holds, it cannot make up for another.
// h_i tells that there is no key, too: (0, 0) is not on the curve, so no key of the table.
// The start c B8 makes the additions of Combination sound; c has 246 bits, so that one segment of EscalarMulFix multiplies it.
// EscalarMulFix adds positive multiples of a point to a larger one, less than l apart: never the same point, whatever the bits.
template SignatureBatch(K, A) {
    signal input key[A][2];
    signal input owner[K][A];
    signal input message[K];
    signal input q[K][2];
    signal input s[K];
    signal input bit[A + 1][252];
    signal input quotient[A + 1][2];
    signal input carry[A + 1][2];

    component term[K];
    component combination = Combination(K, A);
    component scalars = Scalars(K, A);
    var words[2 * K + 2 * A];
    for (var i = 0; i < K; i++) {
        term[i] = SignatureTerm(A);
        term[i].owner <== owner[i];
        term[i].key <== key;
        term[i].message <== message[i];
        term[i].q <== q[i];
        term[i].s <== s[i];
        words[2 * i] = term[i].h;
        words[2 * i + 1] = s[i];
        combination.r8[i] <== term[i].r8;
        scalars.owner[i] <== owner[i];
        scalars.hLimb[i] <== term[i].hLimb;
        scalars.sLimb[i] <== term[i].sLimb;
    }
    signal montgomery[A][2];
    for (var j = 0; j < A; j++) {
        words[2 * K + 2 * j] = key[j][0];
        words[2 * K + 2 * j + 1] = key[j][1];
        montgomery[j] <== Edwards2Montgomery()(key[j]);
        combination.key[j] <== TimesCofactor()(montgomery[j]);
        combination.keyBit[j] <== bit[j];
    }

    component coefficients = Coefficients(K);
    coefficients.seed <== Chain(2 * K + 2 * A)(words);
    combination.zBit <== coefficients.zBit;
    scalars.z <== coefficients.z;
    scalars.startLimb <== Limbs(246)(coefficients.startBit);
    for (var j = 0; j < A; j++) {
        ModuloOrder(1)(scalars.keyLimb[j], bit[j], quotient[j], carry[j]);
    }
    ModuloOrder(0)(scalars.baseLimb, bit[A], quotient[A], carry[A]);

    var base[2] = [BASE8_X(), BASE8_Y()];
    signal start[2] <== EscalarMulFix(246, base)(coefficients.startBit);
    combination.start <== Edwards2Montgomery()(start);
    signal left[2] <== EscalarMulFix(252, base)(bit[A]);
    signal right[2] <== Montgomery2Edwards()(combination.sum);
    // Equal x would do: (x, -y) is not in the subgroup.
    left === right;
}
