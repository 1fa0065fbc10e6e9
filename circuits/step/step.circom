pragma circom 2.2.0;

include "comparators.circom";
include "../book/row_word.circom";
include "../lib/constants.circom";
include "../lib/one_hot.circom";
include "../lib/range.circom";
include "fee.circom";
include "intake.circom";
include "liquidation.circom";
include "message.circom";
include "party.circom";
include "resting.circom";
include "selection.circom";

// What is fixed for the whole batch once requests are done.
bus StepContext(A, O) {
    signal domain;
    signal timestamp;               // {Uint40}
    signal rateMax;                 // {Uint20}
    signal live[4];                 // {Bool}
    signal open[4];                 // {Bool}: live and not halted
    signal reduceOnly[4];           // {Bool}: open, and takes no order without that flag
    signal settled[4];              // {Bool}: every party of a fill reduces
    signal mark[4];                 // {Uint32}
    signal quotePerTickLot[4];      // {Uint20}
    signal bandPpm[4];              // {Uint20}
    signal minSize[4];              // {Uint29}
    signal maxPosition[4];          // {Uint29}
    signal lotValue[4];             // mark x quotePerTickLot, below 2^52
    signal lotInitial[4];           // x initialPpm, below 2^73
    signal lotMaintenance[4];       // x maintenancePpm, below 2^72 and at most lotInitial
    signal lotTier[4];              // below 2^68: what a position's initial margin grows by, times its size squared
    signal liquidationFeePpm[4];    // {Uint20}, in force: covers every rebate but in a settled market, where it is 0
    signal accountId[A];            // {Uint20}, distinct; 2^20 in a slot that is not enabled
    signal isFund[A];               // {Bool}: the slot is the insurance fund's, account 0
    signal keyEpoch[A];             // {Uint16}
    signal makerPpm[A];             // (-2^19, 2^19)
    signal takerPpm[A];             // {Uint20}
    signal rowWord[O];              // of RowTable: sorted by market, bids in the first half
}

// What steps change.
bus StepState(A, O) {
    signal sequence;                // {Uint40}: of the next message
    signal messageWords[2];         // of the last message taken
    signal carried;                 // {Uint48}: what remains of the last order, 0 when it is done
    signal outcomes;                // maker outcomes of the last order so far
    signal turns;                   // [0, 2]: how often the insurance fund's position may still be unwound in this batch
    signal fundTrade;               // {Uint4}: the insurance fund's last trade by rule in this batch: 8 + 2 x market + side, 0 without one
    signal fundNext;                // {Bool}: what is carried is a liquidation's, and the insurance fund is to take it; 0 without any
    signal remaining[O];            // {Uint48}
    signal bookLots[4][2];          // {Uint53}: the sum of `remaining` over the rows of a market's bids and asks
    signal collateral[A];           // [-2^62, 2^62)
    signal position[A][4];          // |x| <= 2^28
    signal value[A];                // |x| <= 2^62, of the positions at the marks
    signal initial[A];              // [0, 2^87), initial margin of the positions
    signal maintenance[A];          // [0, 2^82)
    signal openNotional[A];         // [0, 2^61)
    signal orders[A];               // [0, 64]
    signal nonce[A];                // {Uint48}
    signal deadBelow[A];            // {Uint40}
    signal sideOrders[4][2];        // [0, 480]
    signal openSize[4];             // twice the open interest: the sum of |position|
    signal filledLots[4];           // of the fills of this batch, so at most T x 2^28
    signal filledCost[4];           // ticks x lots of the fills of this batch
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
    signal remaining;
}

