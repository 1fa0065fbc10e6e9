pragma circom 2.2.0;

include "comparators.circom";
include "../lib/constants.circom";
include "../lib/one_hot.circom";
include "../lib/range.circom";
include "row_word.circom";

// One row of the static table: an order that the batch touches, the proof that one does not rest, or a sentinel.
//   used, sentinel - {Bool}, fields, key - in range: book/rows.circom
//   fields are bound by the pages' words (loaded), by the message (new) or by the reach (sentinel)
//   ghost - hint {Bool}
//   remaining - hint {Uint48}: before the batch; finalRemaining - {Uint48}: after it
//   page[J] - hint {Bool}: the key lies in the fences of new page j, by book/run.circom. A row with a final remainder names the one
//     that holds it; a ghost names one that is full; of other rows nothing reads it
//   full[J] - {Bool}: of each page
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
    signal input page[J];
    signal input full[J];
    signal output loaded;
    signal output open;
    signal output book;
    signal output taggedKey;
    signal output wordBefore;
    signal output wordAfter;
    signal output tagAfter;
    signal output commitmentBefore;
    signal output commitmentAfter;

    Bool()(ghost);
    Range(SIZE_BITS())(remaining);

    // A row is unused, a sentinel, or an order; a ghost is an order of before the batch.
    var sentinel = fields.sentinel;
    var order = used - sentinel;
    sentinel * (1 - used) === 0;
    signal isOld <== IsNonNegative(SEQUENCE_BITS())(firstSequence - 1 - fields.sequence);
    signal oldOrder <== order * isOld;
    ghost * (1 - oldOrder) === 0;
    loaded <== oldOrder - ghost;

    // What is not loaded starts at 0; a sentinel holds 1, so that nothing behind it is ever first.
    (1 - loaded) * (remaining - sentinel) === 0;

    signal closed <== IsZero()(finalRemaining);
    open <== order * (1 - closed);

    book <== 2 * fields.market + side;
    taggedKey <== key + (1 << FENCE_BITS()) * book;

    // Its page. A ghost's is full: keys of a new page that is full were answered for by full pages (docs/spec/batch.md, rule e), so an
    // order that rested at this key would have a row; but no two rows share a key.
    component inside = Selector(J);
    inside.in <== page;
    (1 - used) * inside.sum === 0;
    open * (1 - inside.sum) === 0;
    signal inFull <== Select(J)(page, full);
    ghost * (1 - inFull) === 0;

    var orderWord = (1 << ORDER_REDUCE_ONLY_AT()) * fields.reduceOnly
        + (1 << ORDER_ACCOUNT_AT()) * fields.account
        + (1 << ORDER_EXPIRY_AT()) * fields.expiry
        + (1 << ORDER_MAX_FEE_AT()) * fields.maxFee
        + (1 << ORDER_KEY_AT()) * key;
    wordBefore <== orderWord + remaining;
    wordAfter <== orderWord + finalRemaining;
    tagAfter <== TAG_NEW() + inside.index;

    var flags = 0;
    for (var j = 0; j < J; j++) {
        flags += (1 << j) * page[j];
    }
    commitmentBefore <== orderWord + remaining
        + (1 << ROW_FLAGS_AT()) * (used + 2 * sentinel + 4 * ghost + 8 * fields.market);
    commitmentAfter <== finalRemaining + (1 << SIZE_BITS()) * flags;
}
