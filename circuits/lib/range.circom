pragma circom 2.2.0;

include "bitify.circom";

// Claims in is in [0, 2^n). n <= 252, so the decomposition cannot alias.
template Range(n) {
    signal input in;

    assert(n <= 252);
    signal bits[n] <== Num2Bits(n)(in);
}

// Claims in is in [-2^n, 2^n).
template SignedRange(n) {
    signal input in;

    Range(n + 1)(in + (1 << n));
}

// Claims in is in [-2^n, 2^n); out - {Bool} is 1 iff in >= 0. n <= 250, so in + 2^n does not wrap: the top bit is the sign.
template IsNonNegative(n) {
    signal input in;
    signal output out;

    assert(n <= 250);
    signal bits[n + 1] <== Num2Bits(n + 1)(in + (1 << n));
    out <== bits[n];
}

// Claims in is 0 or 1.
template Bool() {
    signal input in;

    in * (in - 1) === 0;
}

// out = if in is 1: one, else zero. in - {Bool} is checked by the caller.
template Choose() {
    signal input in;
    signal input one;
    signal input zero;
    signal output out;

    out <== zero + in * (one - zero);
}
