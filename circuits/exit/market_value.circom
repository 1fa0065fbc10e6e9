pragma circom 2.2.0;

include "bitify.circom";
include "poseidon.circom";
include "../lib/constants.circom";

// The leaf of a market, from its words as calldata carries them, and what a lot is worth at the mark; both 0 without a market.
//   priceWord, parameterWord - {Uint250}: their bits are the one reading of mark and quote per tick and lot, whatever fields ever stand above them
//   longIndex, shortIndex - signed, w1 and w2; riskWord - w4, of no effect on a position: any field element with the leaf's hash
//   lotValue - [0, 2^52)
// All words are 0 without a market, so that the root forces them there too.
template MarketValue() {
    signal input priceWord;
    signal input longIndex;
    signal input shortIndex;
    signal input parameterWord;
    signal input riskWord;
    signal output leaf;
    signal output lotValue;

    signal price[250] <== Num2Bits(250)(priceWord);
    signal parameter[250] <== Num2Bits(250)(parameterWord);

    // The kinds are 0, no market, and 1: one bit tells.
    signal exists <== price[0];
    (1 - exists) * priceWord === 0;
    (1 - exists) * longIndex === 0;
    (1 - exists) * shortIndex === 0;
    (1 - exists) * parameterWord === 0;
    (1 - exists) * riskWord === 0;
    signal hash <== Poseidon(5)([priceWord, longIndex, shortIndex, parameterWord, riskWord]);
    leaf <== exists * hash;

    var mark = 0;
    for (var i = 0; i < PRICE_BITS(); i++) {
        mark += (1 << i) * price[MARKET_MARK_AT() + i];
    }
    var quotePerTickLot = 0;
    for (var i = 0; i < PPM_BITS(); i++) {
        quotePerTickLot += (1 << i) * parameter[i];
    }
    lotValue <== mark * quotePerTickLot;
}
