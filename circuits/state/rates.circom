pragma circom 2.2.0;

include "../lib/constants.circom";
include "../lib/maximum.circom";
include "../lib/range.circom";
include "parameters.circom";

// What the markets' marks and parameters make of a lot.
//   open - {Bool}, mark - {Uint32}; parameters - within the bounds of LoadedParameters
//   lotValue - below 2^52; lotInitial, lotMaintenance - below 2^72 and lotMaintenance <= lotInitial
//   lotHeld - below 2^72: what a withdrawal leaves behind, the initial margin, or the full value while the market is halted
//   rateMax - {Uint20}: slots without a market hold 0, so the maximum is over live markets
template MarketRates() {
    signal input open[4];
    signal input mark[4];
    input MarketParameters() parameters[4];
    signal output lotValue[4];
    signal output lotInitial[4];
    signal output lotMaintenance[4];
    signal output lotHeld[4];
    signal output rateMax;

    signal heldPpm[4];
    var initialPpm[4];
    for (var m = 0; m < 4; m++) {
        lotValue[m] <== mark[m] * parameters[m].quotePerTickLot;
        lotInitial[m] <== lotValue[m] * parameters[m].initialPpm;
        lotMaintenance[m] <== lotValue[m] * parameters[m].maintenancePpm;
        heldPpm[m] <== Choose()(open[m], parameters[m].initialPpm, FULL_MARGIN_PPM());
        lotHeld[m] <== lotValue[m] * heldPpm[m];
        initialPpm[m] = parameters[m].initialPpm;
    }
    rateMax <== Maximum(4, PPM_BITS())(initialPpm);
}
