pragma circom 2.2.0;

include "poseidon.circom";

// out = Poseidon chain over words[n], 15 a hash, the last hash padded with zeros: h = 0; h = P(h, 15 words).
// n is fixed by the circuit, so the padding is no ambiguity.
template Chain(n) {
    signal input words[n];
    signal output out;

    var hashes = (n + 14) \ 15;
    signal link[hashes + 1];
    link[0] <== 0;
    for (var i = 0; i < hashes; i++) {
        var inputs[16];
        inputs[0] = link[i];
        for (var j = 0; j < 15; j++) {
            inputs[1 + j] = 15 * i + j < n ? words[15 * i + j] : 0;
        }
        link[i + 1] <== Poseidon(16)(inputs);
    }
    out <== link[hashes];
}
