pragma circom 2.2.0;

include "../lib/constants.circom";
include "../lib/range.circom";

// out - {Bool}: an order that does not cross may rest (docs/spec/matching.md, no cross).
//   sign - 1 buys, -1 sells; remaining - {Uint48}; notional - [0, 2^60]: of the remainder at its limit price
//   position - (-2^48, 2^48); equity - (-2^64, 2^64); initial - [0, 2^83); openNotional - [0, 2^61); rateMax - {Uint20}
//   orders, sideOrders - {Uint16}; ioc, reduceOnly - {Bool}
// Overflow: equity x 10^6 < 2^84, initial < 2^83, rateMax x 2^62 < 2^82: the sum is below 2^86.
template MayRest() {
    signal input sign;
    signal input remaining;
    signal input notional;
    signal input ioc;
    signal input reduceOnly;
    signal input position;
    signal input equity;
    signal input initial;
    signal input openNotional;
    signal input rateMax;
    signal input orders;
    signal input sideOrders;
    signal output out;

    signal exposure <== sign * position;
    signal reduces <== IsNonNegative(50)(0 - exposure - remaining);
    signal reduceOk <== 1 - reduceOnly * (1 - reduces);
    signal accountFits <== IsNonNegative(ORDERS_BITS())(ACCOUNT_ORDERS_MAX() - 1 - orders);
    signal sideFits <== IsNonNegative(ORDERS_BITS())(SIDE_ORDERS_MAX() - 1 - sideOrders);
    signal notionalFits <== IsNonNegative(62)(OPEN_NOTIONAL_BOUND() - 1 - openNotional - notional);
    signal reserved <== initial + rateMax * (openNotional + notional);
    signal marginOk <== IsNonNegative(86)(equity * PPM_UNIT() - reserved);

    signal patient <== (1 - ioc) * reduceOk;
    signal placeable <== accountFits * sideFits;
    signal affordable <== notionalFits * marginOk;
    signal permitted <== patient * placeable;
    out <== permitted * affordable;
}
