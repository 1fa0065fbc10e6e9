pragma circom 2.2.0;

include "comparators.circom";
include "../lib/constants.circom";

// out - {Bool}: what does not cross and is allowed by step/party.circom may rest (docs/spec/matching.md, no cross).
//   ioc, allowed - {Bool}
//   orders - [0, 64], sideOrders - [0, 480]: loaded within these bounds, and only an order that may rest adds to them. So a count that
//   is not at its bound is below it.
template MayRest() {
    signal input ioc;
    signal input allowed;
    signal input orders;
    signal input sideOrders;
    signal output out;

    signal accountFull <== IsEqual()([orders, ACCOUNT_ORDERS_MAX()]);
    signal sideFull <== IsEqual()([sideOrders, SIDE_ORDERS_MAX()]);
    signal placeable <== (1 - accountFull) * (1 - sideFull);
    signal patient <== (1 - ioc) * allowed;
    out <== placeable * patient;
}
