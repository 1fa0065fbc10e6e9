pragma circom 2.2.0;

include "comparators.circom";
include "../lib/constants.circom";
include "../lib/range.circom";

// The indices of a market once funding has accrued: what longs owe since the last round, and shorts are owed (docs/spec/funding.md).
//   longBefore, shortBefore - [-2^112, 2^112); markBefore, quotePerTickLot - {Uint32}, {Uint20}: 0 without a market; rate - |x| < 2^20
//   elapsed - the seconds between the two rounds, {Uint40} after the first round; before it the mark is 0
// Since elapsed seconds add up to less than 2^40, all that ever accrues is below 2^112.
template Accrual() {
    signal input longBefore;
    signal input shortBefore;
    signal input markBefore;
    signal input quotePerTickLot;
    signal input rate;
    signal input elapsed;
    signal output long;
    signal output short;

    signal lotValue <== markBefore * quotePerTickLot;
    signal perSecond <== rate * lotValue;
    signal accrued <== perSecond * elapsed;
    long <== longBefore + accrued;
    short <== shortBefore - accrued;
}

// Which side a position is on. Claims position is in [-2^n, 2^n).
//   size - its absolute value; index - of its side, that of longs for no position
template PositionSide(n) {
    signal input position;
    signal input longIndex;
    signal input shortIndex;
    signal output size;
    signal output index;

    signal isLong <== IsNonNegative(n)(position);
    size <== (2 * isLong - 1) * position;
    index <== Choose()(isLong, longIndex, shortIndex);
}

// Claims `settled` is the collateral of an account once it is charged what its positions owe, rounded up: it is the one value in range for
// which charge x INDEX_UNIT - owed is in [0, INDEX_UNIT).
//   collateral - [-2^62, 2^62); settled - hint, ranged here
//   position[4], index[4] - hints: two parts of a word that the account's leaf holds. Their ranges force the one reading: of two, the positions
//     would differ by a multiple of 2^64, since p is far larger than both sides
//   longIndex[4], shortIndex[4] - [-2^112, 2^112)
//   size[4] - [0, 2^n]
// No wrap: |owed| < 2^(n + 115) and |charge x INDEX_UNIT| < 2^98; n <= 48.
template Settlement(n) {
    signal input collateral;
    signal input settled;
    signal input position[4];
    signal input index[4];
    signal input longIndex[4];
    signal input shortIndex[4];
    signal output size[4];

    signal owed[4];
    component indexRange[4];
    component side[4];
    var total = 0;
    for (var m = 0; m < 4; m++) {
        indexRange[m] = SignedRange(INDEX_BITS());
        indexRange[m].in <== index[m];
        side[m] = PositionSide(n);
        side[m].position <== position[m];
        side[m].longIndex <== longIndex[m];
        side[m].shortIndex <== shortIndex[m];
        size[m] <== side[m].size;
        owed[m] <== size[m] * (side[m].index - index[m]);
        total += owed[m];
    }
    SignedRange(62)(settled);
    var unitBits = 35;
    signal rest <== (collateral - settled) * INDEX_UNIT() - total;
    Range(unitBits)(rest);
    Range(unitBits)(INDEX_UNIT() - 1 - rest);
}

// The indices with which an account leaves a batch: of the side of each position, 0 without one.
//   position[4] - [-2^n, 2^n)
template SettledIndices(n) {
    signal input position[4];
    signal input longIndex[4];
    signal input shortIndex[4];
    signal output index[4];

    component side[4];
    component none[4];
    for (var m = 0; m < 4; m++) {
        side[m] = PositionSide(n);
        side[m].position <== position[m];
        side[m].longIndex <== longIndex[m];
        side[m].shortIndex <== shortIndex[m];
        none[m] = IsZero();
        none[m].in <== position[m];
        index[m] <== (1 - none[m].out) * side[m].index;
    }
}
