pragma circom 2.2.0;

include "comparators.circom";
include "../lib/constants.circom";
include "../lib/range.circom";
include "schedule.circom";

// The estimate of a market's volatility after a batch: with a sample of the last mark in the first batch of a cell, as before in any other.
//   sampling - {Bool}; mark - {Uint32}, as the last batch left it; sampledBefore - {Uint32}, 0 before the first sample; before, maxMovePpm - {Uint20}
//   signedReturn - hint: floor((mark - sampledBefore) x 10^6 / sampledBefore), or 2^20 - 1 where that is more, forced by its rest; 0 at the first
//     sample. A price is not negative, so it is at least -10^6
//   average - hint: ceil((7 x before + min(|signedReturn|, maxMovePpm)) / 8), forced by what rounding added
//   sampled - {Uint32}; out - {Uint20}: an average of two such numbers is one
// No wrap: |mark - sampledBefore| x 10^6 and |signedReturn| x sampledBefore are below 2^52.
template Volatility() {
    signal input sampling;
    signal input mark;
    signal input sampledBefore;
    signal input before;
    signal input maxMovePpm;
    signal input signedReturn;
    signal input average;
    signal output sampled;
    signal output out;

    signal isFirst <== IsZero()(sampledBefore);
    signal move <== (1 - isFirst) * (mark - sampledBefore);
    signal returned <== signedReturn * sampledBefore;
    signal rest <== move * PPM_UNIT() - returned;
    isFirst * signedReturn === 0;
    signal isTop <== IsEqual()([signedReturn, (1 << PPM_BITS()) - 1]);
    Range(52)(rest);
    signal missing <== (1 - isTop) * (sampledBefore - 1 + isFirst - rest);
    Range(PRICE_BITS())(missing);

    signal rises <== IsNonNegative(PPM_BITS())(signedReturn);
    signal absolute <== (2 * rises - 1) * signedReturn;
    // A larger move is a jump, which the breaker stops: one wrong round must not hold margins up for hours.
    signal isJump <== IsNonNegative(PPM_BITS())(absolute - maxMovePpm);
    signal held <== Choose()(isJump, maxMovePpm, absolute);
    Range(PPM_BITS())(average);
    Range(3)(8 * average - 7 * before - held);

    sampled <== Choose()(sampling, mark, sampledBefore);
    out <== Choose()(sampling, average, before);
}

// What volatility adds to both margins of a market: volatilityFactor times the estimate less what the maintenance margin covers, within
// [0, addonMaxPpm]; it rises by addonStepPpm in a batch that samples and by nothing in another, and falls at once.
//   volatility, before, maintenancePpm - {Uint20}; sampling - {Bool}; schedule - within the bounds of LoadedSchedule
//   out - {Uint20}, at most addonMaxPpm
template VolatilityAddon() {
    signal input volatility;
    signal input before;
    signal input sampling;
    signal input maintenancePpm;
    input MarginSchedule() schedule;
    signal output out;

    signal covered <== schedule.volatilityFactor * volatility - maintenancePpm;
    signal isPositive <== IsNonNegative(30)(covered);
    signal needed <== isPositive * covered;
    signal fits <== IsNonNegative(30)(schedule.addonMaxPpm - needed);
    signal target <== Choose()(fits, needed, schedule.addonMaxPpm);
    signal reach <== before + sampling * schedule.addonStepPpm;
    signal reached <== IsNonNegative(PPM_BITS() + 1)(reach - target);
    out <== Choose()(reached, target, reach);
}