// Claims after = the state of docs/spec/matching.md and docs/spec/liquidation.md one micro-step after before. Exactly one effect happens: a
// fill, the removal of a maker, a rest, a cancel, a cancel-all, a drop, the end of a book for a liquidation, the fund's turn or nothing.
//   take - hint {Bool}: forced to be 0 while an order is carried; otherwise the operator's choice of when to take the next message
//   message - hint: bound by its hash in the log and, unless its key epoch is stale, by a signature
//   takerSlot, ownerSlot - hints: looked up by account; the owner is the head's when the order crosses, the insurance fund in its own step,
//     the message's else, so that whatever changes in an account's resting orders changes in the owner's slot
//   selector - hint: the head of the opposite half is forced by price-time priority; the own row by its whole word or its key
//   seen - hint: the head or the target of a cancel, forced by its packed word; 0 when the step looks at none
//   ownBefore - hint: what remains in the rows before the own row, forced by the change of that row; 0 without one
//   quote - hint: what the lots go for that the fund takes over, forced by TakerMargin; 0 in every other step, and for lots that it does not take
//   takerFee, makerFee - hints: forced by FeeCeil; in the fund's step the rates are 0
template Step(A, O) {
    input StepContext(A, O) context;
    input StepState(A, O) before;
    output StepState(A, O) after;
    signal input take;
    input Message() message;
    signal input takerSlot[A];
    signal input ownerSlot[A];
    signal input selector[O];
    input SeenRow() seen;
    signal input ownBefore;
    signal input quote;
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

    // ---- Its market: the low bits name one of the four; a market that is none of them is not live, whichever slot they name.
    signal bothBits <== words.market[0] * words.market[1];
    signal inMarket[4];
    inMarket[0] <== 1 - words.market[0] - words.market[1] + bothBits;
    inMarket[1] <== words.market[0] - bothBits;
    inMarket[2] <== words.market[1] - bothBits;
    inMarket[3] <== bothBits;
    signal isOneOfFour <== IsZero()(message.market - words.market[0] - 2 * words.market[1]);
    signal slotLive <== SelectOne(4)(inMarket, context.live);
    signal slotOpen <== SelectOne(4)(inMarket, context.open);
    signal slotReduceOnly <== SelectOne(4)(inMarket, context.reduceOnly);
    signal slotSettled <== SelectOne(4)(inMarket, context.settled);
    MessageMarket() market;
    market.live <== isOneOfFour * slotLive;
    market.open <== isOneOfFour * slotOpen;
    market.reduceOnly <== slotReduceOnly;
    market.mark <== SelectOne(4)(inMarket, context.mark);
    market.bandPpm <== SelectOne(4)(inMarket, context.bandPpm);
    market.liquidationFeePpm <== SelectOne(4)(inMarket, context.liquidationFeePpm);
    market.minSize <== SelectOne(4)(inMarket, context.minSize);
    market.maxPosition <== SelectOne(4)(inMarket, context.maxPosition);
    signal quotePerTickLot <== SelectOne(4)(inMarket, context.quotePerTickLot);
    signal lotValue <== SelectOne(4)(inMarket, context.lotValue);
    signal lotInitial <== SelectOne(4)(inMarket, context.lotInitial);
    signal lotMaintenance <== SelectOne(4)(inMarket, context.lotMaintenance);
    signal lotTier <== SelectOne(4)(inMarket, context.lotTier);

    // ---- Its account.
    component taker = Lookup(A);
    taker.in <== takerSlot;
    taker.keys <== context.accountId;
    taker.key <== message.account;
    taker.enabled <== active;
    takerIndex <== taker.index;
    signal takerKeyEpoch <== Select(A)(takerSlot, context.keyEpoch);
    signal takerPpm <== Select(A)(takerSlot, context.takerPpm);
    signal takerOpenNotional <== Select(A)(takerSlot, before.openNotional);
    signal takerNonce <== Select(A)(takerSlot, before.nonce);
    signal positions[A];
    for (var j = 0; j < A; j++) {
        positions[j] <== SelectOne(4)(inMarket, before.position[j]);
    }

    // ---- Its verdict before it meets the book.
    component intake = Intake();
    intake.take <== take;
    intake.message <== message;
    intake.kind <== words.kind;
    intake.market <== market;
    intake.timestamp <== context.timestamp;
    intake.keyEpoch <== takerKeyEpoch;
    intake.nonce <== takerNonce;
    intake.takerPpm <== takerPpm;
    authenticated <== intake.authenticated;
    signal cancel <== intake.cancel;
    // A liquidation of an account with live orders only cancels them; every live order has a notional of at least 1.
    signal withoutOrders <== IsZero()(takerOpenNotional);
    signal reducing <== intake.liquidation * withoutOrders;
    signal cancelling <== intake.liquidation - reducing;
    // What nobody signs shows the insurance fund, whatever becomes of it.
    var fundSlots = 0;
    for (var j = 0; j < A; j++) {
        fundSlots += context.isFund[j];
    }
    intake.isUnsigned * (1 - fundSlots) === 0;
    signal turnless <== IsZero()(before.turns);
    signal unwinds <== intake.unwinding * (1 - turnless);
    after.turns <== before.turns - unwinds;
    signal entering <== intake.placed + reducing + unwinds;
    signal isThird <== words.kind[0] * words.kind[1];
    // Of the messages of kind 3 only those that nobody signs are ever carried.
    signal byRule <== reducing + unwinds + isThird * (1 - idle);
    signal unwinding <== byRule * intake.ofFund;
    var liquidating = byRule - unwinding;
    signal takesOver <== before.fundNext;
    signal quantity <== before.carried + entering * message.size;
    // What enters has a size of at least 1, what is carried too. In its step the fund is the maker, and the book is not looked at.
    signal matching <== 1 - idle + entering - takesOver;

    // ---- The row that it looks at: the head of the opposite book, or the order that it cancels.
    // The word of a row has one reading among the fields that pass these checks and the comparisons below, none of which depends on what
    // the step does (RowWord has room for twice each interval): rank is within 2^33 of limitRank, sequence within 2^40 of ownerDeadBelow,
    // expiry within 2^40 of the timestamp, maxFee within 2^21 of makerPpm, remaining within 2^48 of quantity.
    Bool()(seen.sentinel);
    Bool()(seen.reduceOnly);
    Range(ACCOUNT_BITS())(seen.account);
    RowFields() row;
    row.market <== message.market;
    row.sentinel <== seen.sentinel;
    row.rank <== seen.rank;
    row.sequence <== seen.sequence;
    row.account <== seen.account;
    row.expiry <== seen.expiry;
    row.maxFee <== seen.maxFee;
    row.reduceOnly <== seen.reduceOnly;
    signal rowWord <== RowWord()(row);
    signal seenWord <== rowWord + (1 << ROW_REMAINING_AT()) * seen.remaining;
    (1 - matching - cancel) * (seenWord - message.market) === 0;
    signal seenIsEmpty <== IsZero()(seen.remaining);
    matching * seenIsEmpty === 0;

    // ---- Crossing: the head's rank against the limit's.
    signal turned <== message.side * (RANK_MAX() - 2 * message.price);
    signal limitRank <== message.price + turned;
    signal ownRank <== RANK_MAX() - limitRank;
    signal reaches <== IsNonNegative(RANK_BITS())(limitRank - row.rank);
    signal cross <== matching * reaches;
    signal quiet <== matching - cross;
    // Whatever stands behind the reach of the loaded pages must not cross.
    cross * row.sentinel === 0;
    signal mirrored <== message.side * (RANK_MAX() - 2 * row.rank);
    signal headPrice <== row.rank + mirrored;

    component owner = Lookup(A);
    owner.in <== ownerSlot;
    owner.keys <== context.accountId;
    signal met <== Choose()(cross, row.account, message.account);
    // The insurance fund is account 0.
    owner.key <== met - takesOver * message.account;
    owner.enabled <== active;
    signal makerPpm <== Select(A)(ownerSlot, context.makerPpm);
    signal ownerDeadBelow <== Select(A)(ownerSlot, before.deadBelow);
    signal ownerOpenNotional <== Select(A)(ownerSlot, before.openNotional);
    signal ownerOrders <== Select(A)(ownerSlot, before.orders);

    // ---- Why it may not trade with this head: limit of outcomes, stale maker, post-only, self-trade.
    signal outcomesBefore <== (1 - take) * before.outcomes;
    signal exhausted <== IsEqual()([outcomesBefore, MAX_OUTCOMES()]);
    signal open <== cross * (1 - exhausted);
    signal unexpired <== IsNonNegative(TIME_BITS())(row.expiry - context.timestamp);
    signal rowLive <== IsNonNegative(SEQUENCE_BITS())(row.sequence - ownerDeadBelow);
    signal feeAgreed <== IsNonNegative(PPM_BITS() + 1)(row.maxFee - makerPpm);
    signal timely <== unexpired * rowLive;
    signal healthy <== timely * feeAgreed;
    signal fresh <== open * healthy;
    signal stale <== open - fresh;
    signal sameAccount <== IsEqual()([row.account, message.account]);
    signal agreeable <== (1 - message.postOnly) * (1 - sameAccount);
    signal judged <== fresh * agreeable;

    // ---- The candidate fill, and the order as it would rest or the row as it would leave the book.
    signal makerIsSmaller <== IsNonNegative(SIZE_BITS())(quantity - seen.remaining);
    signal smaller <== Choose()(makerIsSmaller, seen.remaining, quantity);
    signal offered <== judged * smaller;
    signal handed <== takesOver * quantity;
    var candidate = offered + handed;
    signal cost <== headPrice * offered;
    signal notional <== cost * quotePerTickLot + quote;
    signal ruledPpm <== Choose()(byRule, market.liquidationFeePpm, takerPpm);
    signal takerRate <== (1 - takesOver) * ruledPpm;
    signal makerRate <== (1 - takesOver) * makerPpm;
    FeeCeil()(notional, takerRate, takerFee);
    FeeCeil()(notional, makerRate, makerFee);
    // A fee that FeeCeil finds to be nothing could be a fraction in the field, which a quote could make up for. Without one of the maker the
    // quote is what changes the fund's collateral, an integer, and leaves no fraction to the taker either.
    takesOver * makerFee === 0;
    signal resting <== quiet * quantity;
    signal leaving <== (cross + cancel) * seen.remaining;
    signal movedPrice <== Choose()(cross, headPrice, message.price);
    signal movedCost <== movedPrice * (resting + leaving);
    signal movedNotional <== movedCost * quotePerTickLot;

    component takerParty = PartyAfter();
    takerParty.sign <== sign;
    takerParty.quantity <== candidate;
    takerParty.notional <== notional;
    takerParty.fee <== takerFee;
    takerParty.rests <== quiet;
    takerParty.resting <== resting;
    // What does not cross has the message's account for its owner.
    takerParty.openNotional <== ownerOpenNotional + movedNotional;
    takerParty.reserveRate <== quiet * context.rateMax;
    // What nobody signs has no flags.
    takerParty.reduceOnly <== message.reduceOnly + byRule;
    takerParty.collateral <== Select(A)(takerSlot, before.collateral);
    takerParty.position <== Select(A)(takerSlot, positions);
    takerParty.value <== Select(A)(takerSlot, before.value);
    takerParty.initial <== Select(A)(takerSlot, before.initial);
    takerParty.maintenance <== Select(A)(takerSlot, before.maintenance);
    takerParty.lotValue <== lotValue;
    takerParty.lotInitial <== lotInitial;
    takerParty.lotMaintenance <== lotMaintenance;
    takerParty.lotTier <== lotTier;
    takerParty.maxPosition <== market.maxPosition;

    component makerParty = PartyAfter();
    makerParty.sign <== -sign;
    makerParty.quantity <== candidate;
    makerParty.notional <== notional;
    makerParty.fee <== makerFee;
    makerParty.rests <== 0;
    makerParty.resting <== 0;
    makerParty.openNotional <== 0;
    makerParty.reserveRate <== 0;
    // In a settled market a maker only reduces, whatever its order says; the fund is none.
    signal crossesSettled <== cross * slotSettled;
    makerParty.reduceOnly <== row.reduceOnly + crossesSettled * (1 - row.reduceOnly);
    makerParty.collateral <== Select(A)(ownerSlot, before.collateral);
    makerParty.position <== Select(A)(ownerSlot, positions);
    makerParty.value <== Select(A)(ownerSlot, before.value);
    makerParty.initial <== Select(A)(ownerSlot, before.initial);
    makerParty.maintenance <== Select(A)(ownerSlot, before.maintenance);
    makerParty.lotValue <== lotValue;
    makerParty.lotInitial <== lotInitial;
    makerParty.lotMaintenance <== lotMaintenance;
    makerParty.lotTier <== lotTier;
    makerParty.maxPosition <== market.maxPosition;

    component takerMargin = TakerMargin();
    takerMargin.health <== takerParty.health;
    takerMargin.liquidates <== liquidating + cancelling;
    takerMargin.takesOver <== takesOver;
    takerMargin.judged <== judged;
    takerMargin.quiet <== quiet;
    takerMargin.quantity <== offered;
    takerMargin.lotMaintenance <== lotMaintenance;
    // The fund takes what it must and unwinds what it can, whatever its margin.
    signal takerAble <== Choose()(unwinding, 1, takerMargin.allowed);
    signal takerOk <== takerParty.lawful * takerAble;
    (1 - takerMargin.bound) * quote === 0;
    signal makerMargin <== MarginAllows()(makerParty.health);
    signal makerAble <== Choose()(takesOver, 1, makerMargin);
    signal makerOk <== makerParty.lawful * makerAble;

    // The taker is judged first: only if it passes may the maker be removed. A liquidation that is not due removes nobody.
    signal passed <== takerMargin.priced * takerOk;
    signal taken <== takesOver * takerOk;
    signal moved <== (passed + taken) * makerOk;
    signal takeover <== takesOver * moved;
    var fill = moved - takeover;
    signal undue <== liquidating * (1 - takerMargin.allowed);
    signal cleared <== stale * (1 - undue);
    signal removal <== cleared + passed - fill;
    signal fundNext <== takerMargin.exhausted * takerOk;
    after.fundNext <== fundNext;
    signal emptied <== fill * makerIsSmaller;

    // ---- Resting.
    var bidOrders[4];
    var askOrders[4];
    for (var m = 0; m < 4; m++) {
        bidOrders[m] = before.sideOrders[m][0];
        askOrders[m] = before.sideOrders[m][1];
    }
    signal bids <== SelectOne(4)(inMarket, bidOrders);
    signal asks <== SelectOne(4)(inMarket, askOrders);
    signal sideOrders <== Choose()(message.side, asks, bids);
    signal mayRest <== MayRest()(message.ioc + byRule, takerOk, ownerOrders, sideOrders);
    signal rest <== quiet * mayRest;
    RowFields() placed;
    placed.market <== message.market;
    placed.sentinel <== 0;
    placed.rank <== ownRank;
    placed.sequence <== sequence;
    placed.account <== message.account;
    placed.expiry <== message.expiry;
    placed.maxFee <== message.maxFee;
    placed.reduceOnly <== message.reduceOnly;
    signal placedWord <== RowWord()(placed);

    // ---- Cancelling: the named order, if it is live with something left and the sender's own. The differences are within their places
    // of the row's word, so that each of them is 0.
    cancel * (
        row.sentinel
        + (1 << ROW_RANK_AT()) * (row.rank - ownRank)
        + (1 << ROW_SEQUENCE_AT()) * (row.sequence - message.target)
    ) === 0;
    signal mine <== cancel * sameAccount;
    signal found <== mine * (1 - seenIsEmpty);

    // ---- Effects on rows. The head comes first of its book: only the rows of the markets before stand before it with anything left.
    signal filled <== fill * offered;
    signal removed <== removal * seen.remaining;
    signal rested <== rest * quantity;
    signal cancelled <== found * seen.remaining;
    signal oppositeLots[3];
    for (var m = 0; m < 3; m++) {
        oppositeLots[m] <== Choose()(message.side, before.bookLots[m][0], before.bookLots[m][1]);
    }
    (1 - rest - cancel) * ownBefore === 0;
    component rows = SelectRows(O);
    rows.selector <== selector;
    rows.side <== message.side;
    rows.word <== context.rowWord;
    rows.remaining <== before.remaining;
    rows.oppositeCount <== matching;
    rows.oppositeWord <== seenWord;
    rows.oppositeBefore <== SelectOne(4)(inMarket, [
        0, oppositeLots[0], oppositeLots[0] + oppositeLots[1], oppositeLots[0] + oppositeLots[1] + oppositeLots[2]
    ]);
    rows.oppositeChange <== -filled - removed;
    rows.ownCount <== rest + cancel;
    // An order rests in the row of exactly its fields, in which nothing remains yet.
    rows.ownWord <== Choose()(cancel, seenWord, placedWord);
    rows.ownBefore <== ownBefore;
    rows.ownChange <== rested - cancelled;
    after.remaining <== rows.after;
    signal kept <== removal * quantity;
    signal left <== (fill + fundNext) * quantity;
    after.carried <== kept + left - filled;
    after.outcomes <== outcomesBefore + removal + fill;

    // ---- Effects on the two accounts.
    signal takerCollateralChange <== moved * takerParty.collateralChange;
    signal makerCollateralChange <== moved * makerParty.collateralChange;
    signal takerSizeChange <== moved * takerParty.sizeChange;
    signal makerSizeChange <== moved * makerParty.sizeChange;
    signal takerInitialChange <== moved * takerParty.initialChange;
    signal makerInitialChange <== moved * makerParty.initialChange;
    signal takerMaintenanceChange <== moved * takerParty.maintenanceChange;
    signal makerMaintenanceChange <== moved * makerParty.maintenanceChange;
    signal movedLots <== moved * candidate;
    signal bought <== sign * movedLots;
    signal fees <== fill * (takerFee + makerFee);
    signal fundFees <== byRule * fees;
    signal fundFills <== unwinding * fill;
    var tradeCode = 8 + 2 * (words.market[0] + 2 * words.market[1]) + message.side;
    after.fundTrade <== Choose()(takeover + fundFills, tradeCode, before.fundTrade);
    signal nonceChange <== intake.accepted * (message.nonce - takerNonce);

    // ---- Effects on the owner's resting orders: a dead one has left open notional already, and a cancel-all clears it.
    signal gone <== (found + removal) * rowLive;
    signal rowNotional <== (rest - gone) * movedNotional;
    signal fillNotional <== fill * notional;
    signal forcedCancel <== cancelling * takerMargin.allowed;
    signal cancelAll <== intake.cancelAll + forcedCancel;
    signal clearedNotional <== cancelAll * ownerOpenNotional;
    signal openNotionalChange <== rowNotional - fillNotional - clearedNotional;
    signal deadBelowChange <== cancelAll * (sequence - ownerDeadBelow);
    var ownOrdersChange = rest - found;
    var oppositeOrdersChange = -removal - emptied;

    signal collateralChange[A][3];
    signal initialChange[A][2];
    signal maintenanceChange[A][2];
    signal positionChange[A];
    signal marketChange[A][4];
    for (var j = 0; j < A; j++) {
        collateralChange[j][0] <== takerSlot[j] * takerCollateralChange;
        collateralChange[j][1] <== ownerSlot[j] * makerCollateralChange;
        collateralChange[j][2] <== context.isFund[j] * fundFees;
        after.collateral[j] <== before.collateral[j] + collateralChange[j][0] + collateralChange[j][1] + collateralChange[j][2];
        initialChange[j][0] <== takerSlot[j] * takerInitialChange;
        initialChange[j][1] <== ownerSlot[j] * makerInitialChange;
        after.initial[j] <== before.initial[j] + initialChange[j][0] + initialChange[j][1];
        maintenanceChange[j][0] <== takerSlot[j] * takerMaintenanceChange;
        maintenanceChange[j][1] <== ownerSlot[j] * makerMaintenanceChange;
        after.maintenance[j] <== before.maintenance[j] + maintenanceChange[j][0] + maintenanceChange[j][1];
        positionChange[j] <== (takerSlot[j] - ownerSlot[j]) * bought;
        after.value[j] <== before.value[j] + positionChange[j] * lotValue;
        marketChange[j] <== PlaceOne(4)(inMarket, positionChange[j]);
        for (var m = 0; m < 4; m++) {
            after.position[j][m] <== before.position[j][m] + marketChange[j][m];
        }
        after.nonce[j] <== before.nonce[j] + takerSlot[j] * nonceChange;
        after.openNotional[j] <== before.openNotional[j] + ownerSlot[j] * openNotionalChange;
        after.orders[j] <== before.orders[j] + ownerSlot[j] * (ownOrdersChange + oppositeOrdersChange);
        after.deadBelow[j] <== before.deadBelow[j] + ownerSlot[j] * deadBelowChange;
    }

    // ---- Effects on the market and on the fee pool.
    signal bidOrdersChange <== Choose()(message.side, oppositeOrdersChange, ownOrdersChange);
    signal ordersChange[2][4];
    ordersChange[0] <== PlaceOne(4)(inMarket, bidOrdersChange);
    ordersChange[1] <== PlaceOne(4)(inMarket, ownOrdersChange + oppositeOrdersChange - bidOrdersChange);
    signal lotsChange[2][4];
    lotsChange[0] <== PlaceOne(4)(inMarket, rows.change[0]);
    lotsChange[1] <== PlaceOne(4)(inMarket, rows.change[1]);
    signal filledCost <== fill * cost;
    signal lotsFilled[4] <== PlaceOne(4)(inMarket, filled);
    signal costFilled[4] <== PlaceOne(4)(inMarket, filledCost);
    signal openSizeChange[4] <== PlaceOne(4)(inMarket, takerSizeChange + makerSizeChange);
    for (var m = 0; m < 4; m++) {
        for (var side = 0; side < 2; side++) {
            after.sideOrders[m][side] <== before.sideOrders[m][side] + ordersChange[side][m];
            after.bookLots[m][side] <== before.bookLots[m][side] + lotsChange[side][m];
        }
        after.openSize[m] <== before.openSize[m] + openSizeChange[m];
        after.filledLots[m] <== before.filledLots[m] + lotsFilled[m];
        after.filledCost[m] <== before.filledCost[m] + costFilled[m];
    }
    after.feePool <== before.feePool + fees - fundFees;
}
