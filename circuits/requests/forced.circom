pragma circom 2.2.0;

include "comparators.circom";
include "poseidon.circom";

// Claims a message among the requests is the last of them and the first of the batch's log, so at most one is; L1 took it from the
// account's owner, which stands for a signature.
//   enabled[R] - {Bool}, ones first; isMessage[R] - {Bool}, 0 where not enabled
//   data[R][2] - of a message its two words, which L1 packed: one reading (step/message.circom), its account is that of the request
//   hash - of the log's first message, 0 if there is none: no hash of words is known to be 0
//   signer - who must have signed it, 0 for nobody; signature - the same, or 0 if the message is forced
template ForcedMessage(R) {
    signal input domain;
    signal input enabled[R];
    signal input isMessage[R];
    signal input data[R][2];
    signal input hash;
    signal input signer;
    signal output signature;

    // A request behind it would make it not the last, so no second message follows either: the sum below is a bit.
    for (var i = 0; i < R - 1; i++) {
        isMessage[i] * enabled[i + 1] === 0;
    }
    signal words[R][2];
    var forced = 0;
    var word[2] = [0, 0];
    for (var i = 0; i < R; i++) {
        forced += isMessage[i];
        for (var w = 0; w < 2; w++) {
            words[i][w] <== isMessage[i] * data[i][w];
            word[w] += words[i][w];
        }
    }
    signal forcedHash <== Poseidon(3)([domain, word[0], word[1]]);
    forced * (forcedHash - hash) === 0;
    signature <== signer * (1 - forced);
}

// turns - [1, 2]: how often the insurance fund may be unwound in a batch: once, and once more where a forced message is of its account, so that
// nobody can use up the operator's turn.
//   isMessage[R] - {Bool}, at most one, see ForcedMessage; account[R] - {Uint20}; the fund's is 0
template UnwindingTurns(R) {
    signal input isMessage[R];
    signal input account[R];
    signal output turns;

    signal named[R];
    var forced = 0;
    var forcedAccount = 0;
    for (var i = 0; i < R; i++) {
        named[i] <== isMessage[i] * account[i];
        forced += isMessage[i];
        forcedAccount += named[i];
    }
    signal isOfFund <== IsZero()(forcedAccount);
    turns <== 1 + forced * isOfFund;
}
