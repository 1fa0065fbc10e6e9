pragma circom 2.2.0;

include "comparators.circom";
include "../book/row_word.circom";
include "../lib/constants.circom";
include "../lib/one_hot.circom";
include "../lib/range.circom";
include "fee.circom";
include "intake.circom";
include "message.circom";
include "party.circom";
include "resting.circom";
include "selection.circom";

// What is fixed for the whole batch once requests are done.
bus StepContext(A, O) {
    signal domain;
    signal timestamp;               // {Uint40}
    signal rateMax;                 // {Uint20}
    signal tradable[4];             // {Bool}
    signal mark[4];                 // {Uint32}
    signal quotePerTickLot[4];      // {Uint20}
    signal bandPpm[4];              // {Uint20}
    signal minSize[4];              // {Uint48}
    signal maxPosition[4];          // {Uint48}
    signal lotValue[4];             // mark x quotePerTickLot, below 2^52
    signal lotInitial[4];           // x initialPpm, below 2^72
    signal lotMaintenance[4];       // x maintenancePpm, below 2^72
    signal accountId[A];            // {Uint20}, distinct; 2^20 in a slot that is not enabled
    signal keyEpoch[A];             // {Uint16}
    signal makerPpm[A];             // (-2^19, 2^19)
    signal takerPpm[A];             // {Uint20}
    RowTable(O) rows;
}

// What steps change.
bus StepState(A, O) {
    signal sequence;                // {Uint40}: of the next message
    signal messageWords[2];         // of the last message taken
    signal carried;                 // {Uint48}: what remains of the last order, 0 when it is done
    signal outcomes;                // maker outcomes of the last order so far
    signal remaining[O];            // {Uint48}
    signal collateral[A];           // [-2^62, 2^62)
    signal position[A][4];          // (-2^48, 2^48)
    signal initial[A];              // [0, 2^82), initial margin of the positions
    signal maintenance[A];          // [0, 2^82)
    signal openNotional[A];         // [0, 2^61)
    signal orders[A];               // {Uint16}
    signal nonce[A];                // {Uint48}
    signal deadBelow[A];            // {Uint40}
    signal sideOrders[4][2];        // {Uint16}
    signal openSize[4];             // twice the open interest: the sum of |position|
    signal feePool;
}

// What the prover says of the row that a step looks at; its market is the message's.
bus SeenRow() {
    signal sentinel;
    signal rank;
    signal sequence;
    signal account;
    signal expiry;
    signal maxFee;
    signal reduceOnly;
}

