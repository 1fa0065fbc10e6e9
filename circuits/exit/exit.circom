pragma circom 2.2.0;

include "bitify.circom";
include "comparators.circom";
include "poseidon.circom";
include "../lib/constants.circom";
include "../lib/range.circom";
include "market_value.circom";
include "path.circom";

// Claims: under exitRoot, `account` exists, belongs to `owner`, and is worth max(0, collateral + sum of size x mark x quote per tick
// and lot) = equity. Whoever reads calldata can prove it; nobody is asked.
// Public:
//   exitRoot - of a state that a batch left: docs/spec/state.md
//   account - [0, 4^depth): its bits are the one place in the tree
//   owner - {Uint160}, not 0
//   equity - [0, 2^64), quote units
// Hints, all bound by exitRoot:
//   collateral, position[4], tradingLeaf - the account's leaf; the trading leaf stays closed
//   path[depth][4] - the children of each node from the leaf's parent up to the root
//   priceWord[4], interestWord[4], parameterWord[4] - the markets' leaves
//   globals - the hash of what else stands under exitRoot, of which an account gets nothing
// No wrap: a position is in [-2^48, 2^48) - the settlement index above it is 0 until funding exists - so what it is worth is below
// 2^100 in magnitude. The sum is in [-2^64, 2^64), which therefore bounds the collateral below 2^103. Every committed state
// satisfies both: a position is worth 2^60 at most, a collateral is in [-2^62, 2^62).
template Exit(depth) {
    signal input exitRoot;
    signal input account;
    signal input owner;
    signal input equity;
    signal input collateral;
    signal input position[4];
    signal input tradingLeaf;
    signal input path[depth][4];
    signal input priceWord[4];
    signal input interestWord[4];
    signal input parameterWord[4];
    signal input globals;

    // The leaf of an account that does not exist is 0, which is no hash that is known; nor may a hash without an owner pay anyone.
    signal nobody <== IsZero()(owner);
    nobody === 0;
    signal exitLeaf <== Poseidon(6)([owner, collateral, position[0], position[1], position[2], position[3]]);
    signal leaf <== Poseidon(2)([exitLeaf, tradingLeaf]);
    signal bits[2 * depth] <== Num2Bits(2 * depth)(account);
    signal accountRoot <== PathRoot(depth)(bits, path, leaf);

    component market[4];
    signal marketLeaf[4];
    signal worth[4];
    var sum = collateral;
    for (var m = 0; m < 4; m++) {
        market[m] = MarketValue();
        market[m].priceWord <== priceWord[m];
        market[m].interestWord <== interestWord[m];
        market[m].parameterWord <== parameterWord[m];
        marketLeaf[m] <== market[m].leaf;
        SignedRange(SIZE_BITS())(position[m]);
        worth[m] <== position[m] * market[m].lotValue;
        sum += worth[m];
    }
    signal marketRoot <== Poseidon(4)(marketLeaf);
    signal root <== Poseidon(3)([accountRoot, marketRoot, globals]);
    root === exitRoot;

    signal solvent <== IsNonNegative(AMOUNT_BITS())(sum);
    equity === solvent * sum;
}
