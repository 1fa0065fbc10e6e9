pragma circom 2.2.0;

include "../lib/one_hot.circom";

// Claims owner[k] selects account slot signer[k] - 1, and none if signer[k] = 0.
//   signer[K] - [0, A]: computed by the steps; owner[K][A] - hint: forced
template MessageOwners(K, A) {
    signal input signer[K];
    signal input owner[K][A];

    component chosen[K];
    for (var k = 0; k < K; k++) {
        chosen[k] = Selector(A);
        chosen[k].in <== owner[k];
        // At most one slot, and none exactly when signer is 0.
        chosen[k].sum * (chosen[k].sum - 1) === 0;
        chosen[k].index + chosen[k].sum === signer[k];
    }
}
