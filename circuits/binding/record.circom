pragma circom 2.2.0;

include "comparators.circom";
include "../lib/constants.circom";

// The record of one leaf: a head `id | bitmap | tag` and the words that changed. Presence is computed, never a hint.
//   id - {Uint20}; before[W], after[W] - any
//   word[W + 1], present[W + 1] - {Bool}: the head first; it is present iff a word is
template Record(W, tag) {
    signal input id;
    signal input before[W];
    signal input after[W];
    signal output word[W + 1];
    signal output present[W + 1];

    signal same[W];
    var bitmap = 0;
    for (var i = 0; i < W; i++) {
        same[i] <== IsEqual()([before[i], after[i]]);
        present[i + 1] <== 1 - same[i];
        word[i + 1] <== present[i + 1] * after[i];
        bitmap += (1 << i) * (1 - same[i]);
    }
    signal unchanged <== IsZero()(bitmap);
    present[0] <== 1 - unchanged;
    word[0] <== present[0] * (id + (1 << RECORD_BITMAP_AT()) * bitmap + (1 << RECORD_TAG_AT()) * tag);
}
