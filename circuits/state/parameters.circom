pragma circom 2.2.0;

include "../lib/constants.circom";
include "../lib/range.circom";

// What trading in a market needs; all 0 in a slot without a market.
bus MarketParameters() {
    signal quotePerTickLot;     // {Uint20}: the market's unit
    signal initialPpm;          // {Uint20}
    signal maintenancePpm;      // {Uint20}
    signal bandPpm;             // {Uint20}
    signal minSize;             // {Uint29}
    signal maxPosition;         // {Uint29}
    signal maxMovePpm;          // {Uint20}
    signal haltSeconds;         // {Uint20}
    signal liquidationFeePpm;   // {Uint20}
    signal interestPpm;         // {Uint14}
}

// Claims the parameters of a live market satisfy 1 <= minSize <= maxPosition, maxPosition x 2^32 x quotePerTickLot <= 2^60 and
// 1 <= maintenancePpm <= initialPpm, and those of a slot without a market are 0: steps and margins rest on it, and no other configuration
// can be used. word - w3 of the leaf; the ranges give it one reading, with minSize and maintenancePpm below what bounds them.
//   live - {Bool}, checked where markets are loaded
template LoadedParameters() {
    input MarketParameters() parameters;
    signal input live;
    signal output word;

    // Every unit is at least 1, so positions and sizes have no more bits than the largest product: maxPosition is minSize and more, below 2^30.
    var positionBound = NOTIONAL_BOUND() >> PRICE_BITS();
    var positionBits = 29;
    assert(positionBound == 1 << (positionBits - 1));
    Range(PPM_BITS())(parameters.quotePerTickLot);
    Range(PPM_BITS())(parameters.initialPpm);
    Range(PPM_BITS())(parameters.maintenancePpm - live);
    Range(PPM_BITS())(parameters.initialPpm - parameters.maintenancePpm);
    Range(PPM_BITS())(parameters.bandPpm);
    Range(PPM_BITS())(parameters.maxMovePpm);
    Range(HALT_BITS())(parameters.haltSeconds);
    Range(PPM_BITS())(parameters.liquidationFeePpm);
    Range(INTEREST_BITS())(parameters.interestPpm);
    Range(positionBits)(parameters.minSize - live);
    Range(positionBits)(parameters.maxPosition - parameters.minSize);
    signal largest <== parameters.maxPosition * parameters.quotePerTickLot;
    AtMost(positionBound)(largest);

    word <== parameters.quotePerTickLot
        + (1 << MARKET_INITIAL_AT()) * parameters.initialPpm
        + (1 << MARKET_MAINTENANCE_AT()) * parameters.maintenancePpm
        + (1 << MARKET_BAND_AT()) * parameters.bandPpm
        + (1 << MARKET_MIN_SIZE_AT()) * parameters.minSize
        + (1 << MARKET_MAX_POSITION_AT()) * parameters.maxPosition
        + (1 << MARKET_MAX_MOVE_AT()) * parameters.maxMovePpm
        + (1 << MARKET_HALT_SECONDS_AT()) * parameters.haltSeconds
        + (1 << MARKET_LIQUIDATION_FEE_AT()) * parameters.liquidationFeePpm
        + (1 << MARKET_INTEREST_AT()) * parameters.interestPpm;
    (1 - live) * word === 0;
}

// Claims quotePerTickLot - {Uint20} is the lowest field of a parameter word: the unit in which a live market's positions are counted.
//   word - of a leaf, below 2^250 in every state
//   rest - hint: the fields above it; its range makes the sum one decomposition
template UnitOf() {
    signal input word;
    signal input rest;
    signal input quotePerTickLot;

    Range(MARKET_PARAMETER_BITS() - MARKET_INITIAL_AT())(rest);
    word === quotePerTickLot + (1 << MARKET_INITIAL_AT()) * rest;
}
