pragma circom 2.2.0;

include "../binding/record.circom";
include "../lib/constants.circom";
include "market.circom";
include "parameters.circom";

// The four market leaves before and after, and the calldata record of each: its five words. The unit of a market
// stays, whatever else of its parameters changes.
//   before, after - of one kind; after.parameterWord - of LoadedParameters, quotePerTickLot its unit; unitRest - hint: see UnitOf
template MarketTable() {
    input Market() before[4];
    input Market() after[4];
    signal input quotePerTickLot[4];
    signal input unitRest[4];
    signal output leafBefore[4];
    signal output leafAfter[4];
    signal output word[4][MARKET_RECORD_WORDS()];
    signal output present[4][MARKET_RECORD_WORDS()];

    component old[4];
    component new[4];
    component loaded[4];
    component record[4];
    for (var m = 0; m < 4; m++) {
        old[m] = MarketLeaf();
        old[m].market <== before[m];
        new[m] = MarketLeaf();
        new[m].market <== after[m];
        loaded[m] = LoadedMarket();
        loaded[m].market <== before[m];
        loaded[m].priceWord <== old[m].priceWord;
        loaded[m].riskWord <== old[m].riskWord;
        leafBefore[m] <== old[m].leaf;
        leafAfter[m] <== new[m].leaf;
        UnitOf()(before[m].parameterWord, unitRest[m], quotePerTickLot[m]);

        record[m] = Record(MARKET_RECORD_WORDS() - 1, RECORD_TAG_MARKET());
        record[m].id <== m;
        record[m].before <== [
            old[m].priceWord, before[m].longIndex, before[m].shortIndex, before[m].parameterWord, old[m].riskWord
        ];
        record[m].after <== [
            new[m].priceWord, after[m].longIndex, after[m].shortIndex, after[m].parameterWord, new[m].riskWord
        ];
        word[m] <== record[m].word;
        present[m] <== record[m].present;
    }
}
