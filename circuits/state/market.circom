pragma circom 2.2.0;

include "poseidon.circom";
include "../lib/constants.circom";
include "../lib/range.circom";

// What a market's leaf holds; all 0 in a slot without a market.
bus Market() {
    signal kind;                // {Bool}: 1 perpetual
    signal status;              // {Uint4}: 1 open, 2 halted, 3 reduce-only, 4 settled
    signal mark;                // {Uint32}
    signal oracleTime;          // {Uint40}: that of all live markets, ranged by OracleRound
    signal bidOrders;           // [0, 480]
    signal askOrders;           // [0, 480]
    signal haltedUntil;         // {Uint40}
    signal reducedUntil;        // {Uint40}
    signal longIndex;           // [-2^112, 2^112): what a lot has owed since genesis, docs/spec/funding.md
    signal shortIndex;          // [-2^112, 2^112)
    signal openInterest;        // {Uint48}, sum of the long sizes
    signal sampledMark;         // {Uint32}: the mark at the last sample of volatility, 0 before the first
    signal volatility;          // {Uint20}, ppm: docs/spec/margins.md
    signal volatilityAddon;     // {Uint20}, ppm of both margins
    signal openInterestAddon;   // {Uint20}, ppm of the initial margin
    signal congestionAddon;     // {Uint20}, ppm of the initial margin
    signal tierPpm;             // {Uint20}, ppm of the initial margin for each 2^TIER_UNIT_BITS quote units a tick
    signal fundSince;           // {Uint40}: when the insurance fund took the position that it holds, 0 without one, SETTLED_SINCE in a settled market
    signal parameterWord;       // w3: of a configuration, see LoadedParameters
}

// The leaf of a market and the words that are made of its fields: w0 (price word) and w4 (risk word). The others are fields. 0 without a market.
template MarketLeaf() {
    input Market() market;
    signal output priceWord;
    signal output riskWord;
    signal output leaf;

    priceWord <== market.kind
        + (1 << MARKET_STATUS_AT()) * market.status
        + (1 << MARKET_MARK_AT()) * market.mark
        + (1 << MARKET_ORACLE_TIME_AT()) * market.oracleTime
        + (1 << MARKET_BID_ORDERS_AT()) * market.bidOrders
        + (1 << MARKET_ASK_ORDERS_AT()) * market.askOrders
        + (1 << MARKET_HALTED_UNTIL_AT()) * market.haltedUntil
        + (1 << MARKET_REDUCED_UNTIL_AT()) * market.reducedUntil;
    riskWord <== market.openInterest
        + (1 << RISK_SAMPLED_MARK_AT()) * market.sampledMark
        + (1 << RISK_VOLATILITY_AT()) * market.volatility
        + (1 << RISK_VOLATILITY_ADDON_AT()) * market.volatilityAddon
        + (1 << RISK_OPEN_INTEREST_ADDON_AT()) * market.openInterestAddon
        + (1 << RISK_CONGESTION_ADDON_AT()) * market.congestionAddon
        + (1 << RISK_TIER_AT()) * market.tierPpm
        + (1 << RISK_FUND_SINCE_AT()) * market.fundSince;
    signal hash <== Poseidon(5)([priceWord, market.longIndex, market.shortIndex, market.parameterWord, riskWord]);
    leaf <== market.kind * hash;
}

// Claims the fields of a loaded market, but for the oracle time, are in range, so that its leaf has one reading, and 0 without a market.
template LoadedMarket() {
    input Market() market;
    signal input priceWord;
    signal input riskWord;

    Bool()(market.kind);
    Range(STATUS_BITS())(market.status);
    Range(PRICE_BITS())(market.mark);
    AtMost(SIDE_ORDERS_MAX())(market.bidOrders);
    AtMost(SIDE_ORDERS_MAX())(market.askOrders);
    Range(TIME_BITS())(market.haltedUntil);
    Range(TIME_BITS())(market.reducedUntil);
    Range(SIZE_BITS())(market.openInterest);
    Range(PRICE_BITS())(market.sampledMark);
    Range(PPM_BITS())(market.volatility);
    Range(PPM_BITS())(market.volatilityAddon);
    Range(PPM_BITS())(market.openInterestAddon);
    Range(PPM_BITS())(market.congestionAddon);
    Range(PPM_BITS())(market.tierPpm);
    Range(TIME_BITS())(market.fundSince);

    // A word of fields in range is 0 only if every field is.
    (1 - market.kind) * priceWord === 0;
    (1 - market.kind) * market.longIndex === 0;
    (1 - market.kind) * market.shortIndex === 0;
    (1 - market.kind) * riskWord === 0;
    (1 - market.kind) * market.parameterWord === 0;
}
