pragma circom 2.2.0;

include "../lib/range.circom";

// The rows as a step sees them. H = O / 2: rows below H are bids, the others asks.
bus RowTable(O) {
    signal word[O];     // the packed static fields of a row (book/row.circom); out of range for an unused row
    signal start[O];    // {Bool}: the first row of its market in its half
}

// The rows that a step selects, seen from the side of its message: opposite and own half.
//   selector[O] - hint: forced Boolean; the caller forces both sums
//   remaining[O] - {Uint48}, side - {Bool}
//   oppositeBefore: the sum of what remains in rows of the selected row's market that stand before it: below 2^54
template SelectRows(O) {
    signal input selector[O];
    signal input side;
    input RowTable(O) rows;
    signal input remaining[O];
    signal output oppositeCount;
    signal output oppositeWord;
    signal output oppositeRemaining;
    signal output oppositeBefore;
    signal output ownCount;
    signal output ownWord;
    signal output ownRemaining;

    var H = O \ 2;
    signal before[O];
    signal words[O];
    signal held[O];
    signal passed[O];
    var count[2] = [0, 0];
    var word[2] = [0, 0];
    var rest[2] = [0, 0];
    var prior[2] = [0, 0];
    for (var i = 0; i < O; i++) {
        var half = i \ H;
        Bool()(selector[i]);
        if (i % H == 0) {
            before[i] <== 0;
        } else {
            before[i] <== (1 - rows.start[i]) * (before[i - 1] + remaining[i - 1]);
        }
        words[i] <== selector[i] * rows.word[i];
        held[i] <== selector[i] * remaining[i];
        passed[i] <== selector[i] * before[i];
        count[half] += selector[i];
        word[half] += words[i];
        rest[half] += held[i];
        prior[half] += passed[i];
    }
    // A buy (side 0) looks at the asks.
    oppositeCount <== Choose()(side, count[0], count[1]);
    oppositeWord <== Choose()(side, word[0], word[1]);
    oppositeRemaining <== Choose()(side, rest[0], rest[1]);
    oppositeBefore <== Choose()(side, prior[0], prior[1]);
    ownCount <== count[0] + count[1] - oppositeCount;
    ownWord <== word[0] + word[1] - oppositeWord;
    ownRemaining <== rest[0] + rest[1] - oppositeRemaining;
}
