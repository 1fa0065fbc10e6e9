pragma circom 2.2.0;

include "../lib/constants.circom";
include "../lib/range.circom";

// Between which bounds a market's margins move (docs/spec/margins.md), and how long the insurance fund may hold a position there; all 0 in a slot without a market.
bus MarginSchedule() {
    signal openInterestLower;   // {Uint40}: 10^6 quote units
    signal openInterestUpper;   // {Uint41}: above the lower bound
    signal volatilityFactor;    // {Uint10}
    signal addonMaxPpm;         // {Uint20}
    signal addonStepPpm;        // {Uint20}
    signal tierPpm;             // {Uint20}: for each 2^TIER_UNIT_BITS quote units a tick
    signal congestionPpm;       // {Uint20}
    signal settleSeconds;       // {Uint20}
}

// Claims the fields of the schedule of a live market are in range, that openInterestLower < openInterestUpper and that volatility neither raises its
// initial margin above 10^6 ppm nor more than doubles its maintenance margin; those of a slot without a market are 0. word - of the configuration: the ranges give it one reading, with the upper
// bound above all others.
//   initialPpm, maintenancePpm - {Uint20}, of the same configuration, 0 without a market; live - {Bool}, checked where markets are loaded
template LoadedSchedule() {
    input MarginSchedule() schedule;
    signal input initialPpm;
    signal input maintenancePpm;
    signal input live;
    signal output word;

    Range(OPEN_INTEREST_BITS())(schedule.openInterestLower);
    Range(OPEN_INTEREST_BITS())(schedule.openInterestUpper - schedule.openInterestLower - live);
    Range(FACTOR_BITS())(schedule.volatilityFactor);
    Range(PPM_BITS())(schedule.addonMaxPpm);
    Range(PPM_BITS())(schedule.addonStepPpm);
    Range(PPM_BITS())(schedule.tierPpm);
    Range(PPM_BITS())(schedule.congestionPpm);
    Range(HALT_BITS())(schedule.settleSeconds);
    Range(PPM_BITS())(live * PPM_UNIT() - initialPpm - schedule.addonMaxPpm);
    Range(PPM_BITS())(maintenancePpm - schedule.addonMaxPpm);

    word <== schedule.openInterestLower
        + (1 << SCHEDULE_FACTOR_AT()) * schedule.volatilityFactor
        + (1 << SCHEDULE_ADDON_MAX_AT()) * schedule.addonMaxPpm
        + (1 << SCHEDULE_ADDON_STEP_AT()) * schedule.addonStepPpm
        + (1 << SCHEDULE_TIER_AT()) * schedule.tierPpm
        + (1 << SCHEDULE_CONGESTION_AT()) * schedule.congestionPpm
        + (1 << SCHEDULE_SETTLE_AT()) * schedule.settleSeconds
        + (1 << SCHEDULE_UPPER_AT()) * schedule.openInterestUpper;
    (1 - live) * word === 0;
}
