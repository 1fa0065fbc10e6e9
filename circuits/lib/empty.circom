pragma circom 2.2.0;

// Root of an empty quaternary subtree: the empty leaf is 0, an empty node the Poseidon of four empty children.
function emptyNode(level) {
    assert(level <= 3);
    if (level == 0) { return 0; }
    if (level == 1) { return 2351654555892372227640888372176282444150254868378439619268573230312091195718; }
    if (level == 2) { return 13867732332339151465497925642082178974038372652152621168903203076445231043372; }
    return 12482638920258770416445069396084160696706909713694235655126678204295434816978;
}
