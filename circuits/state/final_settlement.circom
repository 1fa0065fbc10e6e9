pragma circom 2.2.0;

include "comparators.circom";
include "../lib/constants.circom";
include "../lib/range.circom";

// What holds in a settled market (docs/spec/breakers.md): its mark is the last batch's, no funding accrues and no liquidation pays a fee.
//   fundSince - {Uint40}: SETTLED_SINCE in a settled market, 0 without a market
//   markBefore - {Uint32}, of the last batch; median - {Uint32}, of the round; rate - of funding; feePpm - {Uint20}, of a liquidation
//   settled - {Bool}; mark, rateInForce, feeInForce - of the batch
template FinalSettlement() {
    signal input fundSince;
    signal input markBefore;
    signal input median;
    signal input rate;
    signal input feePpm;
    signal output settled;
    signal output mark;
    signal output rateInForce;
    signal output feeInForce;

    settled <== IsEqual()([fundSince, SETTLED_SINCE()]);
    mark <== Choose()(settled, markBefore, median);
    rateInForce <== (1 - settled) * rate;
    feeInForce <== (1 - settled) * feePpm;
}

// Since when the insurance fund has held a position in a market, once a batch ends, or that the market is settled from the next one on: it is
// where it was, until nobody holds anything, and where the fund has held a position for more than settleSeconds without a halt.
//   before, timestamp - {Uint40}: the chain's clock is far beyond SETTLED_SINCE; settleSeconds - {Uint20}
//   settled, open - {Bool}: of this batch; traded - {Bool}: the fund traded in it, in whichever market
//   position - of the fund, if it traded; openInterest - {Uint48}: both as the batch leaves them
template FundSince() {
    signal input before;
    signal input timestamp;
    signal input settleSeconds;
    signal input settled;
    signal input open;
    signal input traded;
    signal input position;
    signal input openInterest;
    signal output after;

    signal isFirst <== IsZero()(before);
    signal since <== Choose()(isFirst, timestamp, before);
    signal holdsNone <== IsZero()(position);
    signal held <== (1 - holdsNone) * since;
    signal current <== Choose()(traded, held, before);
    signal isIdle <== IsZero()(current);
    // A halt restarts the clock. |x| < 2^40 + 2^20.
    signal clock <== Choose()(open, current, timestamp);
    signal inTime <== IsNonNegative(TIME_BITS() + 1)(settleSeconds + clock - timestamp);
    signal due <== Choose()(inTime, clock, SETTLED_SINCE());
    signal ticking <== (1 - isIdle) * due;
    signal marked <== Choose()(settled, SETTLED_SINCE(), ticking);
    signal isEmpty <== IsZero()(openInterest);
    after <== (1 - isEmpty) * marked;
}
