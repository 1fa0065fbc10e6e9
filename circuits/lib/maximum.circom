pragma circom 2.2.0;

include "range.circom";

// out = the largest of in[n], n >= 1; in - [0, 2^bits), checked by the caller.
template Maximum(n, bits) {
    signal input in[n];
    signal output out;

    signal largest[n];
    signal grows[n];
    largest[0] <== in[0];
    grows[0] <== 0;
    for (var i = 1; i < n; i++) {
        grows[i] <== IsNonNegative(bits)(in[i] - largest[i - 1]);
        largest[i] <== largest[i - 1] + grows[i] * (in[i] - largest[i - 1]);
    }
    out <== largest[n - 1];
}
