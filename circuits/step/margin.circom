pragma circom 2.2.0;

include "../lib/constants.circom";
include "../lib/range.circom";

// out - {Bool}: the margin rule of docs/spec/matching.md for one party of a fill.
//   equity, equityAfter - (-2^64, 2^64): |collateral| < 2^63, four positions of at most 2^61 each
//   initialAfter - [0, 2^83); maintenance, maintenanceAfter - [0, 2^83): 10^-6 quote units
//   reduces - {Bool}
// Overflow: equity x 10^6 < 2^84, so differences are below 2^86; equity x maintenance < 2^147, so differences are below 2^149.
template MarginAllows() {
    signal input equity;
    signal input maintenance;
    signal input equityAfter;
    signal input initialAfter;
    signal input maintenanceAfter;
    signal input reduces;
    signal output out;

    signal initialMet <== IsNonNegative(86)(equityAfter * PPM_UNIT() - initialAfter);
    signal maintenanceMet <== IsNonNegative(86)(equityAfter * PPM_UNIT() - maintenanceAfter);
    signal healthBefore <== equity * maintenanceAfter;
    signal healthChange <== equityAfter * maintenance - healthBefore;
    signal notWorse <== IsNonNegative(149)(healthChange);
    signal orderly <== maintenanceMet * notWorse;
    signal relieved <== reduces * orderly;
    out <== initialMet + relieved - initialMet * relieved;
}
