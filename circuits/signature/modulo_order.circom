pragma circom 2.2.0;

include "../lib/range.circom";
include "curve.circom";
include "limbs.circom";

// Claims limb[0] + 2^85 limb[1] + 2^170 limb[2] = e modulo l, with the integer e that the bits stand for:
//   signed = 0: e = sum of bit[b] 2^b, in [0, 2^252)
//   signed = 1: e = sum of (2 bit[b] - 1) 2^b, odd, in (-2^252, 2^252)
//   limb[3]       integers of size below 2^217, given as field elements; checked by the caller
//   bit[252]      hint - {Bool}: checked here; e need not be the smallest such number, any serves
//   quotient[2]   hint: q = quotient[0] + 2^85 quotient[1] with limb.. = q l + e; [0, 2^85) and [-2^51, 2^51)
//   carry[2]      hint - [-2^132, 2^132)
// The equation holds limb by limb, each row a field equation between integers: with the ranges no row is beyond 2^217 + 2^170 + 2^136
// + 2^133 + 2^86 + 2^(132 + 85) < 2^219 < p / 2, so it holds in the integers, and so does their sum with weights 1, 2^85, 2^170.
// The honest q and carries fit: |limb..| < 2^386 (see Scalars) and l > 2^250 give |q| < 2^136; carries are below (63 x 2^211 + 2^172) / 2^85.
template ModuloOrder(signed) {
    signal input limb[3];
    signal input bit[252];
    signal input quotient[2];
    signal input carry[2];

    for (var b = 0; b < 252; b++) {
        Bool()(bit[b]);
    }
    Range(85)(quotient[0]);
    SignedRange(51)(quotient[1]);
    SignedRange(132)(carry[0]);
    SignedRange(132)(carry[1]);

    signal magnitude[3] <== Limbs(252)(bit);
    var e[3] = magnitude;
    if (signed) {
        e = [2 * e[0] - ((1 << 85) - 1), 2 * e[1] - ((1 << 85) - 1), 2 * e[2] - ((1 << 82) - 1)];
    }
    var mask = (1 << 85) - 1;
    var l[3] = [SUBGROUP_ORDER() & mask, (SUBGROUP_ORDER() >> 85) & mask, SUBGROUP_ORDER() >> 170];
    limb[0] - quotient[0] * l[0] - e[0] === carry[0] * (1 << 85);
    limb[1] - quotient[0] * l[1] - quotient[1] * l[0] - e[1] + carry[0] === carry[1] * (1 << 85);
    limb[2] - quotient[0] * l[2] - quotient[1] * l[1] - e[2] + carry[1] === quotient[1] * l[2] * (1 << 85);
}
