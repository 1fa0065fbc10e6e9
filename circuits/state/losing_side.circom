pragma circom 2.2.0;

include "comparators.circom";
include "../lib/range.circom";

// The side that lost what the insurance fund is short of, as 8 + 2 x market + side; 0 if the fund has not traded: that of its position with
// the largest value, of several the first, in a market that is not settled, if it holds any there, or in any; of its last trade if it holds nothing.
//   fundTrade - the fund's last trade by rule: 8 + 2 x market + side, 0 without one
//   isFund[A] - {Bool}, at most one; position[A][4] - as the batch leaves them, |x| <= 2^28 and worth at most 2^60; lotValue[4] - below 2^52; settled[4] - {Bool}
//   lots[4] - the fund's position, 0 without its slot; traded - {Bool}
template LosingSide(A) {
    signal input fundTrade;
    signal input isFund[A];
    signal input position[A][4];
    signal input lotValue[4];
    signal input settled[4];
    signal output code;
    signal output lots[4];
    signal output traded;

    signal held[A][4];
    component isLong[4];
    signal size[4];
    signal worth[4];
    component holdsNone[4];
    signal atRisk[4];
    signal ranked[4];
    component larger[3];
    signal largest[4];
    signal place[4];
    for (var m = 0; m < 4; m++) {
        var total = 0;
        for (var j = 0; j < A; j++) {
            held[j][m] <== isFund[j] * position[j][m];
            total += held[j][m];
        }
        lots[m] <== total;
        isLong[m] = IsNonNegative(29);
        isLong[m].in <== lots[m];
        size[m] <== (2 * isLong[m].out - 1) * lots[m];
        worth[m] <== size[m] * lotValue[m];
        holdsNone[m] = IsZero();
        holdsNone[m].in <== lots[m];
        atRisk[m] <== (1 - settled[m]) * (1 - holdsNone[m].out);
        // No value reaches 2^61.
        ranked[m] <== worth[m] + (1 << 61) * atRisk[m];
        if (m == 0) {
            largest[0] <== ranked[0];
            place[0] <== isLong[0].out;
        } else {
            larger[m - 1] = IsNonNegative(62);
            larger[m - 1].in <== ranked[m] - largest[m - 1] - 1;
            largest[m] <== largest[m - 1] + larger[m - 1].out * (ranked[m] - largest[m - 1]);
            place[m] <== place[m - 1] + larger[m - 1].out * (2 * m + isLong[m].out - place[m - 1]);
        }
    }
    signal none <== IsZero()(largest[3]);
    signal idle <== IsZero()(fundTrade);
    signal losing <== Choose()(none, fundTrade, 8 + place[3]);
    traded <== 1 - idle;
    code <== traded * losing;
}
