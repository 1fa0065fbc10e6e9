pragma circom 2.2.0;

include "bitify.circom";
include "comparators.circom";
include "../lib/constants.circom";
include "../lib/one_hot.circom";
include "../lib/range.circom";

// What the winning side is charged when the insurance fund has traded and ends the batch below zero (docs/spec/funding.md).
//   losing - of LosingSide: 8 + 2 x market + side, 0 if nobody is charged
//   isFund[A] - {Bool}, at most one: the slot of the fund, which every trade of it needs; collateral[A], value[A] - as the batch leaves them,
//     their sum in [-2^63, 2^63)
//   openInterest[4] - {Uint48}, as the batch leaves it; lotValue[4] - below 2^52
//   indexStep - hint: ceil(amount x INDEX_UNIT / open interest), forced by its rest, and to 0 without open interest. It is at most
//     lotValue x INDEX_UNIT, below 2^87
//   charged[4] - {Bool}: the market whose index moves
//   amount - [0, 2^63]: what the fund is credited; equity - of the fund with that, within 2^64, 0 without its slot; longStep[4], shortStep[4] - what is added to the indices
// No wrap: indexStep x openInterest and amount x INDEX_UNIT are below 2^136.
template Shortfall(A) {
    signal input losing;
    signal input isFund[A];
    signal input collateral[A];
    signal input value[A];
    signal input openInterest[4];
    signal input lotValue[4];
    signal input indexStep;
    signal output charged[4];
    signal output amount;
    signal output equity;
    signal output longStep[4];
    signal output shortStep[4];

    // side, market, market, traded
    signal bits[4] <== Num2Bits(4)(losing);
    signal isThird <== bits[1] * bits[2];
    signal inMarket[4] <== [1 - bits[1] - bits[2] + isThird, bits[1] - isThird, bits[2] - isThird, isThird];
    signal interest <== SelectOne(4)(inMarket, openInterest);
    signal worth <== SelectOne(4)(inMarket, lotValue);

    signal held[A];
    var worthOfFund = 0;
    for (var j = 0; j < A; j++) {
        held[j] <== isFund[j] * (collateral[j] + value[j]);
        worthOfFund += held[j];
    }
    signal solvent <== IsNonNegative(63)(worthOfFund);
    signal indebted <== bits[3] * (1 - solvent);
    signal missing <== -indebted * worthOfFund;
    signal bearable <== interest * worth;
    signal covered <== IsNonNegative(100)(bearable - missing);
    amount <== Choose()(covered, missing, bearable);
    equity <== worthOfFund + amount;

    var stepBits = 88;
    Range(stepBits)(indexStep);
    signal rest <== indexStep * interest - amount * INDEX_UNIT();
    signal nobody <== IsZero()(interest);
    nobody * indexStep === 0;
    Range(SIZE_BITS())(rest);
    Range(SIZE_BITS())(interest - 1 + nobody - rest);

    signal unmoved <== IsZero()(indexStep);
    signal step[4];
    for (var m = 0; m < 4; m++) {
        step[m] <== inMarket[m] * indexStep;
        shortStep[m] <== bits[0] * step[m];
        longStep[m] <== step[m] - shortStep[m];
        charged[m] <== inMarket[m] * (1 - unmoved);
    }
}
