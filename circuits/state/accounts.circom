pragma circom 2.2.0;

include "bitify.circom";
include "comparators.circom";
include "../binding/record.circom";
include "../lib/constants.circom";
include "../lib/merkle.circom";
include "../lib/prefix.circom";
include "account.circom";

// Claims the enabled slots come first with strictly increasing ids, so that no leaf is loaded twice, and that every account's fields
// are in range. A slot that is not enabled has no account: it is in no tree, but settlement and steps go over all slots.
//   enabled[A] - hint {Bool}; id[A] - hint {Uint20}: bits[A][20] are its bits
//   slotId[A] - {Uint21}: the id, or 2^20 in a slot that is not enabled, which no request and no message can name
//   isFund[A] - {Bool}: the slot is that of the insurance fund
template LoadAccounts(A) {
    signal input enabled[A];
    signal input id[A];
    input Account() account[A];
    signal output bits[A][ACCOUNT_BITS()];
    signal output slotId[A];
    signal output isFund[A];
    signal output positionWord[A][4];
    signal output tradingLeaf[A];
    signal output leaf[A];

    signal count <== EnabledPrefix(A)(enabled);
    StrictlyIncreasing(A, ACCOUNT_BITS())(enabled, id);
    component hash[A];
    component loaded[A];
    for (var j = 0; j < A; j++) {
        bits[j] <== Num2Bits(ACCOUNT_BITS())(id[j]);
        slotId[j] <== (1 << ACCOUNT_BITS()) + enabled[j] * (id[j] - (1 << ACCOUNT_BITS()));
        isFund[j] <== IsEqual()([slotId[j], INSURANCE_ACCOUNT()]);
        hash[j] = AccountLeaf();
        hash[j].account <== account[j];
        loaded[j] = LoadedAccount();
        loaded[j].account <== account[j];
        loaded[j].exists <== hash[j].exists;
        loaded[j].positionWord <== hash[j].positionWord;
        (1 - enabled[j]) * hash[j].exists === 0;
        positionWord[j] <== hash[j].positionWord;
        tradingLeaf[j] <== hash[j].tradingLeaf;
        leaf[j] <== hash[j].leaf;
    }
}

// Claims: each enabled account stood in the tree of rootBefore as `before` and stands in the tree of rootAfter as `after`.
//   bits, leafBefore, positionWordBefore, tradingLeafBefore - of LoadAccounts; crown, path - hints: lib/merkle.circom
//   word, present - the calldata record of each slot: owner, collateral, position words, trading leaf
template StoreAccounts(A) {
    signal input enabled[A];
    signal input id[A];
    signal input bits[A][ACCOUNT_BITS()];
    signal input crown[16];
    signal input path[A][ACCOUNT_DEPTH() - CROWN_LEVELS()][4];
    signal input leafBefore[A];
    signal input positionWordBefore[A][4];
    signal input tradingLeafBefore[A];
    input Account() before[A];
    input Account() after[A];
    signal input rootBefore;
    signal output rootAfter;
    signal output word[A][ACCOUNT_RECORD_WORDS()];
    signal output present[A][ACCOUNT_RECORD_WORDS()];

    assert(2 * ACCOUNT_DEPTH() == ACCOUNT_BITS());
    component hash[A];
    component record[A];
    component updates = MerkleUpdates(A, ACCOUNT_DEPTH());
    updates.enabled <== enabled;
    updates.bits <== bits;
    updates.crown <== crown;
    updates.path <== path;
    updates.before <== leafBefore;
    updates.rootBefore <== rootBefore;
    for (var j = 0; j < A; j++) {
        hash[j] = AccountLeaf();
        hash[j].account <== after[j];
        updates.after[j] <== hash[j].leaf;

        record[j] = Record(ACCOUNT_RECORD_WORDS() - 1, RECORD_TAG_ACCOUNT());
        record[j].id <== id[j];
        record[j].before[0] <== before[j].owner;
        record[j].after[0] <== after[j].owner;
        record[j].before[1] <== before[j].collateral;
        record[j].after[1] <== after[j].collateral;
        for (var m = 0; m < MARKETS(); m++) {
            record[j].before[2 + m] <== positionWordBefore[j][m];
            record[j].after[2 + m] <== hash[j].positionWord[m];
        }
        record[j].before[2 + MARKETS()] <== tradingLeafBefore[j];
        record[j].after[2 + MARKETS()] <== hash[j].tradingLeaf;
        word[j] <== record[j].word;
        present[j] <== record[j].present;
    }
    rootAfter <== updates.rootAfter;
}
