pragma circom 2.2.0;

include "comparators.circom";
include "poseidon.circom";
include "../lib/constants.circom";
include "../lib/range.circom";

// What an account's leaf holds. Ranges hold in every committed state: docs/spec/state.md.
bus Account() {
    signal owner;           // {Uint160}, 0 iff the account does not exist
    signal collateral;      // [-2^62, 2^62)
    signal position[4];     // |x| <= 2^28, in lots of each market
    signal index[4];        // [-2^112, 2^112): of each position when it was last settled, 0 without one
    signal key[2];          // a point of Baby Jubjub that L1 accepted, or the default key
    signal nonce;           // {Uint48}
    signal keyEpoch;        // {Uint16}
    signal tier;            // {Uint4}
    signal deadBelow;       // {Uint40}
    signal orders;          // [0, 64]
    signal openNotional;    // [0, 2^61)
}

// The leaf of an account and the words that calldata carries.
//   exists - {Bool}: owner != 0; leaf = 0 without it
//   positionWord[4] - size and index in one
// The packed words are injective only on values in range: the loader and Settlement check them before, rules keep them after.
template AccountLeaf() {
    input Account() account;
    signal output exists;
    signal output positionWord[4];
    signal output tradingLeaf;
    signal output leaf;

    signal missing <== IsZero()(account.owner);
    exists <== 1 - missing;

    for (var m = 0; m < MARKETS(); m++) {
        positionWord[m] <== account.position[m] + (1 << POSITION_INDEX_AT()) * account.index[m];
    }
    signal exitLeaf <== Poseidon(6)([
        account.owner, account.collateral, positionWord[0], positionWord[1], positionWord[2], positionWord[3]
    ]);
    var word = account.nonce
        + (1 << TRADING_KEY_EPOCH_AT()) * account.keyEpoch
        + (1 << TRADING_TIER_AT()) * account.tier
        + (1 << TRADING_DEAD_BELOW_AT()) * account.deadBelow
        + (1 << TRADING_ORDERS_AT()) * account.orders;
    tradingLeaf <== Poseidon(4)([account.key[0], account.key[1], word, account.openNotional]);
    signal hash <== Poseidon(2)([exitLeaf, tradingLeaf]);
    leaf <== exists * hash;
}

// Claims the packed fields of a loaded account are in range, so that its leaf has one reading (of a position's word Settlement gives it), and
// that an account which does not exist holds nothing but the default key: what a request creates starts from there.
template LoadedAccount() {
    input Account() account;
    signal input exists;
    signal input positionWord[4];

    Range(NONCE_BITS())(account.nonce);
    Range(KEY_EPOCH_BITS())(account.keyEpoch);
    Range(TIER_BITS())(account.tier);
    Range(SEQUENCE_BITS())(account.deadBelow);
    AtMost(ACCOUNT_ORDERS_MAX())(account.orders);

    var missing = 1 - exists;
    missing * account.collateral === 0;
    for (var m = 0; m < MARKETS(); m++) {
        missing * positionWord[m] === 0;
    }
    missing * (account.key[0] - DEFAULT_KEY_X()) === 0;
    missing * (account.key[1] - DEFAULT_KEY_Y()) === 0;
    missing * account.nonce === 0;
    missing * account.keyEpoch === 0;
    missing * account.tier === 0;
    missing * account.deadBelow === 0;
    missing * account.orders === 0;
    missing * account.openNotional === 0;
}
