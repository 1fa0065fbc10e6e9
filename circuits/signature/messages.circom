pragma circom 2.2.0;

include "../lib/constants.circom";
include "../lib/one_hot.circom";
include "check.circom";

// Claims message k is signed by the key of account slot signer[k] - 1, unless signer[k] = 0.
//   slot[K][A] - hint: forced by signer[k]; r8, s - hints: forced by the signature equation
template MessageSignatures(K, A) {
    signal input signer[K];
    signal input hash[K];
    signal input key[A][2];
    signal input slot[K][A];
    signal input r8[K][2];
    signal input s[K];

    component chosen[K];
    component keyX[K];
    component keyY[K];
    component check = SignatureCheck(K);
    for (var k = 0; k < K; k++) {
        chosen[k] = Selector(A);
        chosen[k].in <== slot[k];
        // At most one slot, and none exactly when signer is 0.
        chosen[k].sum * (chosen[k].sum - 1) === 0;
        chosen[k].index + chosen[k].sum === signer[k];

        keyX[k] = Select(A);
        keyY[k] = Select(A);
        keyX[k].selector <== slot[k];
        keyY[k].selector <== slot[k];
        for (var j = 0; j < A; j++) {
            keyX[k].values[j] <== key[j][0];
            keyY[k].values[j] <== key[j][1];
        }
        check.enabled[k] <== chosen[k].sum;
        check.key[k][0] <== keyX[k].out + (1 - chosen[k].sum) * DEFAULT_KEY_X();
        check.key[k][1] <== keyY[k].out + (1 - chosen[k].sum) * DEFAULT_KEY_Y();
        check.message[k] <== hash[k];
        check.r8[k] <== r8[k];
        check.s[k] <== s[k];
    }
}
