pragma circom 2.2.0;

include "bitify.circom";

// Claims in is in [0, (bound >> cut) << cut), and bits[n] are its bits, low bit first: its top n - cut bits are below those of bound.
//   cut < n <= 254, bound - [2^cut, 2^n) and at most p - 1: n bits have one value below p, and in is it
// A uniform number below bound is refused with probability below 2^(cut + 1) / bound, which the caller must be able to bear.
//
// From the top, equal[i] - {Bool} tells that the places i and above are those of the bound. Where the bound has a 1, equality goes on
// iff the bit is 1. Along a run of zeros no bit may be 1 while equality holds, so the number never becomes the larger one. Equality
// must end, and it ends only where the bound has a 1 and the number a 0.
template BitsBelow(n, bound, cut) {
    signal input in;
    signal output bits[n];

    assert(n <= 254 && bound >> cut > 0 && bound >> n == 0);
    bits <== Num2Bits(n)(in);

    signal equal[n + 1];
    equal[n] <== 1;
    var zeros = 0;
    for (var i = n - 1; i >= cut; i--) {
        if ((bound >> i) & 1) {
            if (i + 1 < n) {
                equal[i + 1] * zeros === 0;
            }
            zeros = 0;
            equal[i] <== equal[i + 1] * bits[i];
        } else {
            zeros += bits[i];
            equal[i] <== equal[i + 1];
        }
    }
    equal[cut] === 0;
    for (var i = 0; i < cut; i++) {
        equal[i] <== 0;
    }
}
