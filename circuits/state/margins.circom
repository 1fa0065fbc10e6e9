pragma circom 2.2.0;

// What the positions of an account are worth and require at the batch's marks.
//   position[4] - |x| <= 2^28, size[4] - their absolute values, worth at most 2^60 each
//   lotValue[4] - below 2^52; lotInitial[4], lotMaintenance[4], lotHeld[4] - below 2^73; lotTier[4] - size^2 x lotTier is below 2^85
//   value - |x| <= 2^62; maintenance - [0, 2^82); initial, held - [0, 2^87)
template PositionMargins() {
    signal input position[4];
    signal input size[4];
    signal input lotValue[4];
    signal input lotInitial[4];
    signal input lotMaintenance[4];
    signal input lotHeld[4];
    signal input lotTier[4];
    signal output value;
    signal output initial;
    signal output maintenance;
    signal output held;

    signal worth[4];
    signal tier[4];
    signal required[4][3];
    var total[4] = [0, 0, 0, 0];
    for (var m = 0; m < 4; m++) {
        worth[m] <== position[m] * lotValue[m];
        // The larger the position, the more of each of its lots.
        tier[m] <== size[m] * lotTier[m];
        required[m][0] <== size[m] * (lotInitial[m] + tier[m]);
        required[m][1] <== size[m] * lotMaintenance[m];
        required[m][2] <== size[m] * (lotHeld[m] + tier[m]);
        total[0] += worth[m];
        total[1] += required[m][0];
        total[2] += required[m][1];
        total[3] += required[m][2];
    }
    value <== total[0];
    initial <== total[1];
    maintenance <== total[2];
    held <== total[3];
}
