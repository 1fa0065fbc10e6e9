pragma circom 2.2.0;

include "bitify.circom";
include "poseidon.circom";
include "../lib/constants.circom";
include "../lib/range.circom";

// The fields under a trader's signature: docs/spec/messages.md.
bus Message() {
    signal account;     // {Uint20}
    signal keyEpoch;    // {Uint16}
    signal nonce;       // {Uint48}
    signal kind;        // {Uint2}
    signal market;      // {Uint8}
    signal side;        // {Bool}: 1 sells
    signal ioc;         // {Bool}
    signal postOnly;    // {Bool}
    signal reduceOnly;  // {Bool}
    signal expiry;      // {Uint40}
    signal maxFee;      // {Uint20}
    signal price;       // {Uint32}
    signal size;        // {Uint48}
    signal target;      // {Uint40}
}

// Claims every field is in the range named above; words[2] are the packed words, which have one reading, hash is what is signed,
// kind and market are the bits of these fields.
template MessageWords() {
    signal input domain;
    input Message() message;
    signal output words[2];
    signal output hash;
    signal output kind[2];
    signal output market[MARKET_BITS()];

    Range(ACCOUNT_BITS())(message.account);
    Range(KEY_EPOCH_BITS())(message.keyEpoch);
    Range(NONCE_BITS())(message.nonce);
    kind <== Num2Bits(2)(message.kind);
    market <== Num2Bits(MARKET_BITS())(message.market);
    Bool()(message.side);
    Bool()(message.ioc);
    Bool()(message.postOnly);
    Bool()(message.reduceOnly);
    Range(TIME_BITS())(message.expiry);
    Range(PPM_BITS())(message.maxFee);
    Range(PRICE_BITS())(message.price);
    Range(SIZE_BITS())(message.size);
    Range(SEQUENCE_BITS())(message.target);

    words[0] <== message.account
        + (1 << MESSAGE_KEY_EPOCH_AT()) * message.keyEpoch
        + (1 << MESSAGE_NONCE_AT()) * message.nonce
        + (1 << MESSAGE_KIND_AT()) * message.kind
        + (1 << MESSAGE_MARKET_AT()) * message.market
        + (1 << MESSAGE_SIDE_AT()) * message.side
        + (1 << MESSAGE_IOC_AT()) * message.ioc
        + (1 << MESSAGE_POST_ONLY_AT()) * message.postOnly
        + (1 << MESSAGE_REDUCE_ONLY_AT()) * message.reduceOnly
        + (1 << MESSAGE_EXPIRY_AT()) * message.expiry
        + (1 << MESSAGE_MAX_FEE_AT()) * message.maxFee;
    words[1] <== message.price
        + (1 << MESSAGE_SIZE_AT()) * message.size
        + (1 << MESSAGE_TARGET_AT()) * message.target;
    hash <== Poseidon(3)([domain, words[0], words[1]]);
}
