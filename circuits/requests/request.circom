pragma circom 2.2.0;

include "bitify.circom";
include "comparators.circom";
include "../lib/constants.circom";
include "../lib/one_hot.circom";
include "../lib/range.circom";

// What requests change, account slot by account slot.
bus Holdings(A) {
    signal owner[A];
    signal collateral[A];
    signal key[A][2];
    signal keyEpoch[A];
}

// Claims: the request whose queue words are head, data is applied to its account with the outcome word computed here; a message is only
// passed on (forced.circom), a change left to the contract, a restriction taken as L1 says it.
//   enabled - {Bool}: checked by the caller; a request not enabled has head 0 and changes nothing
//   kind, account, amount, owner - the parts of head: ranges force the one decomposition; of a kind, its three bits are all that occurs
//   slot[A] - hint: forced one-hot by its sum, to the account's slot because enabled slots have distinct ids
//   free - hint, [-2^68, 2^68): floor of the account's free quote, forced by its remainder in [0, 10^6)
//   accountId[A] - {Uint20}, 2^20 in a slot that is not enabled; collateral - [-2^62, 2^62)
//   surplus[A] - |x| < 2^88: positions' value x 10^6 less what margins and orders bind, of each account
//   restrictionsBefore, restrictionsAfter - 84 bits: the contract queues no others
// Overflow: collateral x 10^6 is below 2^82, free x 10^6 below 2^88: no sum wraps.
template ProcessRequest(A) {
    signal input enabled;
    signal input kind;
    signal input account;
    signal input amount;
    signal input owner;
    signal input data[2];
    signal input slot[A];
    signal input free;
    signal input accountId[A];
    signal input surplus[A];
    input Holdings(A) before;
    signal input restrictionsBefore;
    output Holdings(A) after;
    signal output restrictionsAfter;
    signal output head;
    signal output isMessage;
    signal output outcome;
    signal output deposited;
    signal output paid;

    signal kindBit[3] <== Num2Bits(3)(kind);
    Range(ACCOUNT_BITS())(account);
    Range(AMOUNT_BITS())(amount);
    Range(OWNER_BITS())(owner);
    head <== kind
        + (1 << REQUEST_ACCOUNT_AT()) * account
        + (1 << REQUEST_AMOUNT_AT()) * amount
        + (1 << REQUEST_OWNER_AT()) * owner;
    (1 - enabled) * head === 0;
    (1 - enabled) * data[0] === 0;
    (1 - enabled) * data[1] === 0;
    // kind: 1 deposit, 2 key, 3 withdrawal, 4 message, 5 restriction, 6 change; the sum is 0 for 0 and for 7, which are none.
    signal isWithdraw <== kindBit[0] * kindBit[1];
    signal isRestriction <== kindBit[0] * kindBit[2];
    signal isChange <== kindBit[1] * kindBit[2];
    var isDeposit = kindBit[0] - isWithdraw - isRestriction;
    var isRegister = kindBit[1] - isWithdraw - isChange;
    isMessage <== kindBit[2] - isRestriction - isChange;
    isDeposit + isRegister + isWithdraw + isMessage + isRestriction + isChange === enabled;
    restrictionsAfter <== Choose()(isRestriction, data[0], restrictionsBefore);

    component chosen = Selector(A);
    chosen.in <== slot;
    chosen.sum === enabled;
    signal chosenId <== Select(A)(slot, accountId);
    chosenId === account;

    // L1 binds an id to one address: an account is created with its owner and keeps it.
    signal ownerBefore <== Select(A)(slot, before.owner);
    ownerBefore * (ownerBefore - owner) === 0;

    // Free quote, if this is a withdrawal: floor((collateral x 10^6 + surplus) / 10^6); else 0.
    signal collateral <== Select(A)(slot, before.collateral);
    signal rest <== Select(A)(slot, surplus);
    signal remainder <== isWithdraw * (collateral * PPM_UNIT() + rest) - free * PPM_UNIT();
    Range(PPM_BITS())(remainder);
    Range(PPM_BITS())(PPM_UNIT() - 1 - remainder);
    // The sign test also bounds free, so that free x 10^6 cannot wrap.
    signal isFree <== IsNonNegative(68)(free);
    signal available <== isFree * free;

    // One comparison for both: a deposit fits while the collateral stays below 2^62, a withdrawal is covered by what is free.
    signal room <== available + isDeposit * (COLLATERAL_BOUND() - 1 - collateral - available);
    signal fits <== IsNonNegative(64)(room - amount);

    // Deposit: refused, and so refunded, if it does not fit.
    signal credited <== isDeposit * amount;
    signal accepted <== credited * fits;
    signal refunded <== credited - accepted;

    // Withdrawal: min(amount, available).
    signal payable <== Choose()(fits, amount, available);
    signal withdrawn <== isWithdraw * payable;

    // Key: refused once the epoch counter is exhausted.
    signal epoch <== Select(A)(slot, before.keyEpoch);
    signal exhausted <== IsEqual()([epoch, (1 << KEY_EPOCH_BITS()) - 1]);
    signal registered <== isRegister * (1 - exhausted);

    signal change <== accepted - withdrawn;
    signal rotated[A];
    for (var j = 0; j < A; j++) {
        after.owner[j] <== before.owner[j] + slot[j] * (owner - ownerBefore);
        after.collateral[j] <== before.collateral[j] + slot[j] * change;
        rotated[j] <== slot[j] * registered;
        after.key[j][0] <== before.key[j][0] + rotated[j] * (data[0] - before.key[j][0]);
        after.key[j][1] <== before.key[j][1] + rotated[j] * (data[1] - before.key[j][1]);
        after.keyEpoch[j] <== before.keyEpoch[j] + rotated[j];
    }

    signal refusedDeposit <== isDeposit * (1 - fits);
    signal refusedKey <== isRegister * exhausted;
    deposited <== credited;
    paid <== withdrawn + refunded;
    outcome <== refusedDeposit + refusedKey + (1 << OUTCOME_PAID_AT()) * paid;
}
