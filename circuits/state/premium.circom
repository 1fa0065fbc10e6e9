pragma circom 2.2.0;

include "comparators.circom";
include "poseidon.circom";
include "../lib/constants.circom";
include "../lib/range.circom";

// What fills of the open period say of a market, and the rate that the period before it left.
bus Premium() {
    signal excess;      // sum of what Turnover says of its batches, |x| < 2^80
    signal weight;      // sum of lots x mark, [0, 2^80): a period has at most 2^20 fills, of 2^28 lots each
    signal rate;        // ppm in 8 hours, |x| < 2^20
}

// root = P(excess, weight and rate of each market, period): part of the book root, which calldata does not carry.
template PremiumRoot() {
    input Premium() premium[4];
    signal input period;
    signal output root;

    root <== Poseidon(13)([
        premium[0].excess, premium[0].weight, premium[0].rate, premium[1].excess, premium[1].weight, premium[1].rate,
        premium[2].excess, premium[2].weight, premium[2].rate, premium[3].excess, premium[3].weight, premium[3].rate,
        period
    ]);
}

// What the fills of a batch add to the premium: by how much they cost more than at the higher of the two marks, or less than at the lower.
//   lots, cost - below 2^33 and 2^65: at most T fills of 2^28 lots; markBefore, mark - {Uint32}
//   excess - |x| < 2^65; weight - below 2^65
template Turnover() {
    signal input lots;
    signal input cost;
    signal input markBefore;
    signal input mark;
    signal output excess;
    signal output weight;

    signal rises <== IsNonNegative(PRICE_BITS())(mark - markBefore);
    signal high <== Choose()(rises, mark, markBefore);
    signal atHigh <== lots * high;
    signal atLow <== lots * (mark + markBefore - high);
    signal above <== IsNonNegative(65)(cost - atHigh);
    signal below <== IsNonNegative(65)(atLow - cost);
    signal over <== above * (cost - atHigh);
    signal under <== below * (atLow - cost);
    excess <== over - under;
    weight <== lots * mark;
}

// out = value held within [-bound, bound]. value - |x| < 2^n, bound - [0, 2^n)
template Clamp(n) {
    signal input value;
    signal input bound;
    signal output out;

    signal aboveBottom <== IsNonNegative(n + 1)(value + bound);
    signal raised <== Choose()(aboveBottom, value, -bound);
    signal belowTop <== IsNonNegative(n + 1)(bound - raised);
    out <== Choose()(belowTop, raised, bound);
}

// The rate that a period leaves to the next (docs/spec/funding.md).
//   premium, openInterest - {Uint48}, mark - {Uint32}: as the last batch left them
//   premiumPpm - hint: floor(excess x 10^6 / divisor), forced by its rest, or 2^21 - 1 where that is more: both are held to the same bound. It is 0
//     where nothing was traded and nobody holds anything. A price is not negative, so it is at least -10^6
//   interestPpm - {Uint14}; initialPpm, maintenancePpm - {Uint20}, the second at most the first
// No wrap: |excess x 10^6| < 2^101, |premiumPpm x divisor| < 2^102.
template NextRate() {
    input Premium() premium;
    signal input openInterest;
    signal input mark;
    signal input premiumPpm;
    signal input interestPpm;
    signal input initialPpm;
    signal input maintenancePpm;
    signal output rate;

    signal held <== openInterest * mark;
    signal traded <== IsNonNegative(80)(premium.weight - held);
    signal divisor <== Choose()(traded, premium.weight, held);
    signal nothing <== IsZero()(divisor);
    SignedRange(21)(premiumPpm);
    signal rest <== premium.excess * PPM_UNIT() - premiumPpm * divisor;
    nothing * premiumPpm === 0;
    signal isTop <== IsEqual()([premiumPpm, (1 << 21) - 1]);
    Range(102)(rest);
    signal missing <== (1 - isTop) * (divisor - 1 + nothing - rest);
    Range(80)(missing);

    signal damped <== Clamp(22)(interestPpm - premiumPpm, PREMIUM_DAMPENER_PPM());
    rate <== Clamp(22)(premiumPpm + damped, initialPpm - maintenancePpm);
}

// Claims period is that of a time: floor(time / seconds).
//   time - {Uint40}; period - hint, forced by the rest, which has restBits
template PeriodOf(seconds, restBits) {
    signal input time;
    signal input period;

    assert(seconds <= 1 << restBits);
    Range(TIME_BITS())(period);
    signal rest <== time - period * seconds;
    Range(restBits)(rest);
    Range(restBits)(seconds - 1 - rest);
}
