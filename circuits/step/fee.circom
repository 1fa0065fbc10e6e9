pragma circom 2.2.0;

include "../lib/constants.circom";
include "../lib/range.circom";

// Claims fee = ceil(notional x rate / 10^6).
//   notional - [0, 2^60], rate - (-2^20, 2^20): by their makers
//   fee - hint in [-2^62, 2^62): fee x 10^6 - notional x rate lies in [0, 10^6), below 2^83 on both sides, so nothing wraps
template FeeCeil() {
    signal input notional;
    signal input rate;
    signal input fee;

    signal excess <== fee * PPM_UNIT() - notional * rate;
    SignedRange(62)(fee);
    Range(PPM_BITS())(excess);
    Range(PPM_BITS())(PPM_UNIT() - 1 - excess);
}
