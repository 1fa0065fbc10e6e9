pragma circom 2.2.0;

include "comparators.circom";
include "../lib/constants.circom";
include "../lib/range.circom";

// The circuit breaker of a market (docs/spec/breakers.md): a mark that lies more than maxMovePpm from the last one halts it for haltSeconds; a
// batch after that opens it, unless the mark jumps again. The first mark is no jump. A market that opens before reducedUntil, while it is
// restricted or once it is settled takes only orders that reduce.
//   live - {Bool}; markBefore, mark - {Uint32}, 0 in a slot without a market; timestamp, haltedUntilBefore, reducedUntil - {Uint40}
//   maxMovePpm, haltSeconds - {Uint20}; restricted, settled - {Bool}
//   open - {Bool}; reduceOnly - {Bool}, only where open is 1; haltedUntil - below 2^40 + 2^20: the next batch loads 40 bits of it, which last for 34,000 years
//   status - of the leaf: 1 open, 2 halted, 3 reduce-only, 4 settled, 0 without a market
template Breaker() {
    signal input live;
    signal input markBefore;
    signal input mark;
    signal input timestamp;
    signal input haltedUntilBefore;
    signal input maxMovePpm;
    signal input haltSeconds;
    signal input reducedUntil;
    signal input restricted;
    signal input settled;
    signal output open;
    signal output reduceOnly;
    signal output haltedUntil;
    signal output status;

    signal isFirst <== IsZero()(markBefore);
    signal rises <== IsNonNegative(PRICE_BITS())(mark - markBefore);
    signal move <== (2 * rises - 1) * (mark - markBefore);
    signal limit <== maxMovePpm * markBefore;
    // |limit| and move x 10^6 are below 2^52.
    signal within <== IsNonNegative(52)(limit - move * PPM_UNIT());
    signal jump <== (1 - within) * (1 - isFirst);
    haltedUntil <== Choose()(jump, timestamp + haltSeconds, haltedUntilBefore);
    signal over <== IsNonNegative(TIME_BITS() + 1)(timestamp - haltedUntil);
    open <== live * over;
    signal uncharged <== IsNonNegative(TIME_BITS())(timestamp - reducedUntil);
    signal unrestricted <== (1 - restricted) * (1 - settled);
    signal free <== uncharged * unrestricted;
    reduceOnly <== open * (1 - free);
    signal openSettled <== open * settled;
    status <== 2 * live - open + 2 * reduceOnly + openSettled;
}
