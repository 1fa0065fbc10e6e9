pragma circom 2.2.0;

include "montgomery.circom";
include "poseidon.circom";
include "../lib/bits_below.circom";
include "../lib/one_hot.circom";
include "cofactor.circom";
include "curve.circom";
include "limbs.circom";

// What one signature (R8, S) of message by the key that owner selects, or by (0, 0) if it selects none, brings to the combination:
// R8 = 8 Q in Montgomery form, h = P(R8, A, M) and the limbs of h and S.
//   owner[A] - {Bool}, at most one set: checked by the caller
//   q - hint: a point of the Montgomery form with 8 Q not O; every R8 of order l has one. s - hint: below l
// h and S are refused when their top 64 bits are those of p or l: the sequencer does not admit such a signature (one in 2^58).
template SignatureTerm(A) {
    signal input owner[A];
    signal input key[A][2];
    signal input message;
    signal input q[2];
    signal input s;
    signal output r8[2];
    signal output h;
    signal output hLimb[3];
    signal output sLimb[3];

    r8 <== TimesCofactor()(q);
    signal r8Edwards[2] <== Montgomery2Edwards()(r8);
    component selected[2];
    for (var i = 0; i < 2; i++) {
        selected[i] = Select(A);
        selected[i].selector <== owner;
        for (var j = 0; j < A; j++) {
            selected[i].values[j] <== key[j][i];
        }
    }
    h <== Poseidon(5)([r8Edwards[0], r8Edwards[1], selected[0].out, selected[1].out, message]);
    signal hBits[254] <== BitsBelow(254, -1, 192)(h);
    hLimb <== Limbs(254)(hBits);
    signal sBits[251] <== BitsBelow(251, SUBGROUP_ORDER(), 192)(s);
    sLimb <== Limbs(251)(sBits);
}
