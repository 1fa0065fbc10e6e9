pragma circom 2.2.0;

include "comparators.circom";
include "poseidon.circom";
include "../lib/constants.circom";
include "../lib/one_hot.circom";
include "../lib/range.circom";
include "median.circom";

// Claims: if message[i] is signed by key[i] for each of the three i, as the caller must check, three of the five oracle keys signed prices
// of one round whose time is newer than the last round of the markets, not after the batch's timestamp and at most maxAge before it.
// mark[m] is the median of a live market's prices, 0 elsewhere.
//   live[4] - {Bool}: checked where markets are loaded
//   previousTime - hint, ranged here: forced by the leaf of any live market, and of no effect without one
//   timestamp - {Uint40}, maxAge - any: an age is compared in 40 bits, a larger maxAge cannot wrap the difference below 2^252
//   signer[3][5], price[3][4], time - hints: the signatures force them
template OracleRound() {
    signal input domain;
    signal input timestamp;
    signal input maxAge;
    signal input oracleKey[5][2];
    signal input live[4];
    signal input previousTime;
    signal input time;
    signal input price[3][4];
    signal input signer[3][5];
    signal output key[3][2];
    signal output message[3];
    signal output mark[4];
    signal output oracleHash;

    Range(TIME_BITS())(time);
    signal age <== timestamp - time;
    Range(TIME_BITS())(age);
    Range(TIME_BITS())(maxAge - age);
    Range(TIME_BITS())(previousTime);
    Range(TIME_BITS())(time - previousTime - 1);

    component signers[3];
    component keyX[3];
    component keyY[3];
    signal priced[3][4];
    signal signerWord[3];
    for (var i = 0; i < 3; i++) {
        // One signer a report, each later one with a larger index: three different keys.
        signers[i] = Selector(5);
        signers[i].in <== signer[i];
        signers[i].sum === 1;
        if (i > 0) {
            Range(2)(signers[i].index - signers[i - 1].index - 1);
        }
        var word = time;
        for (var m = 0; m < 4; m++) {
            Range(PRICE_BITS())(price[i][m]);
            // Live: at least 1. Not live: 0.
            priced[i][m] <== IsZero()(price[i][m]);
            priced[i][m] === 1 - live[m];
            word += (1 << (TIME_BITS() + PRICE_BITS() * m)) * price[i][m];
        }
        signerWord[i] <== word + (1 << ORACLE_SIGNER_AT()) * signers[i].index;

        keyX[i] = Select(5);
        keyY[i] = Select(5);
        keyX[i].selector <== signer[i];
        keyY[i].selector <== signer[i];
        for (var k = 0; k < 5; k++) {
            keyX[i].values[k] <== oracleKey[k][0];
            keyY[i].values[k] <== oracleKey[k][1];
        }
        key[i] <== [keyX[i].out, keyY[i].out];
        message[i] <== Poseidon(3)([domain, ORACLE_TAG(), word]);
    }
    for (var m = 0; m < 4; m++) {
        mark[m] <== Median()(price[0][m], price[1][m], price[2][m]);
    }
    oracleHash <== Poseidon(3)(signerWord);
}
