pragma circom 2.2.0;

include "comparators.circom";
include "../lib/constants.circom";
include "../lib/range.circom";
include "schedule.circom";

// Claims addon = floor(missing x (N - lower) / (upper - lower)) held within [0, missing], where missing = 10^6 - basePpm and N is the value of the
// open interest: what is added to the initial margin of a market (docs/spec/margins.md). Without a market it is 0.
//   live - {Bool}; openInterest - {Uint48}, as the last batch left it: N < 2^80; lotValue - below 2^52; basePpm - [0, 10^6], 0 without a market
//   schedule - within the bounds of LoadedSchedule: lower and upper, in 10^6 quote units, are its bounds of open interest
//   addon - hint: in [0, missing]. With rest = missing x (N - lower) - addon x (upper - lower), it is at most the quotient iff rest >= 0, which is
//     asked of any addon but 0, and at least its floor iff rest < upper - lower, which is asked of any but the largest
// No wrap: every term is below 2^100 and the bounds x 10^6 below 2^60.
template OpenInterestAddon() {
    signal input live;
    signal input openInterest;
    signal input lotValue;
    signal input basePpm;
    input MarginSchedule() schedule;
    signal input addon;

    var missing = live * PPM_UNIT() - basePpm;
    Range(PPM_BITS())(addon);
    Range(PPM_BITS())(missing - addon);
    var span = (schedule.openInterestUpper - schedule.openInterestLower) * OPEN_INTEREST_UNIT();
    signal notional <== openInterest * lotValue;
    signal whole <== missing * (notional - schedule.openInterestLower * OPEN_INTEREST_UNIT());
    signal rest <== whole - addon * span;
    signal isNone <== IsZero()(addon);
    signal isAll <== IsZero()(missing - addon);
    signal notLess <== (1 - isNone) * rest;
    Range(101)(notLess);
    signal notMore <== (1 - isAll) * (span - 1 - rest);
    Range(101)(notMore);
}
