pragma circom 2.2.0;

include "../lib/constants.circom";
include "../lib/range.circom";

// What an account holds before and after a candidate fill, or with an order that wants to rest.
bus Health() {
    signal equity;              // [-2^63, 2^63): collateral in [-2^62, 2^62), four positions of at most 2^60 each
    signal maintenance;         // [0, 2^82): 10^-6 quote units, like every margin
    signal equityAfter;         // within 5/4 x 2^64, by the 65 bits of PartyAfter; 17/16 x 2^64 where the fund takes a debt over honestly
    signal initialAfter;        // [0, 2^87)
    signal maintenanceAfter;    // [0, 2^83), at most initialAfter
    signal reduces;             // {Bool}: a fill that only reduces
    signal reserved;            // [0, 2^82): of open orders, 0 for a fill
}

// change - |x| < 2^147: at least 0 iff equity per maintenance margin does not fall.
// Overflow: |equityAfter x maintenance| < 17/16 x 2^146; equity x maintenanceAfter < 2^146, and where the fund takes over a quarter more than
// 2^145, since what it may hold is bounded as before.
template HealthChange() {
    input Health() health;
    signal output change;

    signal healthBefore <== health.equity * health.maintenanceAfter;
    change <== health.equityAfter * health.maintenance - healthBefore;
}

// slack - within 2^88: at least 0 iff the margin rule of docs/spec/matching.md holds. One comparison serves both thresholds:
// equity x 10^6 >= initial implies >= maintenance, so for a fill that reduces and does not worsen health the maintenance margin alone
// decides, and for any other the initial margin alone.
//   notWorse - {Bool}: health does not fall
// Overflow: |equityAfter x 10^6| < 1.02 x 2^84, and the margins are below 2^87 + 2^82.
template MarginSlack() {
    input Health() health;
    signal input notWorse;
    signal output slack;

    signal relieved <== health.reduces * notWorse;
    signal required <== Choose()(relieved, health.maintenanceAfter, health.initialAfter);
    slack <== health.equityAfter * PPM_UNIT() - required - health.reserved;
}

// out - {Bool}: the margin rule for the maker of a fill.
template MarginAllows() {
    input Health() health;
    signal output out;

    signal change <== HealthChange()(health);
    signal notWorse <== IsNonNegative(147)(change);
    component rule = MarginSlack();
    rule.health <== health;
    rule.notWorse <== notWorse;
    out <== IsNonNegative(88)(rule.slack);
}
