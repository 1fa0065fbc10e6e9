pragma circom 2.2.0;

include "comparators.circom";
include "../lib/constants.circom";
include "../lib/range.circom";
include "margin.circom";

// One party of a candidate fill: what it would hold afterwards, and the three verdicts on it.
//   sign - 1 for a buyer, -1 for a seller; quantity - {Uint48}, 0 when nobody is judged; notional - [0, 2^60]; fee - [-2^62, 2^62)
//   collateral - [-2^62, 2^62); position - (-2^48, 2^48); positionValue - |x| <= 2^62, the value of all positions at the marks
//   initial, maintenance - [0, 2^82): of all positions; the rates are a lot's value at mark and its margins, below 2^52 and 2^72
//   maxPosition - {Uint48}; reduceOnly - {Bool}
// Where a verdict is false the values afterwards are not used.
template JudgeParty() {
    signal input sign;
    signal input quantity;
    signal input notional;
    signal input fee;
    signal input reduceOnly;
    signal input collateral;
    signal input position;
    signal input positionValue;
    signal input initial;
    signal input maintenance;
    signal input lotValue;
    signal input lotInitial;
    signal input lotMaintenance;
    signal input maxPosition;
    signal output reduceOk;
    signal output boundsOk;
    signal output marginOk;
    signal output collateralAfter;
    signal output positionAfter;
    signal output initialAfter;
    signal output maintenanceAfter;
    signal output sizeChange;       // |position after| - |position|

    signal bought <== sign * quantity;
    positionAfter <== position + bought;
    signal spent <== sign * notional;
    collateralAfter <== collateral - spent - fee;

    signal isLong <== IsNonNegative(48)(position);
    signal size <== (2 * isLong - 1) * position;
    signal isLongAfter <== IsNonNegative(49)(positionAfter);
    signal sizeAfter <== (2 * isLongAfter - 1) * positionAfter;
    sizeChange <== sizeAfter - size;

    // It only reduces iff the size shrinks by the whole quantity; a flip or an increase shrinks it by less.
    signal reduces <== IsZero()(sizeChange + quantity);
    reduceOk <== 1 - reduceOnly * (1 - reduces);

    // -2^62 <= collateral' < 2^62 iff the top two of 65 bits of collateral' + 2^62 + 2^63, which lies in [0, 2^65), are 0 and 1.
    component shifted = Num2Bits(65);
    shifted.in <== collateralAfter + COLLATERAL_BOUND() + (1 << 63);
    signal sizeFits <== IsNonNegative(49)(maxPosition - sizeAfter);
    signal collateralFits <== shifted.out[63] * (1 - shifted.out[64]);
    boundsOk <== sizeFits * collateralFits;

    initialAfter <== initial + sizeChange * lotInitial;
    maintenanceAfter <== maintenance + sizeChange * lotMaintenance;
    signal valueChange <== bought * lotValue;
    marginOk <== MarginAllows()(
        collateral + positionValue, maintenance,
        collateralAfter + positionValue + valueChange, initialAfter, maintenanceAfter, reduces
    );
}
