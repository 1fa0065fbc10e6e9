pragma circom 2.2.0;

include "bitify.circom";
include "comparators.circom";
include "poseidon.circom";
include "../lib/constants.circom";
include "../lib/range.circom";
include "../state/funding.circom";
include "market_value.circom";
include "path.circom";

// Claims: under exitRoot, `account` exists, belongs to `owner`, and is worth max(0, settled + sum of size x mark x quote per tick and
// lot) = equity: settled at the indices of that state (docs/spec/funding.md). Whoever reads calldata can prove it; nobody is asked.
// Public:
//   exitRoot - of a state that a batch left: docs/spec/state.md
//   account - [0, 4^depth): its bits are the one place in the tree
//   owner - {Uint160}, not 0
//   equity - [0, 2^64), quote units
// Hints, all bound by exitRoot:
//   collateral, position[4], index[4], tradingLeaf - the account's leaf; the trading leaf stays closed
//   settled - the collateral less what the positions owe, forced by Settlement
//   path[depth][4] - the children of each node from the leaf's parent up to the root
//   priceWord[4], longIndex[4], shortIndex[4], parameterWord[4], riskWord[4] - the markets' leaves
//   globals - the hash of what else stands under exitRoot, of which an account gets nothing
// No wrap: a position is in [-2^48, 2^48), so what it is worth is below 2^100 in magnitude, and the settled collateral in [-2^62, 2^62).
// Every committed state satisfies what is ranged: a position is worth 2^60 at most, so the sum is in [-2^64, 2^64), a collateral is in
// [-2^62, 2^62) before and after it is settled, and indices of markets stay in [-2^112, 2^112).
template Exit(depth) {
    signal input exitRoot;
    signal input account;
    signal input owner;
    signal input equity;
    signal input collateral;
    signal input position[4];
    signal input index[4];
    signal input settled;
    signal input tradingLeaf;
    signal input path[depth][4];
    signal input priceWord[4];
    signal input longIndex[4];
    signal input shortIndex[4];
    signal input parameterWord[4];
    signal input riskWord[4];
    signal input globals;

    // The leaf of an account that does not exist is 0, which is no hash that is known; nor may a hash without an owner pay anyone.
    signal nobody <== IsZero()(owner);
    nobody === 0;
    signal positionWord[4];
    for (var m = 0; m < 4; m++) {
        positionWord[m] <== position[m] + (1 << POSITION_INDEX_AT()) * index[m];
    }
    signal exitLeaf <== Poseidon(6)([owner, collateral, positionWord[0], positionWord[1], positionWord[2], positionWord[3]]);
    signal leaf <== Poseidon(2)([exitLeaf, tradingLeaf]);
    signal bits[2 * depth] <== Num2Bits(2 * depth)(account);
    signal accountRoot <== PathRoot(depth)(bits, path, leaf);

    component market[4];
    signal marketLeaf[4];
    signal worth[4];
    component settlement = Settlement(SIZE_BITS());
    settlement.collateral <== collateral;
    settlement.settled <== settled;
    settlement.position <== position;
    settlement.index <== index;
    settlement.longIndex <== longIndex;
    settlement.shortIndex <== shortIndex;
    var sum = settled;
    for (var m = 0; m < 4; m++) {
        market[m] = MarketValue();
        market[m].priceWord <== priceWord[m];
        market[m].longIndex <== longIndex[m];
        market[m].shortIndex <== shortIndex[m];
        market[m].parameterWord <== parameterWord[m];
        market[m].riskWord <== riskWord[m];
        marketLeaf[m] <== market[m].leaf;
        worth[m] <== position[m] * market[m].lotValue;
        sum += worth[m];
    }
    signal marketRoot <== Poseidon(4)(marketLeaf);
    signal root <== Poseidon(3)([accountRoot, marketRoot, globals]);
    root === exitRoot;

    signal solvent <== IsNonNegative(AMOUNT_BITS())(sum);
    equity === solvent * sum;
}
