pragma circom 2.2.0;

include "curve.circom";

// The scalars of the combination as integers in limbs (weights 1, 2^85, 2^170):
//   keyLimb[j] = sum over the signatures i of key j of z_i h_i,   baseLimb = sum over i of z_i S_i, plus 2^252 c modulo l
//   owner[K][A] - {Bool}; z[K] - (-2^126, 2^126); hLimb, sLimb[K][3], startLimb[3] - [0, 2^85): checked by the caller
// K <= 63, so each limb is below 63 x 2^126 x 2^85 + 3 x 2^170 < 2^217 in size, and the number below 63 x 2^126 x 2^254 + 3 x 2^336 < 2^386.
template Scalars(K, A) {
    signal input owner[K][A];
    signal input z[K];
    signal input hLimb[K][3];
    signal input sLimb[K][3];
    signal input startLimb[3];
    signal output keyLimb[A][3];
    signal output baseLimb[3];

    assert(K <= 63);
    signal zh[K][3];
    signal zs[K][3];
    signal owned[K][A][3];
    var keySum[A][3];
    // 2^252 c is the sum of startLimb[m] 2^(252 + 85 m); each power is taken modulo l.
    var power = 1;
    for (var b = 0; b < 252; b++) {
        power = 2 * power % SUBGROUP_ORDER();
    }
    var baseSum[3] = [0, 0, 0];
    for (var m = 0; m < 3; m++) {
        for (var k = 0; k < 3; k++) {
            baseSum[k] += startLimb[m] * ((power >> (LIMB_BITS() * k)) & ((1 << LIMB_BITS()) - 1));
        }
        for (var b = 0; b < LIMB_BITS(); b++) {
            power = 2 * power % SUBGROUP_ORDER();
        }
    }
    for (var i = 0; i < K; i++) {
        for (var k = 0; k < 3; k++) {
            zs[i][k] <== z[i] * sLimb[i][k];
            baseSum[k] += zs[i][k];
            zh[i][k] <== z[i] * hLimb[i][k];
            for (var j = 0; j < A; j++) {
                owned[i][j][k] <== owner[i][j] * zh[i][k];
                keySum[j][k] += owned[i][j][k];
            }
        }
    }
    keyLimb <== keySum;
    baseLimb <== baseSum;
}
