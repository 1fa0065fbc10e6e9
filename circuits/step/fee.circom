pragma circom 2.2.0;

include "../lib/constants.circom";
include "../lib/range.circom";

// Claims fee = ceil(notional x rate / 10^6).
//   notional - [0, 2^60], rate - (-2^20, 2^20): by their makers
//   fee - hint in (-2^65, 2^65): the caller bounds what is left of the collateral (step/party.circom), so fee x 10^6 - notional x rate
//   is below 2^86 and does not wrap: an integer in [0, 10^6), which leaves one fee
template FeeCeil() {
    signal input notional;
    signal input rate;
    signal input fee;

    signal excess <== fee * PPM_UNIT() - notional * rate;
    AtMost(PPM_UNIT() - 1)(excess);
}
