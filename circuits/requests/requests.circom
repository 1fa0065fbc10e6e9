pragma circom 2.2.0;

include "../lib/constants.circom";
include "../lib/prefix.circom";
include "request.circom";

// Claims the enabled requests are applied in order; totals are over all of them.
//   positionValue[A] - |x| <= 2^62; heldMargin[A] - [0, 2^87); openNotional[A] - [0, 2^61); rateMax - {Uint20}: requests move none
//   count - [0, R]; isMessage[R] - {Bool}; deposited, paid - below R x 2^64
template RequestQueue(R, A) {
    signal input enabled[R];
    signal input kind[R];
    signal input account[R];
    signal input amount[R];
    signal input owner[R];
    signal input data[R][2];
    signal input slot[R][A];
    signal input free[R];
    signal input accountId[A];
    signal input positionValue[A];
    signal input heldMargin[A];
    signal input openNotional[A];
    signal input rateMax;
    input Holdings(A) before;
    signal input restrictionsBefore;
    output Holdings(A) after;
    signal output restrictionsAfter;
    signal output count;
    signal output head[R];
    signal output isMessage[R];
    signal output outcome[R];
    signal output deposited;
    signal output paid;

    count <== EnabledPrefix(R)(enabled);
    signal bound[A];
    signal surplus[A];
    for (var j = 0; j < A; j++) {
        bound[j] <== heldMargin[j] + rateMax * openNotional[j];
        surplus[j] <== positionValue[j] * PPM_UNIT() - bound[j];
    }
    component request[R];
    var depositedTotal = 0;
    var paidTotal = 0;
    for (var i = 0; i < R; i++) {
        request[i] = ProcessRequest(A);
        request[i].enabled <== enabled[i];
        request[i].kind <== kind[i];
        request[i].account <== account[i];
        request[i].amount <== amount[i];
        request[i].owner <== owner[i];
        request[i].data <== data[i];
        request[i].slot <== slot[i];
        request[i].free <== free[i];
        request[i].accountId <== accountId;
        request[i].surplus <== surplus;
        if (i == 0) {
            request[i].before <== before;
            request[i].restrictionsBefore <== restrictionsBefore;
        } else {
            request[i].before <== request[i - 1].after;
            request[i].restrictionsBefore <== request[i - 1].restrictionsAfter;
        }
        head[i] <== request[i].head;
        isMessage[i] <== request[i].isMessage;
        outcome[i] <== request[i].outcome;
        depositedTotal += request[i].deposited;
        paidTotal += request[i].paid;
    }
    after <== request[R - 1].after;
    restrictionsAfter <== request[R - 1].restrictionsAfter;
    deposited <== depositedTotal;
    paid <== paidTotal;
}
