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

// Claims in is in [0, top]: read from the top bit down, in exceeds top iff it has a 1 at a 0 of top while it has every higher 1 of top.
//   full - {Bool}: every 1 of top from here up is a 1 of in; a run of 0s of top is one constraint, and below the lowest 0 is nothing
template AtMost(top) {
    signal input in;

    var n = 0;
    while ((top >> n) > 0) {
        n++;
    }
    var end = 0;
    while ((top >> end) & 1 == 1) {
        end++;
    }
    // Else every number of n bits is in range, and Range says so.
    assert(end < n);
    signal bits[n] <== Num2Bits(n)(in);
    signal full[n - end];
    full[n - 1 - end] <== bits[n - 1];
    var beyond = 0;
    for (var i = n - 2; i >= end; i--) {
        if ((top >> i) & 1 == 1) {
            full[i - end] <== full[i + 1 - end] * bits[i];
        } else {
            full[i - end] <== full[i + 1 - end];
            beyond += bits[i];
            if (i == end || (top >> (i - 1)) & 1 == 1) {
                full[i - end] * beyond === 0;
                beyond = 0;
            }
        }
    }
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
