pragma circom 2.2.0;

include "../lib/constants.circom";
include "../lib/range.circom";

// The static fields of a row, packed for selection: market(2) | sentinel | rank(33) | sequence(40) | account(20) | expiry(40)
// | max fee(20) | reduce only = 157 bits.
bus RowFields() {
    signal market;      // {Uint2}
    signal sentinel;    // {Bool}
    signal rank;        // {Uint33}: below 2^32 for an order
    signal sequence;    // {Uint40}
    signal account;     // {Uint20}
    signal expiry;      // {Uint40}
    signal maxFee;      // {Uint20}
    signal reduceOnly;  // {Bool}
}

// word = the packed fields; injective because every user range-checks the fields.
template RowWord() {
    input RowFields() fields;
    signal output word;

    word <== fields.market
        + (1 << 2) * fields.sentinel
        + (1 << 3) * fields.rank
        + (1 << 36) * fields.sequence
        + (1 << 76) * fields.account
        + (1 << 96) * fields.expiry
        + (1 << 136) * fields.maxFee
        + (1 << 156) * fields.reduceOnly;
}

// Claims every field is in its range.
template RowFieldRanges() {
    input RowFields() fields;

    Range(2)(fields.market);
    Bool()(fields.sentinel);
    Range(RANK_BITS())(fields.rank);
    Range(SEQUENCE_BITS())(fields.sequence);
    Range(ACCOUNT_BITS())(fields.account);
    Range(TIME_BITS())(fields.expiry);
    Range(PPM_BITS())(fields.maxFee);
    Bool()(fields.reduceOnly);
}
