pragma circom 2.2.0;

include "../lib/range.circom";

// out = the median of a, b, c - {Uint32} each, checked by the caller: max(low, min(high, c)).
template Median() {
    signal input a;
    signal input b;
    signal input c;
    signal output out;

    signal ordered <== IsNonNegative(32)(b - a);
    signal high <== Choose()(ordered, b, a);
    signal low <== a + b - high;
    signal above <== IsNonNegative(32)(c - high);
    signal capped <== Choose()(above, high, c);
    signal inside <== IsNonNegative(32)(capped - low);
    out <== Choose()(inside, capped, low);
}
