pragma circom 2.2.0;

// out = product over i of (present[i] ? challenge + elements[i] : 1): the fingerprint of the multiset of present elements.
//   present[n] - {Bool}, checked by the caller
// Two multisets fixed before the challenge have equal products with probability at most n / p unless they are equal.
template MultisetProduct(n) {
    signal input challenge;
    signal input present[n];
    signal input elements[n];
    signal output out;

    signal factor[n];
    signal product[n + 1];
    product[0] <== 1;
    for (var i = 0; i < n; i++) {
        factor[i] <== 1 + present[i] * (challenge + elements[i] - 1);
        product[i + 1] <== product[i] * factor[i];
    }
    out <== product[n];
}
