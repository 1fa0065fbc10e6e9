pragma circom 2.2.0;

include "poseidon.circom";
include "../lib/constants.circom";
include "../lib/range.circom";

// What a market's leaf holds; all 0 in a slot without a market.
bus Market() {
    signal kind;                // {Bool}: 1 perpetual
    signal status;              // {Uint4}: 1 open, 2 halted, 3 reduce-only
    signal mark;                // {Uint32}
    signal oracleTime;          // {Uint40}
    signal bidOrders;           // [0, 480]
    signal askOrders;           // [0, 480]
    signal haltedUntil;         // {Uint40}
    signal reducedUntil;        // {Uint40}
    signal longIndex;           // [-2^112, 2^112): what a lot has owed since genesis, docs/spec/funding.md
    signal shortIndex;          // [-2^112, 2^112)
    signal openInterest;        // {Uint48}, sum of the long sizes
    signal parameterWord;       // w3: of a configuration, see LoadedParameters
}

// The leaf of a market and the word that is made of its fields: w0 (price word). The others are fields. 0 without a market.
template MarketLeaf() {
    input Market() market;
    signal output priceWord;
    signal output leaf;

    priceWord <== market.kind
        + (1 << MARKET_STATUS_AT()) * market.status
        + (1 << MARKET_MARK_AT()) * market.mark
        + (1 << MARKET_ORACLE_TIME_AT()) * market.oracleTime
        + (1 << MARKET_BID_ORDERS_AT()) * market.bidOrders
        + (1 << MARKET_ASK_ORDERS_AT()) * market.askOrders
        + (1 << MARKET_HALTED_UNTIL_AT()) * market.haltedUntil
        + (1 << MARKET_REDUCED_UNTIL_AT()) * market.reducedUntil;
    signal hash <== Poseidon(5)([priceWord, market.longIndex, market.shortIndex, market.parameterWord, market.openInterest]);
    leaf <== market.kind * hash;
}

// Claims the fields of a loaded market are in range, so that its leaf has one reading, and 0 without a market.
template LoadedMarket() {
    input Market() market;
    signal input priceWord;

    Bool()(market.kind);
    Range(STATUS_BITS())(market.status);
    Range(PRICE_BITS())(market.mark);
    Range(TIME_BITS())(market.oracleTime);
    AtMost(SIDE_ORDERS_MAX())(market.bidOrders);
    AtMost(SIDE_ORDERS_MAX())(market.askOrders);
    Range(TIME_BITS())(market.haltedUntil);
    Range(TIME_BITS())(market.reducedUntil);

    // A word of fields in range is 0 only if every field is.
    (1 - market.kind) * priceWord === 0;
    (1 - market.kind) * market.longIndex === 0;
    (1 - market.kind) * market.shortIndex === 0;
    (1 - market.kind) * market.openInterest === 0;
    (1 - market.kind) * market.parameterWord === 0;
}
