pragma circom 2.2.0;

// Both templates walk a binary heap: the node at m has the children 2m and 2m + 1, which differ in one bit of their index, the top
// bit at the root; the leaves are the 2^k values. bits[k] - {Bool}, low bit first: checked by the caller.

// out = values[index].
template Pick(k) {
    signal input bits[k];
    signal input values[1 << k];
    signal output out;

    var node[2 << k];
    for (var i = 0; i < 1 << k; i++) {
        node[(1 << k) + i] = values[i];
    }
    signal picked[1 << k];
    picked[0] <== 0;
    for (var depth = k - 1; depth >= 0; depth--) {
        for (var m = 1 << depth; m < 2 << depth; m++) {
            picked[m] <== node[2 * m] + bits[k - 1 - depth] * (node[2 * m + 1] - node[2 * m]);
            node[m] = picked[m];
        }
    }
    out <== picked[1];
}

// out[i] = value where i is the index, else 0.
template Spread(k) {
    signal input bits[k];
    signal input value;
    signal output out[1 << k];

    var node[2 << k];
    node[1] = value;
    signal high[1 << k];
    high[0] <== 0;
    for (var depth = 0; depth < k; depth++) {
        for (var m = 1 << depth; m < 2 << depth; m++) {
            high[m] <== bits[k - 1 - depth] * node[m];
            node[2 * m] = node[m] - high[m];
            node[2 * m + 1] = high[m];
        }
    }
    for (var i = 0; i < 1 << k; i++) {
        out[i] <== node[(1 << k) + i];
    }
}
