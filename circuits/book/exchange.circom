pragma circom 2.2.0;

include "poseidon.circom";
include "../lib/chain.circom";
include "../lib/constants.circom";
include "../lib/product.circom";

// Rows and pages hold the same orders: rules c, f, g and h of docs/spec/batch.md, as equal products at one challenge.
bus PageExchange() {
    signal was;                 // {Bool}
    signal is;                  // {Bool}
    signal full;                // {Bool}
    signal front;               // {Bool}
    signal hashBefore;
    signal hashAfter;
    signal bookBefore;          // {Uint3}
    signal bookAfter;           // {Uint3}
    signal lowBefore;           // {Uint76}, tagged by book
    signal highBefore;          // {Uint76}
    signal lowAfter;            // {Uint76}
    signal highAfter;           // {Uint76}
    signal wordBefore[15];
    signal wordAfter[15];
    signal rowBefore[15];       // {Bool}
    signal rowAfter[15];        // {Bool}
    signal filledBefore[15];    // {Bool}
    signal filledAfter[15];     // {Bool}
}

bus RowExchange() {
    signal start;               // {Bool}: the first row of its book
    signal sentinel;            // {Bool}
    signal loaded;              // {Bool}
    signal open;                // {Bool}
    signal book;                // {Uint3}
    signal key;                 // {Uint73}
    signal wordBefore;
    signal wordAfter;
    signal tagAfter;            // {Uint8}: NEW j
    signal commitmentBefore;
    signal commitmentAfter;     // {Uint(48 + J)}
}

// The challenge: a Poseidon chain over both hashes and all flags of each page and both commitments of each row. Everything that
// enters a product is a function of these, fixed before the challenge exists.
template ExchangeChallenge(J, O) {
    input PageExchange() page[J];
    input RowExchange() row[O];
    signal output challenge;

    var width = SIZE_BITS() + J;
    var rowsPerWord = 250 \ width;
    var rowWords = (O + rowsPerWord - 1) \ rowsPerWord;
    var flagWords = (J + 6) \ 7;
    var total = 2 * J + flagWords + O + rowWords;
    var words[2 * J + flagWords + O + rowWords];
    for (var i = 0; i < total; i++) {
        words[i] = 0;
    }
    for (var j = 0; j < J; j++) {
        words[2 * j] = page[j].hashBefore;
        words[2 * j + 1] = page[j].hashAfter;
        var flags = page[j].was + 2 * page[j].is + 4 * page[j].full + 8 * page[j].front;
        for (var i = 0; i < 15; i++) {
            flags += (1 << (4 + i)) * page[j].rowBefore[i] + (1 << (19 + i)) * page[j].rowAfter[i];
        }
        words[2 * J + j \ 7] += (1 << (34 * (j % 7))) * flags;
    }
    var at = 2 * J + flagWords;
    for (var i = 0; i < O; i++) {
        words[at + i] = row[i].commitmentBefore;
        words[at + O + i \ rowsPerWord] += (1 << (width * (i % rowsPerWord))) * row[i].commitmentAfter;
    }
    challenge <== Chain(total)(words);
}

// (f) {old orders, tagged ROW or PASS j} + {open rows, tagged NEW j} = {new orders, tagged NEW j or PASS j} + {loaded rows, tagged ROW}.
// A word is any field element, so its tag and book are mixed in by a second challenge: packed beside it, a word could forge them.
template OrderExchange(J, O) {
    signal input challenge;
    input PageExchange() page[J];
    input RowExchange() row[O];

    component left = MultisetProduct(15 * J + O);
    component right = MultisetProduct(15 * J + O);
    left.challenge <== challenge;
    right.challenge <== challenge;
    signal mixer <== Poseidon(1)([challenge]);
    var bookTag = 1 << TAG_BOOK_AT();
    for (var j = 0; j < J; j++) {
        for (var i = 0; i < 15; i++) {
            left.present[15 * j + i] <== page[j].filledBefore[i];
            left.elements[15 * j + i] <== page[j].wordBefore[i] + mixer * (bookTag * page[j].bookBefore
                + TAG_PASS() + j + page[j].rowBefore[i] * (TAG_ROW() - TAG_PASS() - j));
            right.present[15 * j + i] <== page[j].filledAfter[i];
            right.elements[15 * j + i] <== page[j].wordAfter[i] + mixer * (bookTag * page[j].bookAfter
                + TAG_PASS() + j + page[j].rowAfter[i] * (TAG_NEW() - TAG_PASS()));
        }
    }
    for (var i = 0; i < O; i++) {
        left.present[15 * J + i] <== row[i].open;
        left.elements[15 * J + i] <== row[i].wordAfter + mixer * (bookTag * row[i].book + row[i].tagAfter);
        right.present[15 * J + i] <== row[i].loaded;
        right.elements[15 * J + i] <== row[i].wordBefore + mixer * (bookTag * row[i].book + TAG_ROW());
    }
    left.out === right.out;
}

// (c) {low before} + {high after} = {low after} + {high before}, tagged: pages neither overlap nor leave a gap.
template TileExchange(J) {
    signal input challenge;
    input PageExchange() page[J];

    component left = MultisetProduct(2 * J);
    component right = MultisetProduct(2 * J);
    left.challenge <== challenge;
    right.challenge <== challenge;
    for (var j = 0; j < J; j++) {
        left.present[2 * j] <== page[j].was;
        left.elements[2 * j] <== page[j].lowBefore;
        left.present[2 * j + 1] <== page[j].is;
        left.elements[2 * j + 1] <== page[j].highAfter;
        right.present[2 * j] <== page[j].is;
        right.elements[2 * j] <== page[j].lowAfter;
        right.present[2 * j + 1] <== page[j].was;
        right.elements[2 * j + 1] <== page[j].highBefore;
    }
    left.out === right.out;
}

// (g) {low of front pages} + {sentinel keys} = {high of front pages} + {0 of each book that has rows}, tagged: each such book has exactly
// one sentinel, and the front pages run from 0 to its key without a gap.
template ReachExchange(J, O) {
    signal input challenge;
    input PageExchange() page[J];
    input RowExchange() row[O];

    component left = MultisetProduct(J + O);
    component right = MultisetProduct(J + O);
    left.challenge <== challenge;
    right.challenge <== challenge;
    var bookTag = 1 << FENCE_BITS();
    for (var j = 0; j < J; j++) {
        left.present[j] <== page[j].front;
        left.elements[j] <== page[j].lowBefore;
        right.present[j] <== page[j].front;
        right.elements[j] <== page[j].highBefore;
    }
    for (var i = 0; i < O; i++) {
        left.present[J + i] <== row[i].sentinel;
        left.elements[J + i] <== row[i].key + bookTag * row[i].book;
        right.present[J + i] <== row[i].start;
        right.elements[J + i] <== bookTag * row[i].book;
    }
    left.out === right.out;
}
