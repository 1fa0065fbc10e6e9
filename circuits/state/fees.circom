pragma circom 2.2.0;

include "comparators.circom";
include "../lib/constants.circom";
include "../lib/one_hot.circom";
include "../lib/range.circom";

// Claims maker[4] and taker[4] are the rates of `word` as the configuration packs them: ranges force the one decomposition.
//   maker - {Uint20}, the rate + 2^19; taker - {Uint20}
template FeeSchedule() {
    signal input maker[4];
    signal input taker[4];
    signal output word;

    var packed = 0;
    for (var t = 0; t < TIERS(); t++) {
        Range(PPM_BITS())(maker[t]);
        Range(PPM_BITS())(taker[t]);
        packed += (1 << (2 * PPM_BITS() * t)) * maker[t] + (1 << (2 * PPM_BITS() * t + PPM_BITS())) * taker[t];
    }
    word <== packed;
}

// The rates of a tier - {Uint4}; makerPpm - [-2^19, 2^19), takerPpm - {Uint20}. Tiers of the state are below 4.
template TierRates() {
    signal input tier;
    signal input maker[4];
    signal input taker[4];
    signal output makerPpm;
    signal output takerPpm;

    signal chosen[4];
    for (var t = 0; t < 4; t++) {
        chosen[t] <== IsEqual()([tier, t]);
    }
    signal offsetRate <== Select(4)(chosen, maker);
    makerPpm <== offsetRate - MAKER_FEE_OFFSET();
    takerPpm <== Select(4)(chosen, taker);
}
