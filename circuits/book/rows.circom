pragma circom 2.2.0;

include "comparators.circom";
include "../lib/constants.circom";
include "../lib/prefix.circom";
include "../lib/range.circom";
include "row_word.circom";

// Claims one half of the row table is in order: used rows first, strictly sorted by sortKey.
//   market - {Uint2}, sortKey - {Uint76}: of each row
//   start[H] - {Bool}: a used row that is the first of its market
template RowOrder(H) {
    signal input used[H];
    signal input market[H];
    signal input sortKey[H];
    signal output start[H];

    signal count <== EnabledPrefix(H)(used);
    StrictlyIncreasing(H, FENCE_BITS() + 3)(used, sortKey);
    signal same[H];
    for (var i = 0; i < H; i++) {
        if (i == 0) {
            same[i] <== 0;
        } else {
            same[i] <== IsEqual()([market[i], market[i - 1]]);
        }
        start[i] <== used[i] * (1 - same[i]);
    }
}

// Claims the static fields of all rows are in range and both halves in order: by market, key, and a sentinel before an order of its key.
//   used[O] - hint {Bool}
//   remaining[O] - {Uint48}, 0 in an unused row: book/row.circom
//   rows - what the steps select from: the word of an unused row is 2^250, no packing of ranged fields
//   key[O] - {Uint73}: rank x 2^40 + sequence
//   lots[4][2] - {Uint53}: what remains in the rows of each market's bids and asks
template LoadRows(O) {
    signal input used[O];
    input RowFields() fields[O];
    signal input remaining[O];
    output RowTable(O) rows;
    signal output key[O];
    signal output lots[4][2];

    var H = O \ 2;
    component order[2];
    signal packed[O];
    signal market[O][2];
    signal isLast[O];
    signal parts[O][3];
    var sums[4][2];
    for (var m = 0; m < 4; m++) {
        sums[m] = [0, 0];
    }
    for (var half = 0; half < 2; half++) {
        order[half] = RowOrder(H);
        for (var i = 0; i < H; i++) {
            var o = half * H + i;
            market[o] <== RowFieldRanges()(fields[o]);
            key[o] <== (1 << SEQUENCE_BITS()) * fields[o].rank + fields[o].sequence;
            packed[o] <== RowWord()(fields[o]);
            rows.word[o] <== packed[o] + (1 - used[o]) * (1 << 250);
            order[half].used[i] <== used[o];
            order[half].market[i] <== fields[o].market;
            order[half].sortKey[i] <== (1 << (FENCE_BITS() + 1)) * fields[o].market + 2 * key[o] + 1 - fields[o].sentinel;

            isLast[o] <== market[o][0] * market[o][1];
            parts[o][0] <== (market[o][0] - isLast[o]) * remaining[o];
            parts[o][1] <== (market[o][1] - isLast[o]) * remaining[o];
            parts[o][2] <== isLast[o] * remaining[o];
            sums[0][half] += remaining[o];
            for (var m = 1; m < 4; m++) {
                sums[0][half] -= parts[o][m - 1];
                sums[m][half] += parts[o][m - 1];
            }
        }
    }
    for (var o = 0; o < O; o++) {
        rows.start[o] <== order[o \ H].start[o % H];
    }
    lots <== sums;
}
