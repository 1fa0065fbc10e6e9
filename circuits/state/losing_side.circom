pragma circom 2.2.0;

include "comparators.circom";
include "../lib/range.circom";

// The side that lost what the insurance fund is short of, as 8 + 2 x market + side; 0 if the fund has not traded: that of its position with
// the largest value, of several the first, or of its last trade if it holds nothing.
//   fundTrade - the fund's last trade by rule: 8 + 2 x market + side, 0 without one
//   isFund[A] - {Bool}, at most one; position[A][4] - as the batch leaves them, |x| <= 2^28 and worth at most 2^60; lotValue[4] - below 2^52
template LosingSide(A) {
    signal input fundTrade;
    signal input isFund[A];
    signal input position[A][4];
    signal input lotValue[4];
    signal output code;

    signal held[A][4];
    component isLong[4];
    signal size[4];
    signal worth[4];
    component larger[3];
    signal largest[4];
    signal place[4];
    for (var m = 0; m < 4; m++) {
        var lots = 0;
        for (var j = 0; j < A; j++) {
            held[j][m] <== isFund[j] * position[j][m];
            lots += held[j][m];
        }
        isLong[m] = IsNonNegative(29);
        isLong[m].in <== lots;
        size[m] <== (2 * isLong[m].out - 1) * lots;
        worth[m] <== size[m] * lotValue[m];
        if (m == 0) {
            largest[0] <== worth[0];
            place[0] <== isLong[0].out;
        } else {
            larger[m - 1] = IsNonNegative(61);
            larger[m - 1].in <== worth[m] - largest[m - 1] - 1;
            largest[m] <== largest[m - 1] + larger[m - 1].out * (worth[m] - largest[m - 1]);
            place[m] <== place[m - 1] + larger[m - 1].out * (2 * m + isLong[m].out - place[m - 1]);
        }
    }
    signal none <== IsZero()(largest[3]);
    signal idle <== IsZero()(fundTrade);
    signal losing <== Choose()(none, fundTrade, 8 + place[3]);
    code <== (1 - idle) * losing;
}
