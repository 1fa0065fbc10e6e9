pragma circom 2.2.0;

include "comparators.circom";
include "poseidon.circom";
include "../lib/constants.circom";
include "../lib/range.circom";

// One half (before or after) of a page that a batch loads.
bus Page() {
    signal market;      // {Uint2}
    signal side;        // {Bool}
    signal low;         // {Uint73}: it answers for the keys in [low, high)
    signal high;        // {Uint73}
    signal word[15];    // packed orders (docs/spec/state.md), 0 in an empty place
    signal row[15];     // {Bool}: the order has a row
}

// Claims the header's fields are in range and, where the page is not there, that no place holds an order.
//   there - {Bool}: checked by the caller
//   low, high, book are tagged by (market, side), so that values of different books never meet
//   hash binds every field but `row`; leaf = 0 for a page that is not there
//   filled[15] - {Bool}: the place holds an order
template PageHalf() {
    input Page() page;
    signal input there;
    signal output hash;
    signal output leaf;
    signal output header;
    signal output book;
    signal output low;
    signal output high;
    signal output filled[15];

    Range(2)(page.market);
    Bool()(page.side);
    Range(FENCE_BITS())(page.low);
    Range(FENCE_BITS())(page.high);
    book <== 2 * page.market + page.side;
    low <== page.low + (1 << FENCE_BITS()) * book;
    high <== page.high + (1 << FENCE_BITS()) * book;

    var inputs[16];
    signal empty[15];
    inputs[0] = page.market
        + (1 << PAGE_SIDE_AT()) * page.side
        + (1 << PAGE_LOW_AT()) * page.low
        + (1 << PAGE_HIGH_AT()) * page.high;
    header <== inputs[0];
    var orders = 0;
    for (var i = 0; i < 15; i++) {
        Bool()(page.row[i]);
        empty[i] <== IsZero()(page.word[i]);
        filled[i] <== 1 - empty[i];
        orders += filled[i];
        inputs[1 + i] = page.word[i];
    }
    (1 - there) * orders === 0;
    hash <== Poseidon(16)(inputs);
    leaf <== there * hash;
}

// One loaded page, before and after.
//   was, is - {Bool}: there is a page at the index before, after
//   full - {Bool} hint: every old order has a row; without it the page keeps its header and its existence, so that the
//     orders without a row stay inside its fences
//   front - {Bool} hint: the page is in its side's run from key 0; it is full, so every old order before the reach has a row
// A new page has low < high.
template LoadedPage() {
    signal input enabled;
    signal input was;
    signal input is;
    signal input full;
    signal input front;
    input Page() before;
    input Page() after;
    signal output leafBefore;
    signal output leafAfter;
    signal output hashBefore;
    signal output hashAfter;
    signal output bookBefore;
    signal output bookAfter;
    signal output lowBefore;
    signal output highBefore;
    signal output lowAfter;
    signal output highAfter;
    signal output filledBefore[15];
    signal output filledAfter[15];

    Bool()(was);
    Bool()(is);
    Bool()(full);
    Bool()(front);
    (1 - enabled) * (was + is) === 0;
    front * (1 - was) === 0;
    front * (1 - full) === 0;

    component old = PageHalf();
    component new = PageHalf();
    old.page <== before;
    old.there <== was;
    new.page <== after;
    new.there <== is;

    signal unrowed[15];
    var passing = 0;
    for (var i = 0; i < 15; i++) {
        unrowed[i] <== old.filled[i] * (1 - before.row[i]);
        passing += unrowed[i];
    }
    full * passing === 0;
    (1 - full) * (new.header - old.header) === 0;
    (1 - full) * (is - was) === 0;
    signal width <== is * (after.high - after.low - 1);
    Range(FENCE_BITS())(width);

    leafBefore <== old.leaf;
    leafAfter <== new.leaf;
    hashBefore <== old.hash;
    hashAfter <== new.hash;
    bookBefore <== old.book;
    bookAfter <== new.book;
    lowBefore <== old.low;
    highBefore <== old.high;
    lowAfter <== new.low;
    highAfter <== new.high;
    filledBefore <== old.filled;
    filledAfter <== new.filled;
}
