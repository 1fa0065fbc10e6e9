pragma circom 2.2.0;

include "../lib/constants.circom";
include "../lib/maximum.circom";

// What the margin rates in force make of a lot.
//   lotValue - below 2^52; initialPpm - {Uint21}; maintenancePpm - at most 10^6 and initialPpm; heldPpm, reservePpm - {Uint20}
//   lotInitial, lotMaintenance, lotHeld - below 2^73, 2^72 and 2^72, and lotMaintenance <= lotInitial; lotHeld is what a withdrawal leaves behind
//   rateMax - {Uint20}: the largest reservePpm; slots without a market hold 0, so the maximum is over live markets
template MarketRates() {
    signal input lotValue[4];
    signal input initialPpm[4];
    signal input heldPpm[4];
    signal input reservePpm[4];
    signal input maintenancePpm[4];
    signal output lotInitial[4];
    signal output lotMaintenance[4];
    signal output lotHeld[4];
    signal output rateMax;

    for (var m = 0; m < 4; m++) {
        lotInitial[m] <== lotValue[m] * initialPpm[m];
        lotMaintenance[m] <== lotValue[m] * maintenancePpm[m];
        lotHeld[m] <== lotValue[m] * heldPpm[m];
    }
    rateMax <== Maximum(4, PPM_BITS())(reservePpm);
}
