pragma circom 2.2.0;

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

// Claims: the request whose queue words are head, key is applied to its account with the outcome word computed here.
//   enabled - {Bool}: checked by the caller; a request not enabled has head 0 and changes nothing
//   kind, account, amount, owner - the parts of head: ranges force the one decomposition
//   slot[A] - hint: forced one-hot by its sum, to the account's slot because enabled slots have distinct ids
//   free - hint, [-2^64, 2^64): floor of the account's free quote, forced by its remainder in [0, 10^6)
//   accountId[A] - {Uint20}, 2^20 in a slot that is not enabled; positionValue[A] - |x| <= 2^62; initialMargin[A] - [0, 2^82);
//   openNotional[A] - [0, 2^61); rateMax - {Uint20}
// Overflow: (E, IM, rate x ON) are below 2^84, 2^82, 2^81 and free x 10^6 below 2^84: no sum wraps.
template ProcessRequest(A) {
    signal input enabled;
    signal input kind;
    signal input account;
    signal input amount;
    signal input owner;
    signal input key[2];
    signal input slot[A];
    signal input free;
    signal input accountId[A];
    signal input positionValue[A];
    signal input initialMargin[A];
    signal input openNotional[A];
    signal input rateMax;
    input Holdings(A) before;
    output Holdings(A) after;
    signal output head;
    signal output outcome;
    signal output deposited;
    signal output paid;

    Range(KIND_BITS())(kind);
    Range(ACCOUNT_BITS())(account);
    Range(AMOUNT_BITS())(amount);
    Range(OWNER_BITS())(owner);
    head <== kind
        + (1 << REQUEST_ACCOUNT_AT()) * account
        + (1 << REQUEST_AMOUNT_AT()) * amount
        + (1 << REQUEST_OWNER_AT()) * owner;
    (1 - enabled) * head === 0;
    (1 - enabled) * key[0] === 0;
    (1 - enabled) * key[1] === 0;
    signal isDeposit <== IsEqual()([kind, 1]);
    signal isRegister <== IsEqual()([kind, 2]);
    signal isWithdraw <== IsEqual()([kind, 3]);
    isDeposit + isRegister + isWithdraw === enabled;

    component chosen = Selector(A);
    chosen.in <== slot;
    chosen.sum === enabled;
    signal chosenId <== Select(A)(slot, accountId);
    chosenId === account;

    // L1 binds an id to one address: an account is created with its owner and keeps it.
    signal ownerBefore <== Select(A)(slot, before.owner);
    ownerBefore * (ownerBefore - owner) === 0;

    // Deposit: refused, and so refunded, if the collateral would reach 2^62.
    signal collateral <== Select(A)(slot, before.collateral);
    signal credited <== isDeposit * amount;
    signal fits <== IsNonNegative(65)(COLLATERAL_BOUND() - 1 - collateral - amount);
    signal accepted <== credited * fits;
    signal refunded <== credited - accepted;

    // Withdrawal: min(amount, max(free, 0)), free = floor((E 10^6 - IM - rateMax ON) / 10^6).
    signal value <== Select(A)(slot, positionValue);
    signal initial <== Select(A)(slot, initialMargin);
    signal open <== Select(A)(slot, openNotional);
    signal reserved <== initial + rateMax * open;
    signal remainder <== isWithdraw * ((collateral + value) * PPM_UNIT() - reserved) - free * PPM_UNIT();
    Range(PPM_BITS())(remainder);
    Range(PPM_BITS())(PPM_UNIT() - 1 - remainder);
    // The sign test also bounds free, so that free x 10^6 cannot wrap.
    signal isFree <== IsNonNegative(64)(free);
    signal available <== isFree * free;
    signal covered <== IsNonNegative(64)(available - amount);
    signal payable <== Choose()(covered, amount, available);
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
        after.key[j][0] <== before.key[j][0] + rotated[j] * (key[0] - before.key[j][0]);
        after.key[j][1] <== before.key[j][1] + rotated[j] * (key[1] - before.key[j][1]);
        after.keyEpoch[j] <== before.keyEpoch[j] + rotated[j];
    }

    signal refusedDeposit <== isDeposit * (1 - fits);
    signal refusedKey <== isRegister * exhausted;
    deposited <== credited;
    paid <== withdrawn + refunded;
    outcome <== refusedDeposit + refusedKey + (1 << OUTCOME_PAID_AT()) * paid;
}
