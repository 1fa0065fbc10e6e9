pragma circom 2.2.0;

include "poseidon.circom";

// state_root = P(exit_root, book_root); exit_root = P(accounts, markets, globals); globals = P(fee pool, funding pool, requests consumed);
// book_root = P(pages, log head, next sequence, premiums, venue); the market root is the Poseidon of the four market leaves.
template StateRoots() {
    signal input accountRoot;
    signal input marketLeaf[4];
    signal input feePool;
    signal input fundingPool;
    signal input requestsConsumed;
    signal input pageRoot;
    signal input logHead;
    signal input nextSequence;
    signal input premiumRoot;
    signal input venueWord;
    signal output exitRoot;
    signal output stateRoot;

    signal marketRoot <== Poseidon(4)(marketLeaf);
    signal globals <== Poseidon(3)([feePool, fundingPool, requestsConsumed]);
    exitRoot <== Poseidon(3)([accountRoot, marketRoot, globals]);
    signal bookRoot <== Poseidon(5)([pageRoot, logHead, nextSequence, premiumRoot, venueWord]);
    stateRoot <== Poseidon(2)([exitRoot, bookRoot]);
}
