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

// Claims in is the one-hot place of `key` in keys[n] when enabled - {Bool} is 1, and all 0 when it is 0.
//   keys[n] - distinct wherever they equal a key that is looked for
//   index - the place, 0 when not enabled
// A place whose key differs holds 0; one place at most is left, and the sum forces it to be `enabled`. No bit needs a check of its own.
template Lookup(n) {
    signal input in[n];
    signal input keys[n];
    signal input key;
    signal input enabled;
    signal output index;

    var total = 0;
    var place = 0;
    for (var i = 0; i < n; i++) {
        in[i] * (keys[i] - key) === 0;
        total += in[i];
        place += i * in[i];
    }
    total === enabled;
    index <== place;
}

// out = the selected value; exactly one place of selector is set, by its maker. One product less than Select.
template SelectOne(n) {
    signal input selector[n];
    signal input values[n];
    signal output out;

    signal products[n - 1];
    var total = values[n - 1];
    for (var i = 0; i < n - 1; i++) {
        products[i] <== selector[i] * (values[i] - values[n - 1]);
        total += products[i];
    }
    out <== total;
}

// out = `in` in the selected place, 0 in the others; exactly one place of selector is set, by its maker.
template PlaceOne(n) {
    signal input selector[n];
    signal input in;
    signal output out[n];

    var rest = in;
    for (var i = 0; i < n - 1; i++) {
        out[i] <== selector[i] * in;
        rest -= out[i];
    }
    out[n - 1] <== rest;
}
