pragma circom 2.2.0;

include "../lib/constants.circom";
include "../lib/range.circom";

// Claims: every row that is inside has its tagged key in [low, high), and there are such rows only if the page is there.
//   there - {Bool}; low, high - {Uint76} if there
//   key[O] - {Uint76}: the tagged key of each row; within each half it does not decrease from one used row to the next
//   inside[O] - {Bool}, 0 for an unused row
// Both are checked by the caller. The rows inside are one run of one half, whose first and last key stand between the fences;
// the keys between these two do so too. Two comparisons a page stand for two a row.
template PageRun(O) {
    signal input there;
    signal input low;
    signal input high;
    signal input key[O];
    signal input inside[O];

    var H = O \ 2;
    signal joined[O + 1];
    joined[O] <== 0;
    for (var o = 0; o < O; o++) {
        joined[o] <== o % H == 0 ? 0 : inside[o - 1] * inside[o];
    }
    signal first[O];
    signal last[O];
    var runs = 0;
    var firstKey = 0;
    var lastKey = 0;
    for (var o = 0; o < O; o++) {
        first[o] <== (inside[o] - joined[o]) * key[o];
        last[o] <== (inside[o] - joined[o + 1]) * key[o];
        runs += inside[o] - joined[o];
        firstKey += first[o];
        lastKey += last[o];
    }
    // At most one run, none where no page is: runs is 0 or there.
    runs * (runs - there) === 0;
    signal fromLow <== firstKey - runs * low;
    signal belowHigh <== runs * (high - 1) - lastKey;
    Range(FENCE_BITS() + 3)(fromLow);
    Range(FENCE_BITS() + 3)(belowHigh);
}
