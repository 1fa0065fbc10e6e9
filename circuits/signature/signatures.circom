pragma circom 2.2.0;

include "batch.circom";
include "each.circom";

// Claims what SignatureBatch does; batched - 1: all signatures at once, 0: one by one, without the last three hints.
template Signatures(batched, K, A) {
    signal input key[A][2];
    signal input owner[K][A];
    signal input message[K];
    signal input q[K][2];
    signal input s[K];
    signal input bit[batched * (A + 1)][252];
    signal input quotient[batched * (A + 1)][2];
    signal input carry[batched * (A + 1)][2];

    if (batched) {
        SignatureBatch(K, A)(key, owner, message, q, s, bit, quotient, carry);
    } else {
        SignatureEach(K, A)(key, owner, message, q, s);
    }
}
