pragma circom 2.2.0;

include "comparators.circom";
include "../lib/constants.circom";
include "../lib/maximum.circom";
include "../lib/one_hot.circom";
include "../lib/range.circom";

// Claims maker[4] and taker[4] are the rates of `word` as the configuration packs them, by ranges that force the one decomposition, and
// every taker rate covers every rebate, so that no trade takes from the fee pool.
//   maker - {Uint20}, the rate + 2^19; taker - {Uint20}
//   lowestMaker - {Uint20}, the lowest rate of maker, so the largest rebate is 2^19 less it
template FeeSchedule() {
    signal input maker[4];
    signal input taker[4];
    signal output word;
    signal output lowestMaker;

    var packed = 0;
    for (var t = 0; t < TIERS(); t++) {
        Range(PPM_BITS())(maker[t]);
        Range(PPM_BITS())(taker[t]);
        packed += (1 << (2 * PPM_BITS() * t)) * maker[t] + (1 << (2 * PPM_BITS() * t + PPM_BITS())) * taker[t];
    }
    word <== packed;

    // The lowest rate is the one farthest below the top.
    var top = (1 << PPM_BITS()) - 1;
    var makerBelow[4];
    var takerBelow[4];
    for (var t = 0; t < TIERS(); t++) {
        makerBelow[t] = top - maker[t];
        takerBelow[t] = top - taker[t];
    }
    signal farthestMaker <== Maximum(TIERS(), PPM_BITS())(makerBelow);
    signal farthestTaker <== Maximum(TIERS(), PPM_BITS())(takerBelow);
    lowestMaker <== top - farthestMaker;
    var lowestTaker = top - farthestTaker;
    Range(PPM_BITS() + 1)(lowestTaker + lowestMaker - MAKER_FEE_OFFSET());
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
