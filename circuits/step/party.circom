pragma circom 2.2.0;

include "bitify.circom";
include "../lib/constants.circom";
include "../lib/range.circom";
include "margin.circom";

// One party and what it would hold after a candidate fill, with the margin rule left to its caller; or the taker and the order that it
// would rest: an order that meets nobody is judged by the comparisons that a fill has no use for then. A maker never rests, and its `resting`, `notional` and `reserveRate` are 0.
//   sign - 1 for a buyer, -1 for a seller; price x lots of the fill: quantity - [0, maxPosition], 0 when nobody is judged; notional - [0, 2^60],
//     or the quote of what the insurance fund takes over: below 2^63 + 2^61, since it moves an equity to a share of it
//   fee - hint: forced by FeeCeil within the interval that collateralAfter leaves it
//   rests - {Bool}, resting - [0, maxPosition]: what would rest, 0 when rests is 0; where rests is 1, quantity is 0
//   openNotional - [0, 2^62): with the resting order; reserveRate - {Uint20}, 0 when rests is 0
//   collateral - [-2^62, 2^62); position - |x| <= 2^28, beyond maxPosition where a change lowered it; value - |x| <= 2^62, of all positions at the marks
//   initial - [0, 2^87), maintenance - [0, 2^82): of all positions; the rates are a lot's value at mark and its margins, below 2^52 and 2^73
//   lotTier - by how much the initial margin of each lot grows with the position, below 2^68
//   maxPosition - [0, 2^28]: Intake lets no larger order in; reduceOnly - {Bool}
// Where the fill is not lawful the changes are not used.
template PartyAfter() {
    signal input sign;
    signal input quantity;
    signal input notional;
    signal input fee;
    signal input rests;
    signal input resting;
    signal input openNotional;
    signal input reserveRate;
    signal input reduceOnly;
    signal input collateral;
    signal input position;
    signal input value;
    signal input initial;
    signal input maintenance;
    signal input lotValue;
    signal input lotInitial;
    signal input lotMaintenance;
    signal input lotTier;
    signal input maxPosition;
    signal output lawful;           // {Bool}: reduce-only and bounds hold
    signal output collateralChange;
    signal output sizeChange;       // |position after| - |position|, 0 for what rests
    signal output initialChange;    // of the margins
    signal output maintenanceChange;
    output Health() health;

    // ---- Position: seen from the direction of the trade, `exposure` grows by its lots.
    signal exposure <== sign * position;
    var lots = quantity + resting;
    signal aligned <== IsNonNegative(29)(exposure);
    // Against the position, the trade only reduces it iff -exposure >= lots; along it, the size fits iff maxPosition >= exposure + lots. Both within 2^29.
    // A reducing trade shrinks the size, and a flip ends below quantity <= maxPosition: neither has to be compared.
    signal room <== aligned * maxPosition;
    signal within <== IsNonNegative(29)(room - exposure - lots);
    signal alignedWithin <== aligned * within;
    var reduces = within - alignedWithin;
    var exceeds = aligned - alignedWithin;
    signal size <== (2 * aligned - 1) * exposure;
    signal sizeAfter <== (1 - 2 * reduces) * (exposure + lots);
    sizeChange <== (1 - rests) * (sizeAfter - size);
    // The squares' difference is the sizes' difference times their sum.
    signal slope <== lotTier * (sizeAfter + size);
    initialChange <== sizeChange * (lotInitial + slope);
    maintenanceChange <== sizeChange * lotMaintenance;
    signal reduceOk <== 1 - reduceOnly * (1 - reduces);

    // ---- Bounds: -2^62 <= collateral' < 2^62 for a fill; open notional < 2^61, that is -2^62 <= 2 x open notional < 2^62, for a rest.
    // Both are in [-2^64, 2^64), so the sum with 2^64 has 65 bits, and it is in the middle quarter iff the top three are 011 or 100.
    signal spent <== sign * notional;
    collateralChange <== -spent - fee;
    signal bounded <== Choose()(rests, 2 * openNotional, collateral);
    component shifted = Num2Bits(65);
    shifted.in <== bounded + collateralChange + (1 << 64);
    signal both <== shifted.out[62] * shifted.out[63];
    signal inside <== both + shifted.out[64] * (1 - shifted.out[62] - shifted.out[63]);
    signal sizeFits <== 1 - (1 - rests) * exceeds;
    signal boundsOk <== sizeFits * inside;

    lawful <== reduceOk * boundsOk;

    // ---- Health: equity after collateral and position have moved.
    signal bought <== sign * quantity;
    signal gained <== bought * lotValue;
    health.equity <== collateral + value;
    health.maintenance <== maintenance;
    health.equityAfter <== collateral + collateralChange + value + gained;
    health.initialAfter <== initial + initialChange;
    health.maintenanceAfter <== maintenance + maintenanceChange;
    health.reduces <== (1 - rests) * reduces;
    health.reserved <== reserveRate * openNotional;
}
