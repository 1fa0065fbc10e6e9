pragma circom 2.2.0;

include "poseidon.circom";
include "../lib/constants.circom";
include "../lib/range.circom";

// What a market's leaf holds; all 0 in a slot without a market.
bus Market() {
    signal kind;                // {Bool}: 1 perpetual
    signal status;              // {Uint4}: 1 open, 2 halted
    signal mark;                // {Uint32}
    signal oracleTime;          // {Uint40}
    signal bidOrders;           // [0, 480]
    signal askOrders;           // [0, 480]
    signal haltedUntil;         // {Uint40}
    signal fundingPool;         // {Uint64}
    signal openInterest;        // {Uint48}, sum of the long sizes
    signal parameterWord;       // w3: of a configuration, see LoadedParameters
}

// The leaf of a market and the words that are made of its fields: w0 (price word) and w2 (interest word). 0 without a market.
template MarketLeaf() {
    input Market() market;
    signal output priceWord;
    signal output interestWord;
    signal output leaf;

    priceWord <== market.kind
        + (1 << MARKET_STATUS_AT()) * market.status
        + (1 << MARKET_MARK_AT()) * market.mark
        + (1 << MARKET_ORACLE_TIME_AT()) * market.oracleTime
        + (1 << MARKET_BID_ORDERS_AT()) * market.bidOrders
        + (1 << MARKET_ASK_ORDERS_AT()) * market.askOrders
        + (1 << MARKET_HALTED_UNTIL_AT()) * market.haltedUntil;
    interestWord <== market.fundingPool + (1 << MARKET_OPEN_INTEREST_AT()) * market.openInterest;
    // The second word holds the cumulative indices: 0 until funding exists.
    signal hash <== Poseidon(4)([priceWord, 0, interestWord, market.parameterWord]);
    leaf <== market.kind * hash;
}

// Claims the fields of a loaded market are in range, so that its leaf has one reading, and 0 without a market.
template LoadedMarket() {
    input Market() market;
    signal input priceWord;
    signal input interestWord;

    Bool()(market.kind);
    Range(STATUS_BITS())(market.status);
    Range(PRICE_BITS())(market.mark);
    Range(TIME_BITS())(market.oracleTime);
    AtMost(SIDE_ORDERS_MAX())(market.bidOrders);
    AtMost(SIDE_ORDERS_MAX())(market.askOrders);
    Range(TIME_BITS())(market.haltedUntil);
    Range(AMOUNT_BITS())(market.fundingPool);
    Range(SIZE_BITS())(market.openInterest);

    // Words of fields in range are 0 only if every field is.
    (1 - market.kind) * priceWord === 0;
    (1 - market.kind) * interestWord === 0;
    (1 - market.kind) * market.parameterWord === 0;
}
