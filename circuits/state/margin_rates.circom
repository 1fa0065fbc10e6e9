pragma circom 2.2.0;

include "../lib/constants.circom";
include "../lib/range.circom";
include "market.circom";
include "open_interest.circom";
include "parameters.circom";
include "schedule.circom";
include "tier.circom";
include "volatility.circom";

// The margin rates of a market in a batch (docs/spec/margins.md), and what its leaf keeps of how they came about; all 0 without a market.
//   before - as the last batch left it; parameters, schedule - of the batch's configuration, within the bounds of LoadedParameters and LoadedSchedule
//   lotValue - at the mark in force, below 2^52; sampling, congested, open, settled - {Bool}
//   signedReturn, average, openInterestAddon, tierStep - hints: forced by Volatility, OpenInterestAddon and TierStep
//   initialPpm - {Uint21}; maintenancePpm - at most 10^6 and initialPpm; heldPpm - {Uint20}, 2^20 - 1 where the market is halted; reservePpm - at most 10^6
//   lotTier - below 2^68; sampledMark - {Uint32}; volatility, volatilityAddon, congestionAddon - {Uint20}
template MarginRates() {
    input Market() before;
    input MarketParameters() parameters;
    input MarginSchedule() schedule;
    signal input lotValue;
    signal input sampling;
    signal input congested;
    signal input open;
    signal input settled;
    signal input signedReturn;
    signal input average;
    signal input openInterestAddon;
    signal input tierStep;
    signal output initialPpm;
    signal output heldPpm;
    signal output reservePpm;
    signal output maintenancePpm;
    signal output lotTier;
    signal output sampledMark;
    signal output volatility;
    signal output volatilityAddon;
    signal output congestionAddon;

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
    reservePpm <== parameters.initialPpm + volatilityAddon;

    component crowding = OpenInterestAddon();
    crowding.live <== before.kind;
    crowding.openInterest <== before.openInterest;
    crowding.lotValue <== lotValue;
    crowding.basePpm <== reservePpm;
    crowding.schedule <== schedule;
    crowding.addon <== openInterestAddon;
    var crowded = reservePpm + openInterestAddon;

    var maintained = parameters.maintenancePpm + volatilityAddon;

    // Positions of a settled market are worth what they are for ever; what they have won stays liable with their maintenance margin.
    congestionAddon <== congested * schedule.congestionPpm;
    initialPpm <== Choose()(settled, SETTLED_PPM(), crowded + congestionAddon);
    maintenancePpm <== Choose()(settled, SETTLED_PPM(), maintained);
    signal undoubted <== Choose()(open, crowded, FULL_MARGIN_PPM());
    heldPpm <== Choose()(settled, maintained, undoubted);
    TierStep()(lotValue, schedule.tierPpm, parameters.quotePerTickLot, tierStep);
    lotTier <== (1 - settled) * tierStep;
}
