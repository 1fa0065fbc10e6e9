pragma circom 2.2.0;

include "comparators.circom";
include "../lib/constants.circom";
include "../lib/range.circom";
include "liquidation.circom";
include "message.circom";

// What judging a message needs of its market; when the market is not one of the four, `live` and `open` are 0 and the others are in range.
bus MessageMarket() {
    signal live;            // {Bool}
    signal open;            // {Bool}: live and not halted
    signal reduceOnly;      // {Bool}: open, and takes no order without that flag
    signal mark;            // {Uint32}
    signal bandPpm;         // {Uint20}
    signal liquidationFeePpm;   // {Uint20}
    signal minSize;         // {Uint29}
    signal maxPosition;     // {Uint29}
}

// The verdicts on a message before it meets the book, in the order of docs/spec/matching.md: at most one of placed, cancel, cancelAll,
// liquidation and unwinding is 1, and none for a message that is dropped.
//   take - {Bool}: the step takes a new message; without it every output is 0
//   kind - the bits of the message's kind
//   keyEpoch - {Uint16}, nonce - {Uint48}, takerPpm - {Uint20}: of the account
//   authenticated - {Bool}: the key epoch is current, so the message must be signed
//   accepted - {Bool}: it is also fresh, so it consumes its nonce
//   ofFund - {Bool}: the message's account is the insurance fund; isUnsigned - {Bool}: it is one that nobody signs, whether or not it is taken
//   liquidation, unwinding - {Bool}: it is one, with terms that its market takes; whether it is due is the caller's question. Its key epoch
//     is 0, so it is never authenticated
template Intake() {
    signal input take;
    input Message() message;
    signal input kind[2];
    input MessageMarket() market;
    signal input timestamp;
    signal input keyEpoch;
    signal input nonce;
    signal input takerPpm;
    signal output authenticated;
    signal output accepted;
    signal output placed;
    signal output cancel;
    signal output cancelAll;
    signal output ofFund;
    signal output isUnsigned;
    signal output liquidation;
    signal output unwinding;

    signal current <== IsEqual()([message.keyEpoch, keyEpoch]);
    signal unkeyed <== IsZero()(message.keyEpoch);
    signal keyed <== current * (1 - unkeyed);
    authenticated <== take * keyed;
    signal fresh <== IsNonNegative(NONCE_BITS())(message.nonce - nonce - 1);
    accepted <== authenticated * fresh;
    signal unexpired <== IsNonNegative(TIME_BITS())(message.expiry - timestamp);
    signal valid <== accepted * unexpired;

    // kind: 0 order, 1 cancel, 2 cancel all, 3 none
    signal noKind <== kind[0] * kind[1];
    cancelAll <== valid * (kind[1] - noKind);
    signal listed <== valid * market.live;
    cancel <== listed * (kind[0] - noKind);
    signal order <== listed * (1 - kind[0] - kind[1] + noKind);

    // What nobody signs may be of a single lot, and so may what closes a position at once; the first has no flags.
    ofFund <== IsZero()(message.account);
    isUnsigned <== IsUnsigned()(message, noKind, ofFund);
    signal isOfFund <== isUnsigned * ofFund;
    signal closes <== message.reduceOnly * message.ioc;
    signal minimum <== Choose()(isUnsigned + closes, 1, market.minSize);
    signal bandPpm <== Choose()(isOfFund, market.liquidationFeePpm, market.bandPpm);
    signal unpriced <== IsZero()(message.price);
    signal largeEnough <== IsNonNegative(SIZE_BITS())(message.size - minimum);
    signal smallEnough <== IsNonNegative(SIZE_BITS())(market.maxPosition - message.size);
    signal feeAgreed <== IsNonNegative(PPM_BITS())(message.maxFee - takerPpm);
    // |price - mark| x 10^6 and band x mark are below 2^52.
    signal isAbove <== IsNonNegative(PRICE_BITS())(message.price - market.mark);
    signal distance <== (2 * isAbove - 1) * (message.price - market.mark);
    signal band <== bandPpm * market.mark;
    signal inBand <== IsNonNegative(52)(band - distance * PPM_UNIT());

    signal sized <== largeEnough * smallEnough;
    signal bounded <== sized * (1 - unpriced);
    signal agreed <== feeAgreed * inBand;
    signal tradable <== bounded * market.open;
    signal admissible <== tradable * agreed;
    signal growing <== market.reduceOnly * (1 - message.reduceOnly);
    signal allowed <== admissible * (1 - growing);
    placed <== order * allowed;

    signal ruled <== take * market.open;
    signal sizedRule <== ruled * sized;
    liquidation <== sizedRule * (isUnsigned - isOfFund);
    signal unwound <== sizedRule * isOfFund;
    unwinding <== unwound * inBand;
}
