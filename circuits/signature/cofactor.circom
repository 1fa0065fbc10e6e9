pragma circom 2.2.0;

include "montgomery.circom";
include "curve.circom";

// Claims in is a point (u, v) of the curve's Montgomery form, and out = 8 in is not O: then out has order l, whatever in's was.
//   in - any; no pair off the curve satisfies the equation
// circomlib's doubling is free only where its divisor 2 B v is 0, at (0, 0): there it demands 0 = 1. So each doubling is the group's, the
// point of order two has no double here, and none of the eight points of small order gets through three of them.
template TimesCofactor() {
    signal input in[2];
    signal output out[2];

    signal uu <== in[0] * in[0];
    signal vv <== in[1] * in[1];
    MONTGOMERY_B() * vv === in[0] * (uu + MONTGOMERY_A() * in[0] + 1);

    signal twice[2] <== MontgomeryDouble()(in);
    signal fourTimes[2] <== MontgomeryDouble()(twice);
    out <== MontgomeryDouble()(fourTimes);
}
