pragma circom 2.2.0;

include "comparators.circom";
include "../lib/constants.circom";
include "../lib/one_hot.circom";
include "../lib/range.circom";
include "row_word.circom";

// The fences of the loaded pages, tagged by (market, side); new page j at j, old page j at J + j.
bus Fences(J) {
    signal low[2 * J];      // {Uint76}
    signal high[2 * J];     // {Uint76}
    signal full[2 * J];     // {Bool}: was there and is full; only of old pages
}

// One row of the static table: an order that the batch touches, the proof that one does not rest, or a sentinel.
//   used, sentinel - {Bool}, fields, key - in range: book/rows.circom
//   fields are bound by the pages' words (loaded), by the message (new) or by the reach (sentinel)
//   ghost - hint {Bool}
//   remaining - hint {Uint48}: before the batch; finalRemaining - {Uint48}: after it
//   page[2J] - hint: one-hot; a row with a final remainder names the new page that holds it, a ghost the old page that would
//   side - 0 bids, 1 asks: the half that the row stands in
//   loaded - {Bool}: the order rested before the batch: its sequence is below firstSequence and it is no ghost
//   open - {Bool}: the order rests after the batch
//   wordBefore, wordAfter - the order in the order multiset; tagAfter - {Uint8}: of the new page that holds it
//   commitmentBefore, commitmentAfter - what the challenge absorbs: together every hint of the row
template Row(J) {
    signal input firstSequence;
    signal input side;
    signal input used;
    signal input ghost;
    input RowFields() fields;
    signal input key;
    signal input remaining;
    signal input finalRemaining;
    signal input page[2 * J];
    input Fences(J) fences;
    signal output loaded;
    signal output open;
    signal output book;
    signal output wordBefore;
    signal output wordAfter;
    signal output tagAfter;
    signal output commitmentBefore;
    signal output commitmentAfter;

    Bool()(ghost);
    Range(SIZE_BITS())(remaining);

    // A row is unused, a sentinel, or an order; a ghost is an order.
    var sentinel = fields.sentinel;
    var order = used - sentinel;
    sentinel * (1 - used) === 0;
    ghost * (1 - order) === 0;
    signal isOld <== IsNonNegative(SEQUENCE_BITS())(firstSequence - 1 - fields.sequence);
    ghost * (1 - isOld) === 0;
    loaded <== order * isOld - ghost;

    // What is not loaded starts at 0; a sentinel holds 1, so that nothing behind it is ever first.
    (order - loaded) * remaining === 0;
    (1 - used) * remaining === 0;
    sentinel * (remaining - 1) === 0;

    signal closed <== IsZero()(finalRemaining);
    open <== order * (1 - closed);

    // Its page: the fences of a page of its own book enclose the tagged key.
    book <== 2 * fields.market + side;
    var inNew = 0;
    var inOld = 0;
    var place = 0;
    for (var j = 0; j < 2 * J; j++) {
        Bool()(page[j]);
        if (j < J) {
            inNew += page[j];
            place += j * page[j];
        } else {
            inOld += page[j];
        }
    }
    inNew === open;
    inOld === ghost;
    signal low <== Select(2 * J)(page, fences.low);
    signal high <== Select(2 * J)(page, fences.high);
    signal full <== Select(2 * J)(page, fences.full);
    ghost * (1 - full) === 0;
    signal paged <== open + ghost;
    signal taggedKey <== paged * (key + (1 << FENCE_BITS()) * book);
    Range(FENCE_BITS() + 3)(taggedKey - low);
    Range(FENCE_BITS() + 3)(high - taggedKey - paged);

    var orderWord = (1 << ORDER_REDUCE_ONLY_AT()) * fields.reduceOnly
        + (1 << ORDER_ACCOUNT_AT()) * fields.account
        + (1 << ORDER_EXPIRY_AT()) * fields.expiry
        + (1 << ORDER_MAX_FEE_AT()) * fields.maxFee
        + (1 << ORDER_KEY_AT()) * key;
    wordBefore <== orderWord + remaining;
    wordAfter <== orderWord + finalRemaining;
    tagAfter <== TAG_NEW() + place;

    var flags = 0;
    for (var j = 0; j < 2 * J; j++) {
        flags += (1 << j) * page[j];
    }
    commitmentBefore <== orderWord + remaining
        + (1 << ROW_FLAGS_AT()) * (used + 2 * sentinel + 4 * ghost + 8 * fields.market);
    commitmentAfter <== finalRemaining + (1 << SIZE_BITS()) * flags;
}
