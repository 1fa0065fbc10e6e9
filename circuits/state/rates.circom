pragma circom 2.2.0;

include "comparators.circom";
include "../lib/constants.circom";
include "../lib/maximum.circom";
include "parameters.circom";

// What the markets' marks and parameters make of a lot.
//   kind - {Bool}, status - {Uint4}, mark - {Uint32}; parameters - within the bounds of LoadedParameters
//   tradable - {Bool}: live and open; lotValue - below 2^52; lotInitial, lotMaintenance - below 2^72 and lotMaintenance <= lotInitial
//   rateMax - {Uint20}: slots without a market hold 0, so the maximum is over live markets
template MarketRates() {
    signal input kind[4];
    signal input status[4];
    signal input mark[4];
    input MarketParameters() parameters[4];
    signal output tradable[4];
    signal output lotValue[4];
    signal output lotInitial[4];
    signal output lotMaintenance[4];
    signal output rateMax;

    signal isOpen[4];
    var initialPpm[4];
    for (var m = 0; m < 4; m++) {
        isOpen[m] <== IsEqual()([status[m], MARKET_STATUS_OPEN()]);
        tradable[m] <== kind[m] * isOpen[m];
        lotValue[m] <== mark[m] * parameters[m].quotePerTickLot;
        lotInitial[m] <== lotValue[m] * parameters[m].initialPpm;
        lotMaintenance[m] <== lotValue[m] * parameters[m].maintenancePpm;
        initialPpm[m] = parameters[m].initialPpm;
    }
    rateMax <== Maximum(4, PPM_BITS())(initialPpm);
}
