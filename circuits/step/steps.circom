pragma circom 2.2.0;

include "../lib/constants.circom";
include "compaction.circom";
include "step.circom";

// The hints of one step: step/step.circom.
bus StepHints(A, O) {
    signal take;
    Message() message;
    signal takerSlot[A];
    signal ownerSlot[A];
    signal selector[O];
    SeenRow() seen;
    signal ownBefore;
    signal quote;
    signal takerFee;
    signal makerFee;
}

// Claims T micro-steps lead from before to after and leave no order half done.
//   hash[K] - the messages taken, in order, 0 after the last; count - [0, K]: how many
//   signer[K] - 0 for a message that needs no signature, else 1 + its account's slot
template Steps(T, A, O, K) {
    input StepContext(A, O) context;
    input StepState(A, O) before;
    output StepState(A, O) after;
    input StepHints(A, O) hints[T];
    signal output hash[K];
    signal output signer[K];
    signal output count;

    component step[T];
    component order = Compaction(T, K, 2);
    for (var t = 0; t < T; t++) {
        step[t] = Step(A, O);
        step[t].context <== context;
        if (t == 0) {
            step[t].before <== before;
        } else {
            step[t].before <== step[t - 1].after;
        }
        step[t].take <== hints[t].take;
        step[t].message <== hints[t].message;
        step[t].takerSlot <== hints[t].takerSlot;
        step[t].ownerSlot <== hints[t].ownerSlot;
        step[t].selector <== hints[t].selector;
        step[t].seen <== hints[t].seen;
        step[t].ownBefore <== hints[t].ownBefore;
        step[t].quote <== hints[t].quote;
        step[t].takerFee <== hints[t].takerFee;
        step[t].makerFee <== hints[t].makerFee;
        order.take[t] <== hints[t].take;
        order.values[t][0] <== step[t].messageHash;
        order.values[t][1] <== step[t].authenticated * (1 + step[t].takerIndex);
    }
    after <== step[T - 1].after;
    // The last order is done: nothing is carried out of the batch.
    after.carried === 0;
    count <== after.sequence - before.sequence;
    for (var k = 0; k < K; k++) {
        hash[k] <== order.placed[k][0];
        signer[k] <== order.placed[k][1];
    }
}
