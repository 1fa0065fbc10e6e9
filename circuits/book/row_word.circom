pragma circom 2.2.0;

include "bitify.circom";
include "../lib/constants.circom";
include "../lib/range.circom";

// The static fields of a row.
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

// The rows as steps select from them. H = O / 2: rows below H are bids, the others asks.
bus RowTable(O) {
    signal word[O];     // the packed static fields of a row; out of range for an unused row
    signal start[O];    // {Bool}: the first row of its market in its half
}

// Where a field of a row stands in its word; what remains of the row stands above the word where a step selects it.
function ROW_RANK_AT() { return 46; }
function ROW_SEQUENCE_AT() { return 80; }
function ROW_REMAINING_AT() { return 162; }

// word = the packed fields: market(2) | sentinel | reduce only | account(20) | max fee(22) | rank(34) | sequence(41) | expiry(41).
// Two readings of one word are the same if each of their fields differs by less than the place of the field is wide. So a field that a
// step only bounds to an interval (step/step.circom) has room for the difference to any value of the table: one bit more than the field,
// two for the fee.
template RowWord() {
    input RowFields() fields;
    signal output word;

    word <== fields.market
        + (1 << 2) * fields.sentinel
        + (1 << 3) * fields.reduceOnly
        + (1 << 4) * fields.account
        + (1 << 24) * fields.maxFee
        + (1 << ROW_RANK_AT()) * fields.rank
        + (1 << ROW_SEQUENCE_AT()) * fields.sequence
        + (1 << 121) * fields.expiry;
}

// Claims every field is in its range; market - the bits of that field.
template RowFieldRanges() {
    input RowFields() fields;
    signal output market[2];

    market <== Num2Bits(2)(fields.market);
    Bool()(fields.sentinel);
    Range(RANK_BITS())(fields.rank);
    Range(SEQUENCE_BITS())(fields.sequence);
    Range(ACCOUNT_BITS())(fields.account);
    Range(TIME_BITS())(fields.expiry);
    Range(PPM_BITS())(fields.maxFee);
    Bool()(fields.reduceOnly);
}
