pragma circom 2.2.0;

// Claims money and positions only change hands: what collateral and the two pools gain is what deposits brought less what was paid out, and the
// positions of each market keep their sum. Stated, although the steps already imply it.
//   every signal is a field element whose absolute value is far below half the field, so that no sum wraps
template Conservation(A) {
    signal input collateralBefore[A];
    signal input collateralAfter[A];
    signal input positionBefore[A][4];
    signal input positionAfter[A][4];
    signal input feePoolBefore;
    signal input feePoolAfter;
    signal input fundingPoolBefore;
    signal input fundingPoolAfter;
    signal input deposited;
    signal input paid;

    var gained = feePoolAfter - feePoolBefore + fundingPoolAfter - fundingPoolBefore;
    for (var j = 0; j < A; j++) {
        gained += collateralAfter[j] - collateralBefore[j];
    }
    gained === deposited - paid;
    for (var m = 0; m < 4; m++) {
        var moved = 0;
        for (var j = 0; j < A; j++) {
            moved += positionAfter[j][m] - positionBefore[j][m];
        }
        moved === 0;
    }
}
