pragma circom 2.2.0;

include "../lib/constants.circom";
include "../lib/range.circom";

// out - {Bool}: the margin rule of docs/spec/matching.md for one party of a fill, or for an order that wants to rest.
//   equity - [-2^63, 2^63): collateral in [-2^62, 2^62), four positions of at most 2^60 each; equityAfter - (-2^64, 2^64)
//   maintenance - [0, 2^82); initialAfter, maintenanceAfter - [0, 2^83): 10^-6 quote units, maintenanceAfter <= initialAfter
//   reduces - {Bool}: a fill that only reduces; reserved - [0, 2^82): of open orders, 0 for a fill
// One comparison serves both thresholds: equity x 10^6 >= initial implies >= maintenance, so for a fill that reduces and does not
// worsen health the maintenance margin alone decides, and for any other the initial margin alone.
// Overflow: equity x 10^6 < 2^84, so the slack is in (-7 x 2^82, 2^84); equity x maintenance < 2^146, so the change is below 2^147.
template MarginAllows() {
    signal input equity;
    signal input maintenance;
    signal input equityAfter;
    signal input initialAfter;
    signal input maintenanceAfter;
    signal input reduces;
    signal input reserved;
    signal output out;

    signal healthBefore <== equity * maintenanceAfter;
    signal healthChange <== equityAfter * maintenance - healthBefore;
    signal notWorse <== IsNonNegative(147)(healthChange);
    signal relieved <== reduces * notWorse;
    signal required <== Choose()(relieved, maintenanceAfter, initialAfter);
    out <== IsNonNegative(85)(equityAfter * PPM_UNIT() - required - reserved);
}
