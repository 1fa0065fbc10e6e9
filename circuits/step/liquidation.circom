pragma circom 2.2.0;

include "comparators.circom";
include "../lib/constants.circom";
include "../lib/range.circom";
include "margin.circom";
include "message.circom";

// out - {Bool}: the message is one that nobody signs (docs/spec/liquidation.md): kind 3, and every field that it does not choose has its one
// value. The fields are in their ranges, and the price is below the limit that every order crosses or, on the sell side, above it: the sum
// is of numbers that are not negative, and 0 only if each of them is.
//   isThird - {Bool}: its kind is 3; ofFund - {Bool}: it is of the insurance fund, which chooses its price: an unwinding, else a liquidation
template IsUnsigned() {
    input Message() message;
    signal input isThird;
    signal input ofFund;
    signal output out;

    signal distance <== Choose()(message.side, message.price, RANK_MAX() - message.price);
    signal forcedPrice <== (1 - ofFund) * distance;
    var flags = message.ioc + message.postOnly + message.reduceOnly;
    var others = message.keyEpoch + message.nonce + message.expiry + message.maxFee + message.target;
    signal isBare <== IsZero()(forcedPrice + flags + others);
    out <== isThird * isBare;
}

// What the taker's health allows: an order what the margin rule does; a liquidation what docs/spec/liquidation.md does. Both use the same
// two comparisons.
//   liquidates - {Bool}: the message is a liquidation; takesOver - {Bool}, only where liquidates is 1: the step is the fund's
//   judged, quiet - {Bool}, at most one of the two, none in the fund's step: it looks at an order that it may trade with; nobody is there
//   quantity - {Uint48}: the candidate fill, at least 1 where judged is 1; quantity x lotMaintenance is at most 2^80
//   priced - {Bool}: judged, and where it liquidates at no price worse than the bankruptcy price: equity per maintenance margin does not fall
//   exhausted - {Bool}: it liquidates, and nobody is there or asks for more than that
//   allowed - {Bool}: for an order the margin rule; for a liquidation maintenance > equity x 10^6 where nothing is judged, for all but one of
//     the lots where it trades, for twice the equity where the book is exhausted
//   bound - {Bool}: it is the fund's step, and the lots reduce. Then allowed is 1: the quote is forced to be the one with
//     0 <= equity x maintenanceAfter - equityAfter x maintenance < maintenance, that is equityAfter = floor(equity x maintenanceAfter / maintenance).
//     Lots that do not reduce are not taken, and may have a margin beyond all bounds: they have no quote
// Overflow: |equity x 10^6| < 2^83, so every slack is within 2^88; the fund's is refused by its comparison where the change is beyond it.
template TakerMargin() {
    input Health() health;
    signal input liquidates;
    signal input takesOver;
    signal input judged;
    signal input quiet;
    signal input quantity;
    signal input lotMaintenance;
    signal output priced;
    signal output exhausted;
    signal output allowed;
    signal output bound;

    signal change <== HealthChange()(health);
    bound <== takesOver * health.reduces;
    signal compared <== (1 - 2 * bound) * change;
    signal notWorse <== IsNonNegative(147)(compared);
    signal worse <== liquidates * (1 - notWorse);
    priced <== judged * (1 - worse);
    exhausted <== liquidates * (quiet + judged - priced);

    // ---- What is still due when the book has given what it can.
    signal otherLots <== priced * (quantity - 1);
    signal relief <== otherLots * lotMaintenance;
    signal buffer <== exhausted * health.equity;
    var due = health.maintenance - 1 - (health.equity + buffer) * PPM_UNIT() - relief;
    var share = health.maintenance - 1 + change;

    component rule = MarginSlack();
    rule.health <== health;
    rule.notWorse <== notWorse;
    signal owed <== liquidates * (due - rule.slack);
    signal taken <== bound * (share - due);
    allowed <== IsNonNegative(88)(rule.slack + owed + taken);

    signal exact <== notWorse * allowed;
    bound * (1 - exact) === 0;
}