// Claims after = the state of docs/spec/matching.md one micro-step after before. Exactly one effect happens: a fill, the removal of a
// maker, a rest, a cancel, a cancel-all, a drop or nothing.
//   take - hint {Bool}: forced to be 0 while an order is carried; otherwise the operator's choice of when to take the next message
//   message - hint: bound by its hash in the log and, unless its key epoch is stale, by a signature
//   takerSlot, makerSlot - hints: one-hot, forced to the slot of the message's and the head's account by distinct ids
//   selector - hint: the head of the opposite half is forced by price-time priority; the own row by its whole word or its key
//   seen - hint: the fields of the selected head or cancel target, forced by its word
//   takerFee, makerFee - hints: forced by FeeCeil
template Step(A, O) {
    input StepContext(A, O) context;
    input StepState(A, O) before;
    output StepState(A, O) after;
    signal input take;
    input Message() message;
    signal input takerSlot[A];
    signal input makerSlot[A];
    signal input selector[O];
    input SeenRow() seen;
    signal input takerFee;
    signal input makerFee;
    signal output messageHash;
    signal output authenticated;
    signal output takerIndex;

    // ---- The message: a new one, or the one before.
    Bool()(take);
    take * before.carried === 0;
    signal idle <== IsZero()(before.carried);
    var active = take + 1 - idle;
    component words = MessageWords();
    words.domain <== context.domain;
    words.message <== message;
    messageHash <== words.hash;
    for (var i = 0; i < 2; i++) {
        (1 - take) * (words.words[i] - before.messageWords[i]) === 0;
        after.messageWords[i] <== words.words[i];
    }
    after.sequence <== before.sequence + take;
    var sequence = before.sequence - 1 + take;
    var sign = 1 - 2 * message.side;

    // ---- Its account and market.
    component taker = Selector(A);
    taker.in <== takerSlot;
    taker.sum === active;
    takerIndex <== taker.index;
    signal takerId <== Select(A)(takerSlot, context.accountId);
    takerId === active * message.account;
    signal takerKeyEpoch <== Select(A)(takerSlot, context.keyEpoch);
    signal takerPpm <== Select(A)(takerSlot, context.takerPpm);
    signal takerNonce <== Select(A)(takerSlot, before.nonce);
    signal takerDeadBelow <== Select(A)(takerSlot, before.deadBelow);
    signal takerOpenNotional <== Select(A)(takerSlot, before.openNotional);
    signal takerOrders <== Select(A)(takerSlot, before.orders);
    signal takerCollateral <== Select(A)(takerSlot, before.collateral);
    signal takerInitial <== Select(A)(takerSlot, before.initial);
    signal takerMaintenance <== Select(A)(takerSlot, before.maintenance);

    signal inMarket[4];
    for (var m = 0; m < 4; m++) {
        inMarket[m] <== IsEqual()([message.market, m]);
    }
    MessageMarket() market;
    market.tradable <== Select(4)(inMarket, context.tradable);
    market.mark <== Select(4)(inMarket, context.mark);
    market.bandPpm <== Select(4)(inMarket, context.bandPpm);
    market.minSize <== Select(4)(inMarket, context.minSize);
    market.maxPosition <== Select(4)(inMarket, context.maxPosition);
    signal quotePerTickLot <== Select(4)(inMarket, context.quotePerTickLot);
    signal lotValue <== Select(4)(inMarket, context.lotValue);
    signal lotInitial <== Select(4)(inMarket, context.lotInitial);
    signal lotMaintenance <== Select(4)(inMarket, context.lotMaintenance);

    // ---- Its verdict before it meets the book.
    component intake = Intake();
    intake.take <== take;
    intake.message <== message;
    intake.market <== market;
    intake.timestamp <== context.timestamp;
    intake.keyEpoch <== takerKeyEpoch;
    intake.nonce <== takerNonce;
    intake.takerPpm <== takerPpm;
    authenticated <== intake.authenticated;
    signal cancel <== intake.cancel;
    signal quantity <== before.carried + intake.placed * message.size;
    // A placed order has a size of at least 1, a carried one too.
    signal matching <== 1 - idle + intake.placed;

    // ---- The rows it selects: the head of the opposite book; its own place to rest, or the order it cancels.
    component select = SelectRows(O);
    select.selector <== selector;
    select.side <== message.side;
    select.rows <== context.rows;
    select.remaining <== before.remaining;
    select.oppositeCount === matching;
    // Priority: nothing remains before the head, and the head itself is live.
    select.oppositeBefore === 0;
    signal headIsEmpty <== IsZero()(select.oppositeRemaining);
    matching * headIsEmpty === 0;
    signal headRemaining <== select.oppositeRemaining;

    RowFields() row;
    row.market <== (matching + cancel) * message.market;
    row.sentinel <== seen.sentinel;
    row.rank <== seen.rank;
    row.sequence <== seen.sequence;
    row.account <== seen.account;
    row.expiry <== seen.expiry;
    row.maxFee <== seen.maxFee;
    row.reduceOnly <== seen.reduceOnly;
    RowFieldRanges()(row);
    signal rowWord <== RowWord()(row);
    // One of the two words is 0: a cancel never looks at the opposite book.
    signal cancelWord <== cancel * select.ownWord;
    rowWord === select.oppositeWord + cancelWord;

    // ---- Crossing: the head's rank against the limit's.
    signal turned <== message.side * (RANK_MAX() - 2 * message.price);
    signal limitRank <== message.price + turned;
    signal ownRank <== RANK_MAX() - limitRank;
    signal reaches <== IsNonNegative(RANK_BITS())(limitRank - row.rank);
    signal cross <== matching * reaches;
    // Whatever stands behind the reach of the loaded pages must not cross.
    cross * row.sentinel === 0;
    signal mirrored <== message.side * (RANK_MAX() - 2 * row.rank);
    signal headPrice <== row.rank + mirrored;

    component maker = Selector(A);
    maker.in <== makerSlot;
    maker.sum === cross;
    signal makerId <== Select(A)(makerSlot, context.accountId);
    makerId === cross * row.account;
    signal makerPpm <== Select(A)(makerSlot, context.makerPpm);
    signal makerDeadBelow <== Select(A)(makerSlot, before.deadBelow);
    signal makerCollateral <== Select(A)(makerSlot, before.collateral);
    signal makerInitial <== Select(A)(makerSlot, before.initial);
    signal makerMaintenance <== Select(A)(makerSlot, before.maintenance);

    // ---- Why it may not trade with this head: limit of outcomes, stale maker, post-only, self-trade.
    signal outcomesBefore <== (1 - take) * before.outcomes;
    signal exhausted <== IsEqual()([outcomesBefore, MAX_OUTCOMES()]);
    signal open <== cross * (1 - exhausted);
    signal unexpired <== IsNonNegative(TIME_BITS())(row.expiry - context.timestamp);
    signal rowDeadBelow <== makerDeadBelow + cancel * takerDeadBelow;
    signal rowLive <== IsNonNegative(SEQUENCE_BITS())(row.sequence - rowDeadBelow);
    signal feeAgreed <== IsNonNegative(PPM_BITS() + 1)(row.maxFee - makerPpm);
    signal timely <== unexpired * rowLive;
    signal healthy <== timely * feeAgreed;
    signal fresh <== open * healthy;
    signal stale <== open - fresh;
    signal sameAccount <== IsEqual()([row.account, message.account]);
    signal agreeable <== (1 - message.postOnly) * (1 - sameAccount);
    signal judged <== fresh * agreeable;

    // ---- The candidate fill and its two parties.
    signal makerIsSmaller <== IsNonNegative(SIZE_BITS())(quantity - headRemaining);
    signal smaller <== Choose()(makerIsSmaller, headRemaining, quantity);
    signal candidate <== judged * smaller;
    signal cost <== headPrice * candidate;
    signal notional <== cost * quotePerTickLot;
    FeeCeil()(notional, takerPpm, takerFee);
    FeeCeil()(notional, makerPpm, makerFee);

    signal takerPositions[4];
    signal makerPositions[4];
    for (var m = 0; m < 4; m++) {
        var column[A];
        for (var j = 0; j < A; j++) {
            column[j] = before.position[j][m];
        }
        takerPositions[m] <== Select(A)(takerSlot, column);
        makerPositions[m] <== Select(A)(makerSlot, column);
    }
    signal takerPosition <== Select(4)(inMarket, takerPositions);
    signal makerPosition <== Select(4)(inMarket, makerPositions);
    signal takerValue <== Select(4)(takerPositions, context.lotValue);
    signal makerValue <== Select(4)(makerPositions, context.lotValue);

    component takerParty = JudgeParty();
    takerParty.sign <== sign;
    takerParty.quantity <== candidate;
    takerParty.notional <== notional;
    takerParty.fee <== takerFee;
    takerParty.reduceOnly <== message.reduceOnly;
    takerParty.collateral <== takerCollateral;
    takerParty.position <== takerPosition;
    takerParty.positionValue <== takerValue;
    takerParty.initial <== takerInitial;
    takerParty.maintenance <== takerMaintenance;
    takerParty.lotValue <== lotValue;
    takerParty.lotInitial <== lotInitial;
    takerParty.lotMaintenance <== lotMaintenance;
    takerParty.maxPosition <== market.maxPosition;

    component makerParty = JudgeParty();
    makerParty.sign <== -sign;
    makerParty.quantity <== candidate;
    makerParty.notional <== notional;
    makerParty.fee <== makerFee;
    makerParty.reduceOnly <== row.reduceOnly;
    makerParty.collateral <== makerCollateral;
    makerParty.position <== makerPosition;
    makerParty.positionValue <== makerValue;
    makerParty.initial <== makerInitial;
    makerParty.maintenance <== makerMaintenance;
    makerParty.lotValue <== lotValue;
    makerParty.lotInitial <== lotInitial;
    makerParty.lotMaintenance <== lotMaintenance;
    makerParty.maxPosition <== market.maxPosition;

    signal takerHolds <== takerParty.reduceOk * takerParty.boundsOk;
    signal takerOk <== takerHolds * takerParty.marginOk;
    signal makerHolds <== makerParty.reduceOk * makerParty.boundsOk;
    signal makerOk <== makerHolds * makerParty.marginOk;
    // The taker is judged first: only if it passes may the maker be removed.
    signal passed <== judged * takerOk;
    signal fill <== passed * makerOk;
    signal removal <== stale + passed - fill;
    signal emptied <== fill * makerIsSmaller;

    // ---- The notional that enters or leaves open_notional besides a fill's: of a rest, a cancel or a removal.
    signal quiet <== matching - cross;
    signal ownRemaining <== cancel * select.ownRemaining;
    signal removed <== removal * headRemaining;
    signal moved <== quiet * quantity + ownRemaining + removed;
    signal movedPrice <== Choose()(cross, headPrice, message.price);
    signal movedCost <== movedPrice * moved;
    signal movedNotional <== movedCost * quotePerTickLot;

    // ---- Resting.
    signal ownSideOrders[4];
    signal otherSideOrders[4];
    var bidOrders[4];
    var askOrders[4];
    for (var m = 0; m < 4; m++) {
        bidOrders[m] = before.sideOrders[m][0];
        askOrders[m] = before.sideOrders[m][1];
    }
    signal bids <== Select(4)(inMarket, bidOrders);
    signal asks <== Select(4)(inMarket, askOrders);
    signal sideOrders <== Choose()(message.side, asks, bids);
    signal mayRest <== MayRest()(
        sign, quantity, movedNotional, message.ioc, message.reduceOnly,
        takerPosition, takerCollateral + takerValue, takerInitial, takerOpenNotional, context.rateMax, takerOrders, sideOrders
    );
    signal rest <== quiet * mayRest;

    // ---- Cancelling: the named order, if it is live with something left and the sender's own.
    cancel * (row.rank - ownRank) === 0;
    cancel * (row.sequence - message.target) === 0;
    cancel * row.sentinel === 0;
    signal targetIsEmpty <== IsZero()(select.ownRemaining);
    signal mine <== cancel * sameAccount;
    signal found <== mine * (1 - targetIsEmpty);

    // ---- The own row: selected for a rest or a cancel, and for a rest the row of exactly this order.
    select.ownCount === rest + cancel;
    RowFields() resting;
    resting.market <== message.market;
    resting.sentinel <== 0;
    resting.rank <== ownRank;
    resting.sequence <== sequence;
    resting.account <== message.account;
    resting.expiry <== message.expiry;
    resting.maxFee <== message.maxFee;
    resting.reduceOnly <== message.reduceOnly;
    signal restWord <== RowWord()(resting);
    rest * (select.ownWord - restWord) === 0;

    // ---- Effects on rows.
    signal filled <== fill * candidate;
    signal rested <== rest * quantity;
    signal cancelled <== found * select.ownRemaining;
    var ownChange = rested - cancelled;
    var oppositeChange = -filled - removed;
    signal bidChange <== Choose()(message.side, oppositeChange, ownChange);
    var askChange = ownChange + oppositeChange - bidChange;
    for (var i = 0; i < O; i++) {
        after.remaining[i] <== before.remaining[i] + selector[i] * (i < O \ 2 ? bidChange : askChange);
    }
    signal kept <== removal * quantity;
    after.carried <== kept + fill * quantity - filled;
    after.outcomes <== outcomesBefore + removal + fill;

    // ---- Effects on the two accounts.
    signal takerCollateralChange <== fill * (takerParty.collateralAfter - takerCollateral);
    signal makerCollateralChange <== fill * (makerParty.collateralAfter - makerCollateral);
    signal takerInitialChange <== fill * (takerParty.initialAfter - takerInitial);
    signal makerInitialChange <== fill * (makerParty.initialAfter - makerInitial);
    signal takerMaintenanceChange <== fill * (takerParty.maintenanceAfter - takerMaintenance);
    signal makerMaintenanceChange <== fill * (makerParty.maintenanceAfter - makerMaintenance);
    signal restNotional <== rest * movedNotional;
    signal cancelLive <== found * rowLive;
    signal cancelNotional <== cancelLive * movedNotional;
    signal clearedNotional <== intake.cancelAll * takerOpenNotional;
    signal removalLive <== removal * rowLive;
    signal removalNotional <== removalLive * movedNotional;
    signal fillNotional <== fill * notional;
    signal nonceChange <== intake.accepted * (message.nonce - takerNonce);
    signal deadBelowChange <== intake.cancelAll * (sequence - takerDeadBelow);
    signal bought <== sign * filled;
    signal makerOrdersChange <== -removal - emptied;

    signal positionChange[A];
    signal takerParts[A][5];
    signal makerParts[A][5];
    signal marketChange[A][4];
    for (var j = 0; j < A; j++) {
        takerParts[j][0] <== takerSlot[j] * takerCollateralChange;
        makerParts[j][0] <== makerSlot[j] * makerCollateralChange;
        after.collateral[j] <== before.collateral[j] + takerParts[j][0] + makerParts[j][0];
        takerParts[j][1] <== takerSlot[j] * takerInitialChange;
        makerParts[j][1] <== makerSlot[j] * makerInitialChange;
        after.initial[j] <== before.initial[j] + takerParts[j][1] + makerParts[j][1];
        takerParts[j][2] <== takerSlot[j] * takerMaintenanceChange;
        makerParts[j][2] <== makerSlot[j] * makerMaintenanceChange;
        after.maintenance[j] <== before.maintenance[j] + takerParts[j][2] + makerParts[j][2];
        takerParts[j][3] <== takerSlot[j] * (restNotional - cancelNotional - clearedNotional);
        makerParts[j][3] <== makerSlot[j] * (-fillNotional - removalNotional);
        after.openNotional[j] <== before.openNotional[j] + takerParts[j][3] + makerParts[j][3];
        takerParts[j][4] <== takerSlot[j] * (rest - found);
        makerParts[j][4] <== makerSlot[j] * makerOrdersChange;
        after.orders[j] <== before.orders[j] + takerParts[j][4] + makerParts[j][4];
        after.nonce[j] <== before.nonce[j] + takerSlot[j] * nonceChange;
        after.deadBelow[j] <== before.deadBelow[j] + takerSlot[j] * deadBelowChange;
        positionChange[j] <== (takerSlot[j] - makerSlot[j]) * bought;
        for (var m = 0; m < 4; m++) {
            marketChange[j][m] <== positionChange[j] * inMarket[m];
            after.position[j][m] <== before.position[j][m] + marketChange[j][m];
        }
    }

    // ---- Effects on the market and on the fee pool.
    signal bidOrdersChange <== Choose()(message.side, makerOrdersChange, rest - found);
    signal askOrdersChange <== rest - found + makerOrdersChange - bidOrdersChange;
    signal openSizeChange <== fill * (takerParty.sizeChange + makerParty.sizeChange);
    for (var m = 0; m < 4; m++) {
        after.sideOrders[m][0] <== before.sideOrders[m][0] + inMarket[m] * bidOrdersChange;
        after.sideOrders[m][1] <== before.sideOrders[m][1] + inMarket[m] * askOrdersChange;
        after.openSize[m] <== before.openSize[m] + inMarket[m] * openSizeChange;
    }
    after.feePool <== before.feePool + fill * (takerFee + makerFee);
}
