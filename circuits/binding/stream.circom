pragma circom 2.2.0;

include "../lib/chain.circom";

// The words that calldata carries, in slot order, and the proof's side of (c, r, y): docs/spec/data.md.
//   word[N] - any; forced 0 in a slot that is absent
//   present[N] - {Bool}, computed by the caller; the first `fixed` slots are always present
//   c binds every value and every flag before r exists; y = sum of word x r^k over the present slots
template Stream(N, fixed) {
    signal input r;
    signal input word[N];
    signal input present[N];
    signal output c;
    signal output y;

    var flagWords = (N - fixed + 249) \ 250;
    var words[N + flagWords];
    for (var i = 0; i < flagWords; i++) {
        words[N + i] = 0;
    }
    for (var i = 0; i < N; i++) {
        words[i] = word[i];
        if (i >= fixed) {
            (1 - present[i]) * word[i] === 0;
            words[N + (i - fixed) \ 250] += (1 << ((i - fixed) % 250)) * present[i];
        }
    }

    // From the last slot to the first: a present word is added to r times the sum behind it, an absent one changes nothing.
    signal factor[N];
    signal sum[N + 1];
    sum[N] <== 0;
    for (var i = N - 1; i >= 0; i--) {
        factor[i] <== i < fixed ? r : 1 + present[i] * (r - 1);
        sum[i] <== word[i] + factor[i] * sum[i + 1];
    }
    c <== Chain(N + flagWords)(words);
    y <== sum[0];
}
