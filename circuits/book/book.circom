pragma circom 2.2.0;

include "bitify.circom";
include "../lib/constants.circom";
include "../lib/merkle.circom";
include "../lib/prefix.circom";
include "exchange.circom";
include "page.circom";
include "row.circom";
include "run.circom";

// Where a loaded page stands, and what the prover says of it.
bus PageEntry() {
    signal enabled;     // hint {Bool}: a prefix
    signal index;       // hint {Uint12}: strictly increasing
    signal was;         // hint {Bool}
    signal is;          // hint {Bool}
    signal full;        // hint {Bool}
    signal front;       // hint {Bool}
}

// What the prover says of a row: book/row.circom.
bus RowEntry(J) {
    signal used;
    signal ghost;
    RowFields() fields;
    signal remaining;
    signal page[J];
}

// Claims rules a to h of docs/spec/batch.md: the rows are the orders of the loaded pages, as they were before the batch and as they are
// after it (finalRemaining), and the pages written are those of rootAfter.
//   key, rows - of LoadRows
template StoreBook(J, O) {
    signal input firstSequence;
    signal input rootBefore;
    input PageEntry() entry[J];
    signal input crown[16];
    signal input path[J][PAGE_DEPTH() - CROWN_LEVELS()][4];
    input Page() before[J];
    input Page() after[J];
    input RowEntry(J) row[O];
    signal input key[O];
    input RowTable(O) rows;
    signal input finalRemaining[O];
    signal output rootAfter;

    // ---- Pages in the tree.
    var enabled[J];
    var index[J];
    for (var j = 0; j < J; j++) {
        enabled[j] = entry[j].enabled;
        index[j] = entry[j].index;
    }
    signal count <== EnabledPrefix(J)(enabled);
    StrictlyIncreasing(J, 2 * PAGE_DEPTH())(enabled, index);

    component bits[J];
    component page[J];
    component updates = MerkleUpdates(J, PAGE_DEPTH());
    updates.enabled <== enabled;
    updates.crown <== crown;
    updates.path <== path;
    updates.rootBefore <== rootBefore;
    PageExchange() pages[J];
    for (var j = 0; j < J; j++) {
        bits[j] = Num2Bits(2 * PAGE_DEPTH());
        bits[j].in <== entry[j].index;
        page[j] = LoadedPage();
        page[j].enabled <== entry[j].enabled;
        page[j].was <== entry[j].was;
        page[j].is <== entry[j].is;
        page[j].full <== entry[j].full;
        page[j].front <== entry[j].front;
        page[j].before <== before[j];
        page[j].after <== after[j];

        updates.bits[j] <== bits[j].out;
        updates.before[j] <== page[j].leafBefore;
        updates.after[j] <== page[j].leafAfter;

        pages[j].was <== entry[j].was;
        pages[j].is <== entry[j].is;
        pages[j].full <== entry[j].full;
        pages[j].front <== entry[j].front;
        pages[j].hashBefore <== page[j].hashBefore;
        pages[j].hashAfter <== page[j].hashAfter;
        pages[j].bookBefore <== page[j].bookBefore;
        pages[j].bookAfter <== page[j].bookAfter;
        pages[j].lowBefore <== page[j].lowBefore;
        pages[j].highBefore <== page[j].highBefore;
        pages[j].lowAfter <== page[j].lowAfter;
        pages[j].highAfter <== page[j].highAfter;
        pages[j].wordBefore <== before[j].word;
        pages[j].wordAfter <== after[j].word;
        pages[j].rowBefore <== before[j].row;
        pages[j].rowAfter <== after[j].row;
        pages[j].filledBefore <== page[j].filledBefore;
        pages[j].filledAfter <== page[j].filledAfter;
    }
    rootAfter <== updates.rootAfter;

    // ---- Rows: the first half bids, the other asks.
    component item[O];
    RowExchange() exchanged[O];
    for (var o = 0; o < O; o++) {
        item[o] = Row(J);
        item[o].firstSequence <== firstSequence;
        item[o].side <== o \ (O \ 2);
        item[o].used <== row[o].used;
        item[o].ghost <== row[o].ghost;
        item[o].fields <== row[o].fields;
        item[o].key <== key[o];
        item[o].remaining <== row[o].remaining;
        item[o].finalRemaining <== finalRemaining[o];
        item[o].page <== row[o].page;
        for (var j = 0; j < J; j++) {
            item[o].full[j] <== entry[j].full;
        }

        exchanged[o].start <== rows.start[o];
        exchanged[o].sentinel <== row[o].fields.sentinel;
        exchanged[o].loaded <== item[o].loaded;
        exchanged[o].open <== item[o].open;
        exchanged[o].book <== item[o].book;
        exchanged[o].key <== key[o];
        exchanged[o].wordBefore <== item[o].wordBefore;
        exchanged[o].wordAfter <== item[o].wordAfter;
        exchanged[o].tagAfter <== item[o].tagAfter;
        exchanged[o].commitmentBefore <== item[o].commitmentBefore;
        exchanged[o].commitmentAfter <== item[o].commitmentAfter;
    }

    // ---- Rows stand inside the pages that they name.
    component run[J];
    for (var j = 0; j < J; j++) {
        run[j] = PageRun(O);
        run[j].there <== entry[j].is;
        run[j].low <== page[j].lowAfter;
        run[j].high <== page[j].highAfter;
        for (var o = 0; o < O; o++) {
            run[j].key[o] <== item[o].taggedKey;
            run[j].inside[o] <== row[o].page[j];
        }
    }

    // ---- Pages and rows hold the same orders.
    signal challenge <== ExchangeChallenge(J, O)(pages, exchanged);
    OrderExchange(J, O)(challenge, pages, exchanged);
    TileExchange(J)(challenge, pages);
    ReachExchange(J, O)(challenge, pages, exchanged);
}
