pragma circom 2.2.0;

include "../lib/range.circom";

// Whether the insurance fund is below its floor once a batch ends: judged in a batch that holds its account, and else as before.
//   isFund[A] - {Bool}, at most one; equity - of the fund as the batch leaves it, within 2^64, 0 without its account; floor - {Uint62}; before - {Bool}
//   uninsured - {Bool}
template InsuranceFloor(A) {
    signal input isFund[A];
    signal input equity;
    signal input floor;
    signal input before;
    signal output uninsured;

    var shown = 0;
    for (var j = 0; j < A; j++) {
        shown += isFund[j];
    }
    signal covered <== IsNonNegative(65)(equity - floor);
    uninsured <== Choose()(shown, 1 - covered, before);
}
