pragma circom 2.2.0;

include "../lib/constants.circom";
include "market.circom";
include "open_interest.circom";
include "parameters.circom";
include "schedule.circom";
include "volatility.circom";

// The margin rates of a market in a batch (docs/spec/margins.md), and what its leaf keeps of how they came about; all 0 without a market.
//   before - as the last batch left it; parameters, schedule - of the batch's configuration, within the bounds of LoadedParameters and LoadedSchedule
//   lotValue - at the new mark, below 2^52; sampling - {Bool}
//   signedReturn, average, openInterestAddon - hints: forced by Volatility and OpenInterestAddon
//   initialPpm, maintenancePpm - at most 10^6, the second at most the first; reservePpm - the first without the add-on of open interest; sampledMark - {Uint32}; volatility, volatilityAddon - {Uint20}
template MarginRates() {
    input Market() before;
    input MarketParameters() parameters;
    input MarginSchedule() schedule;
    signal input lotValue;
    signal input sampling;
    signal input signedReturn;
    signal input average;
    signal input openInterestAddon;
    signal output initialPpm;
    signal output reservePpm;
    signal output maintenancePpm;
    signal output sampledMark;
    signal output volatility;
    signal output volatilityAddon;

    component estimate = Volatility();
    estimate.sampling <== sampling;
    estimate.mark <== before.mark;
    estimate.sampledBefore <== before.sampledMark;
    estimate.before <== before.volatility;
    estimate.maxMovePpm <== parameters.maxMovePpm;
    estimate.signedReturn <== signedReturn;
    estimate.average <== average;
    sampledMark <== estimate.sampled;
    volatility <== estimate.out;

    component addon = VolatilityAddon();
    addon.volatility <== volatility;
    addon.before <== before.volatilityAddon;
    addon.sampling <== sampling;
    addon.maintenancePpm <== parameters.maintenancePpm;
    addon.schedule <== schedule;
    volatilityAddon <== addon.out;
    maintenancePpm <== parameters.maintenancePpm + volatilityAddon;
    reservePpm <== parameters.initialPpm + volatilityAddon;

    component crowding = OpenInterestAddon();
    crowding.live <== before.kind;
    crowding.openInterest <== before.openInterest;
    crowding.lotValue <== lotValue;
    crowding.basePpm <== reservePpm;
    crowding.schedule <== schedule;
    crowding.addon <== openInterestAddon;
    initialPpm <== reservePpm + openInterestAddon;
}
