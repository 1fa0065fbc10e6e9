pragma circom 2.2.0;

include "../lib/constants.circom";
include "../lib/maximum.circom";
include "../lib/range.circom";

// What the margin rates in force make of a lot.
//   open - {Bool}; lotValue - below 2^52; initialPpm, maintenancePpm - at most 10^6, the second at most the first; reservePpm - {Uint20}
//   lotInitial, lotMaintenance - below 2^72 and lotMaintenance <= lotInitial
//   lotHeld - below 2^72: what a withdrawal leaves behind, the initial margin, or the full value while the market is halted
//   rateMax - {Uint20}: the largest reservePpm; slots without a market hold 0, so the maximum is over live markets
template MarketRates() {
    signal input open[4];
    signal input lotValue[4];
    signal input initialPpm[4];
    signal input reservePpm[4];
    signal input maintenancePpm[4];
    signal output lotInitial[4];
    signal output lotMaintenance[4];
    signal output lotHeld[4];
    signal output rateMax;

    signal heldPpm[4];
    for (var m = 0; m < 4; m++) {
        lotInitial[m] <== lotValue[m] * initialPpm[m];
        lotMaintenance[m] <== lotValue[m] * maintenancePpm[m];
        heldPpm[m] <== Choose()(open[m], initialPpm[m], FULL_MARGIN_PPM());
        lotHeld[m] <== lotValue[m] * heldPpm[m];
    }
    rateMax <== Maximum(4, PPM_BITS())(reservePpm);
}
