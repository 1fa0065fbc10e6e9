pragma circom 2.2.0;

// out = (2 (2 high - 1) + (2 low - 1)) P, the odd digit -3, -1, 1 or 3 times a point, from P and 3P in Montgomery form.
//   low, high - {Bool}: checked by the caller
// u is that of 3P where the bits agree, and that of P elsewhere; v changes its sign with the point.
template OddDigit() {
    signal input low;
    signal input high;
    signal input once[2];
    signal input thrice[2];
    signal output out[2];

    signal both <== low * high;
    signal v <== (high - low) * once[1];
    out[0] <== once[0] + (1 - low - high + 2 * both) * (thrice[0] - once[0]);
    out[1] <== v + (low + high - 1) * thrice[1];
}
