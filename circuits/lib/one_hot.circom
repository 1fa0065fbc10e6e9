pragma circom 2.2.0;

include "range.circom";

// Claims in[n] is Boolean in each place. sum - [0, n] is how many are set, index the sum of the set places' numbers:
// the caller forces sum to an enabled flag, after which in has at most one bit set.
template Selector(n) {
    signal input in[n];
    signal output sum;
    signal output index;

    var total = 0;
    var place = 0;
    for (var i = 0; i < n; i++) {
        Bool()(in[i]);
        total += in[i];
        place += i * in[i];
    }
    sum <== total;
    index <== place;
}

// out = sum of selector[i] * values[i]: the selected value, or 0 when nothing is selected.
template Select(n) {
    signal input selector[n];
    signal input values[n];
    signal output out;

    signal products[n];
    var total = 0;
    for (var i = 0; i < n; i++) {
        products[i] <== selector[i] * values[i];
        total += products[i];
    }
    out <== total;
}
