pragma circom 2.2.0;

include "curve.circom";

// out = the 85-bit limbs of the number with these bits, low bit first; bits[n] - {Bool}, checked by the caller.
template Limbs(n) {
    signal input bits[n];
    signal output out[3];

    assert(n <= 3 * LIMB_BITS());
    var limb[3] = [0, 0, 0];
    for (var b = 0; b < n; b++) {
        limb[b \ LIMB_BITS()] += bits[b] * (1 << (b % LIMB_BITS()));
    }
    out <== limb;
}
