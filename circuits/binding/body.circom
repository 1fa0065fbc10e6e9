pragma circom 2.2.0;

include "../lib/constants.circom";

// The slots of the data stream behind the header: queue words, outcomes, account records, market records; and the header's counts.
//   enabled - {Bool}: the request is there; queue, outcome - its words, 0 where it is not
//   accountPresent, marketPresent - {Bool}, of Record: a head first, then the words; the words are 0 where they are absent
//   messages - the number of messages; counts fit their places because R, A and the messages of a batch are below 2^16
template StreamBody(R, A) {
    signal input enabled[R];
    signal input queue[R][REQUEST_WORDS()];
    signal input outcome[R];
    signal input messages;
    signal input accountWord[A][ACCOUNT_RECORD_WORDS()];
    signal input accountPresent[A][ACCOUNT_RECORD_WORDS()];
    signal input marketWord[4][MARKET_RECORD_WORDS()];
    signal input marketPresent[4][MARKET_RECORD_WORDS()];
    var outcomeAt = REQUEST_WORDS() * R;
    var accountAt = outcomeAt + R;
    var marketAt = accountAt + ACCOUNT_RECORD_WORDS() * A;
    var slots = marketAt + MARKET_RECORD_WORDS() * 4;
    signal output word[slots];
    signal output present[slots];
    signal output counts;

    var requests = 0;
    var accounts = 0;
    var markets = 0;
    for (var i = 0; i < R; i++) {
        requests += enabled[i];
        for (var w = 0; w < REQUEST_WORDS(); w++) {
            word[REQUEST_WORDS() * i + w] <== queue[i][w];
            present[REQUEST_WORDS() * i + w] <== enabled[i];
        }
        word[outcomeAt + i] <== outcome[i];
        present[outcomeAt + i] <== enabled[i];
    }
    for (var j = 0; j < A; j++) {
        accounts += accountPresent[j][0];
        for (var w = 0; w < ACCOUNT_RECORD_WORDS(); w++) {
            word[accountAt + ACCOUNT_RECORD_WORDS() * j + w] <== accountWord[j][w];
            present[accountAt + ACCOUNT_RECORD_WORDS() * j + w] <== accountPresent[j][w];
        }
    }
    for (var m = 0; m < 4; m++) {
        markets += marketPresent[m][0];
        for (var w = 0; w < MARKET_RECORD_WORDS(); w++) {
            word[marketAt + MARKET_RECORD_WORDS() * m + w] <== marketWord[m][w];
            present[marketAt + MARKET_RECORD_WORDS() * m + w] <== marketPresent[m][w];
        }
    }
    var words = HEADER_WORDS();
    for (var i = 0; i < slots; i++) {
        words += present[i];
    }
    counts <== requests
        + (1 << COUNTS_MESSAGES_AT()) * messages
        + (1 << COUNTS_ACCOUNTS_AT()) * accounts
        + (1 << COUNTS_MARKETS_AT()) * markets
        + (1 << COUNTS_WORDS_AT()) * words;
}
