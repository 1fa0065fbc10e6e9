pragma circom 2.2.0;

include "babyjub.circom";
include "eddsaposeidon.circom";
include "montgomery.circom";
include "../lib/constants.circom";
include "../lib/one_hot.circom";
include "cofactor.circom";

// SignatureBatch's claim, each signature verified by itself: about 4,200 constraints a signature, and no hints but the signatures.
//   key[A][2] - any: a pair off the curve has no witness, used or not; one of small order signs nothing
//   owner[K][A] - {Bool}, at most one set in a row: checked by the caller; message[K] - any
//   q - hint: a point of the Montgomery form with R8 = 8 Q; s - hint: the verifier forces s < l
// Where owner[i] selects no key, the verifier runs on the default key and its verdict is not asked for.
template SignatureEach(K, A) {
    signal input key[A][2];
    signal input owner[K][A];
    signal input message[K];
    signal input q[K][2];
    signal input s[K];

    for (var j = 0; j < A; j++) {
        BabyCheck()(key[j][0], key[j][1]);
    }
    component selected[K][2];
    signal eightQ[K][2];
    signal r8[K][2];
    var default[2] = [DEFAULT_KEY_X(), DEFAULT_KEY_Y()];
    for (var i = 0; i < K; i++) {
        eightQ[i] <== TimesCofactor()(q[i]);
        r8[i] <== Montgomery2Edwards()(eightQ[i]);
        var enabled = 0;
        for (var j = 0; j < A; j++) {
            enabled += owner[i][j];
        }
        var signer[2];
        for (var k = 0; k < 2; k++) {
            selected[i][k] = Select(A);
            selected[i][k].selector <== owner[i];
            for (var j = 0; j < A; j++) {
                selected[i][k].values[j] <== key[j][k];
            }
            signer[k] = selected[i][k].out + (1 - enabled) * default[k];
        }
        EdDSAPoseidonVerifier()(enabled, signer[0], signer[1], s[i], r8[i][0], r8[i][1], message[i]);
    }
}
