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
    signal power[N + 1];
    signal step[N];
    signal term[N];
    power[0] <== 1;
    var total = 0;
    for (var i = 0; i < N; i++) {
        words[i] = word[i];
        if (i < fixed) {
            step[i] <== power[i];
        } else {
            (1 - present[i]) * word[i] === 0;
            step[i] <== power[i] * present[i];
            words[N + (i - fixed) \ 250] += (1 << ((i - fixed) % 250)) * present[i];
        }
        power[i + 1] <== power[i] + step[i] * (r - 1);
        term[i] <== word[i] * power[i];
        total += term[i];
    }
    c <== Chain(N + flagWords)(words);
    y <== total;
}
