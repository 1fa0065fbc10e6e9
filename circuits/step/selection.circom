pragma circom 2.2.0;

include "../book/row_word.circom";
include "../lib/range.circom";

// Claims the rows that a step selects, seen from the side of its message, are the ones that it names, and changes what remains in them:
// at most one row of the opposite half, the head, and one of the own half. H = O / 2: rows below H are bids, the others asks.
//   selector[O] - hint: forced to be one-hot at the named row of a half whose count is 1, and 0 in a half whose count is 0
//   word[O], remaining[O] - {Uint48}: packed together, distinct in the used rows of a half; an unused row's is at least 2^250
//   side - {Bool}; oppositeCount, ownCount - {Bool}
//   oppositeWord, ownWord - below 2^250 in absolute value: the packed word and remainder of the row that is meant
//   oppositeBefore - what must stand before the head in its half, all markets; ownBefore - hint: what stands before the own row
//   oppositeChange, ownChange - 0 where the count is 0
// A place whose row is another one holds 0, so that one place of a half is left, and the sum forces it to be the count.
// Likewise the changes: in the selected row the product is change - before + what stands before it, 0 elsewhere, and its sum is to be
// the change. So what stands before the row is `before`, and the product is the change.
template SelectRows(O) {
    signal input selector[O];
    signal input side;
    signal input word[O];
    signal input remaining[O];
    signal input oppositeCount;
    signal input oppositeWord;
    signal input oppositeBefore;
    signal input oppositeChange;
    signal input ownCount;
    signal input ownWord;
    signal input ownBefore;
    signal input ownChange;
    signal output after[O];
    signal output change[2];        // of what remains in the bids and in the asks

    // A buy (side 0) looks at the asks.
    signal bidCount <== Choose()(side, oppositeCount, ownCount);
    signal bidWord <== Choose()(side, oppositeWord, ownWord);
    signal bidChange <== Choose()(side, oppositeChange, ownChange);
    signal bidBefore <== Choose()(side, oppositeBefore, ownBefore);
    var named[2] = [bidWord, oppositeWord + ownWord - bidWord];
    change <== [bidChange, oppositeChange + ownChange - bidChange];
    var expected[2] = [bidBefore, oppositeBefore + ownBefore - bidBefore];

    var H = O \ 2;
    signal moved[O];
    var count[2] = [0, 0];
    var total[2] = [0, 0];
    var before = 0;
    for (var i = 0; i < O; i++) {
        var half = i \ H;
        if (i % H == 0) {
            before = 0;
        }
        selector[i] * (word[i] + (1 << ROW_REMAINING_AT()) * remaining[i] - named[half]) === 0;
        moved[i] <== selector[i] * (change[half] - expected[half] + before);
        after[i] <== remaining[i] + moved[i];
        count[half] += selector[i];
        total[half] += moved[i];
        before += remaining[i];
    }
    count[0] === bidCount;
    count[1] === oppositeCount + ownCount - bidCount;
    total[0] === change[0];
    total[1] === change[1];
}
