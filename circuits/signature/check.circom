pragma circom 2.2.0;

include "babyjub.circom";
include "eddsaposeidon.circom";

// Claims: for each i with enabled[i] = 1, (r8[i], s[i]) is an EdDSA-Poseidon signature of message[i] by key[i]:
// s B8 = R8 + P(R8, A, M) 8A with s < l.
//   enabled - {Bool}; key - a point of the curve that is not small: checked by L1 at registration, by the loader elsewhere
//   r8 - any: forced on the curve here, which circomlib's verifier leaves open
//   s - any: the verifier forces s < l
// Where not enabled, key is the default key and the values need only satisfy the arithmetic: R8 = B8, s = 0.
template SignatureCheck(K) {
    signal input enabled[K];
    signal input key[K][2];
    signal input message[K];
    signal input r8[K][2];
    signal input s[K];

    for (var i = 0; i < K; i++) {
        BabyCheck()(r8[i][0], r8[i][1]);
        EdDSAPoseidonVerifier()(enabled[i], key[i][0], key[i][1], s[i], r8[i][0], r8[i][1], message[i]);
    }
}
