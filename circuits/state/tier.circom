pragma circom 2.2.0;

include "../lib/constants.circom";
include "../lib/range.circom";

// Claims step = ceil(lotValue x tierPpm x quotePerTickLot / 2^TIER_UNIT_BITS): what the initial margin of a position grows by, times its size
// squared (docs/spec/margins.md).
//   lotValue - below 2^52; tierPpm, quotePerTickLot - {Uint20}
//   step - hint, below 2^68, forced by what rounding added
// No wrap: every term is below 2^93.
template TierStep() {
    signal input lotValue;
    signal input tierPpm;
    signal input quotePerTickLot;
    signal input step;

    var stepBits = 68;
    Range(stepBits)(step);
    signal rate <== tierPpm * quotePerTickLot;
    signal added <== (1 << TIER_UNIT_BITS()) * step - rate * lotValue;
    Range(TIER_UNIT_BITS())(added);
}
