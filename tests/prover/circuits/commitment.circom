pragma circom 2.2.3;

include "poseidon.circom";

// out = at * slope + offset.
template Line() {
    signal input slope;
    signal input offset;
    signal input at;
    signal output out;

    out <== at * slope + offset;
}

// Claims c is the Poseidon hash of a line's (slope, offset), and y its value at r.
template Commitment() {
    signal input c;
    signal input r;
    signal input y;
    signal input line[2];

    component hash = Poseidon(2);
    hash.inputs <== line;
    c === hash.out;

    component evaluation = Line();
    evaluation.slope <== line[0];
    evaluation.offset <== line[1];
    evaluation.at <== r;
    y === evaluation.out;
}
