pragma circom 2.2.0;

include "range.circom";

// Claims in[n] is Boolean and its ones come first. count is how many there are.
template EnabledPrefix(n) {
    signal input in[n];
    signal output count;

    var total = 0;
    for (var i = 0; i < n; i++) {
        Bool()(in[i]);
        total += in[i];
        if (i > 0) {
            in[i] * (1 - in[i - 1]) === 0;
        }
    }
    count <== total;
}

// Claims: where enabled[i], values[i] > values[i - 1]. values - [0, 2^bits) and the prefix are checked by the caller.
template StrictlyIncreasing(n, bits) {
    signal input enabled[n];
    signal input values[n];

    signal gap[n];
    gap[0] <== 0;
    for (var i = 1; i < n; i++) {
        gap[i] <== enabled[i] * (values[i] - values[i - 1] - 1);
        Range(bits)(gap[i]);
    }
}
