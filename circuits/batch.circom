pragma circom 2.2.0;

include "poseidon.circom";
include "binding/body.circom";
include "binding/stream.circom";
include "book/book.circom";
include "book/rows.circom";
include "lib/constants.circom";
include "oracle/breaker.circom";
include "oracle/round.circom";
include "requests/forced.circom";
include "requests/requests.circom";
include "signature/owners.circom";
include "signature/signatures.circom";
include "state/accounts.circom";
include "state/configuration.circom";
include "state/conservation.circom";
include "state/fees.circom";
include "state/final_settlement.circom";
include "state/funding.circom";
include "state/insurance_floor.circom";
include "state/log.circom";
include "state/losing_side.circom";
include "state/margin_rates.circom";
include "state/margins.circom";
include "state/markets.circom";
include "state/premium.circom";
include "state/rates.circom";
include "state/roots.circom";
include "state/shortfall.circom";
include "state/venue.circom";
include "step/steps.circom";

// One batch: docs/spec/batch.md names every input and what each part claims.
//   T steps, A accounts, J pages, O rows (half of them bids), K messages, R requests; batched: how signatures are checked, see Signatures
// Every input but c, r, y is a hint of the prover; the comments of the parts say what forces it.
template Batch(T, A, J, O, K, R, batched) {
    signal input c;
    signal input r;
    signal input y;

    signal input domain;
    signal input batchNumber;
    signal input timestamp;
    signal input firstSequence;
    signal input logHead;
    signal input feePool;
    signal input fundingPool;
    signal input requestsBegin;
    signal input accountRoot;
    signal input pageRoot;

    signal input feeMaker[4];
    signal input feeTaker[4];
    signal input oracleMaxAge;
    signal input oracleKey[5][2];
    signal input marketQuotePerTickLot[4];
    signal input marketInitialPpm[4];
    signal input marketMaintenancePpm[4];
    signal input marketBandPpm[4];
    signal input marketMinSize[4];
    signal input marketMaxPosition[4];
    signal input marketMaxMovePpm[4];
    signal input marketHaltSeconds[4];
    signal input marketLiquidationFeePpm[4];
    signal input marketInterestPpm[4];
    signal input marketOpenInterestLower[4];
    signal input marketOpenInterestUpper[4];
    signal input marketVolatilityFactor[4];
    signal input marketAddonMaxPpm[4];
    signal input marketAddonStepPpm[4];
    signal input marketTierPpm[4];
    signal input marketCongestionPpm[4];
    signal input marketSettleSeconds[4];
    signal input insuranceFloor;

    signal input oracleTime;
    signal input oraclePrice[3][4];
    signal input oracleSigner[3][5];

    signal input marketsOracleTime;
    signal input marketKind[4];
    signal input marketStatus[4];
    signal input marketMark[4];
    signal input marketBidOrders[4];
    signal input marketAskOrders[4];
    signal input marketHaltedUntil[4];
    signal input marketReducedUntil[4];
    signal input marketLongIndex[4];
    signal input marketShortIndex[4];
    signal input marketOpenInterest[4];
    signal input marketSampledMark[4];
    signal input marketVolatility[4];
    signal input marketVolatilityAddon[4];
    signal input marketOpenInterestAddon[4];
    signal input marketCongestionAddon[4];
    signal input marketTier[4];
    signal input marketFundSince[4];
    signal input marketParameterWord[4];
    signal input marketUnitRest[4];

    signal input premiumExcess[4];
    signal input premiumWeight[4];
    signal input premiumRate[4];
    signal input premiumPeriod;
    signal input premiumPpm[4];
    signal input oraclePeriod;

    signal input venueCongestedUntil;
    signal input venueRestricted[4];
    signal input venueRestrictedUntil;
    signal input venueUninsured;

    signal input sampleBefore;
    signal input sampleAfter;
    signal input marketReturn[4];
    signal input marketVolatilityAfter[4];
    signal input marketOpenInterestAddonAfter[4];
    signal input marketTierStep[4];

    signal input accountEnabled[A];
    signal input accountId[A];
    signal input accountOwner[A];
    signal input accountCollateral[A];
    signal input accountPosition[A][4];
    signal input accountIndex[A][4];
    signal input accountSettled[A];
    signal input accountKey[A][2];
    signal input accountNonce[A];
    signal input accountKeyEpoch[A];
    signal input accountTier[A];
    signal input accountDeadBelow[A];
    signal input accountOrders[A];
    signal input accountOpenNotional[A];
    signal input accountCrown[16];
    signal input accountPath[A][ACCOUNT_DEPTH() - CROWN_LEVELS()][4];

    signal input pageEnabled[J];
    signal input pageIndex[J];
    signal input pageWas[J];
    signal input pageIs[J];
    signal input pageFront[J];
    signal input pageFull[J];
    signal input pageOldMarket[J];
    signal input pageOldSide[J];
    signal input pageOldLow[J];
    signal input pageOldHigh[J];
    signal input pageOldWord[J][15];
    signal input pageOldRow[J][15];
    signal input pageNewMarket[J];
    signal input pageNewSide[J];
    signal input pageNewLow[J];
    signal input pageNewHigh[J];
    signal input pageNewWord[J][15];
    signal input pageNewRow[J][15];
    signal input pageCrown[16];
    signal input pagePath[J][PAGE_DEPTH() - CROWN_LEVELS()][4];

    signal input rowUsed[O];
    signal input rowSentinel[O];
    signal input rowGhost[O];
    signal input rowMarket[O];
    signal input rowRank[O];
    signal input rowSequence[O];
    signal input rowAccount[O];
    signal input rowExpiry[O];
    signal input rowMaxFee[O];
    signal input rowReduceOnly[O];
    signal input rowRemaining[O];
    signal input rowPage[O][J];

    signal input requestEnabled[R];
    signal input requestKind[R];
    signal input requestAccount[R];
    signal input requestAmount[R];
    signal input requestOwner[R];
    signal input requestData[R][2];
    signal input requestSlot[R][A];
    signal input requestFree[R];

    signal input signatureSlot[K][A];
    signal input signatureQ[K + 3][2];
    signal input signatureS[K + 3];
    signal input signatureBit[batched * (A + 4)][252];
    signal input signatureQuotient[batched * (A + 4)][2];
    signal input signatureCarry[batched * (A + 4)][2];

    signal input stepTake[T];
    signal input stepAccount[T];
    signal input stepKeyEpoch[T];
    signal input stepNonce[T];
    signal input stepKind[T];
    signal input stepMarket[T];
    signal input stepSide[T];
    signal input stepIoc[T];
    signal input stepPostOnly[T];
    signal input stepReduceOnly[T];
    signal input stepExpiry[T];
    signal input stepMaxFee[T];
    signal input stepPrice[T];
    signal input stepSize[T];
    signal input stepTarget[T];
    signal input stepTakerSlot[T][A];
    signal input stepOwnerSlot[T][A];
    signal input stepRow[T][O];
    signal input stepRowSentinel[T];
    signal input stepRowRank[T];
    signal input stepRowSequence[T];
    signal input stepRowAccount[T];
    signal input stepRowExpiry[T];
    signal input stepRowMaxFee[T];
    signal input stepRowReduceOnly[T];
    signal input stepRowRemaining[T];
    signal input stepOwnBefore[T];
    signal input stepQuote[T];
    signal input stepTakerFee[T];
    signal input stepMakerFee[T];

    signal input shortfallIndex;

    Range(TIME_BITS())(timestamp);

    // ---- Configuration: its hash is a header word that the contract knows.
    MarketParameters() parameters[4];
    MarginSchedule() schedules[4];
    for (var m = 0; m < 4; m++) {
        parameters[m].quotePerTickLot <== marketQuotePerTickLot[m];
        parameters[m].initialPpm <== marketInitialPpm[m];
        parameters[m].maintenancePpm <== marketMaintenancePpm[m];
        parameters[m].bandPpm <== marketBandPpm[m];
        parameters[m].minSize <== marketMinSize[m];
        parameters[m].maxPosition <== marketMaxPosition[m];
        parameters[m].maxMovePpm <== marketMaxMovePpm[m];
        parameters[m].haltSeconds <== marketHaltSeconds[m];
        parameters[m].liquidationFeePpm <== marketLiquidationFeePpm[m];
        parameters[m].interestPpm <== marketInterestPpm[m];
        schedules[m].openInterestLower <== marketOpenInterestLower[m];
        schedules[m].openInterestUpper <== marketOpenInterestUpper[m];
        schedules[m].volatilityFactor <== marketVolatilityFactor[m];
        schedules[m].addonMaxPpm <== marketAddonMaxPpm[m];
        schedules[m].addonStepPpm <== marketAddonStepPpm[m];
        schedules[m].tierPpm <== marketTierPpm[m];
        schedules[m].congestionPpm <== marketCongestionPpm[m];
        schedules[m].settleSeconds <== marketSettleSeconds[m];
    }
    component configuration = Configuration();
    configuration.maker <== feeMaker;
    configuration.taker <== feeTaker;
    configuration.oracleMaxAge <== oracleMaxAge;
    configuration.oracleKey <== oracleKey;
    configuration.live <== marketKind;
    configuration.parameters <== parameters;
    configuration.schedules <== schedules;
    configuration.insuranceFloor <== insuranceFloor;

    // ---- Markets as they were.
    Market() marketBefore[4];
    for (var m = 0; m < 4; m++) {
        marketBefore[m].kind <== marketKind[m];
        marketBefore[m].status <== marketStatus[m];
        marketBefore[m].mark <== marketMark[m];
        marketBefore[m].oracleTime <== marketKind[m] * marketsOracleTime;
        marketBefore[m].bidOrders <== marketBidOrders[m];
        marketBefore[m].askOrders <== marketAskOrders[m];
        marketBefore[m].haltedUntil <== marketHaltedUntil[m];
        marketBefore[m].reducedUntil <== marketReducedUntil[m];
        marketBefore[m].longIndex <== marketLongIndex[m];
        marketBefore[m].shortIndex <== marketShortIndex[m];
        marketBefore[m].openInterest <== marketOpenInterest[m];
        marketBefore[m].sampledMark <== marketSampledMark[m];
        marketBefore[m].volatility <== marketVolatility[m];
        marketBefore[m].volatilityAddon <== marketVolatilityAddon[m];
        marketBefore[m].openInterestAddon <== marketOpenInterestAddon[m];
        marketBefore[m].congestionAddon <== marketCongestionAddon[m];
        marketBefore[m].tierPpm <== marketTier[m];
        marketBefore[m].fundSince <== marketFundSince[m];
        marketBefore[m].parameterWord <== marketParameterWord[m];
    }

    // ---- What holds in all markets, as it was.
    Venue() venueBefore;
    venueBefore.congestedUntil <== venueCongestedUntil;
    venueBefore.restricted <== venueRestricted;
    venueBefore.restrictedUntil <== venueRestrictedUntil;
    venueBefore.uninsured <== venueUninsured;
    component venue = LoadedVenue();
    venue.venue <== venueBefore;
    venue.timestamp <== timestamp;

    // ---- Epoch: one oracle round for the whole batch.
    component oracle = OracleRound();
    oracle.domain <== domain;
    oracle.timestamp <== timestamp;
    oracle.maxAge <== oracleMaxAge;
    oracle.oracleKey <== oracleKey;
    oracle.live <== marketKind;
    oracle.previousTime <== marketsOracleTime;
    oracle.time <== oracleTime;
    oracle.price <== oraclePrice;
    oracle.signer <== oracleSigner;

    PeriodOf(FUNDING_SECONDS(), 15)(oracleTime, oraclePeriod);
    signal samePeriod <== IsEqual()([oraclePeriod, premiumPeriod]);
    Premium() premiumBefore[4];
    component nextRate[4];
    signal rateAfter[4];
    component settlements[4];
    component breakers[4];
    component accrual[4];
    signal open[4];
    signal mark[4];
    signal settled[4];
    signal longIndex[4];
    signal shortIndex[4];
    for (var m = 0; m < 4; m++) {
        settlements[m] = FinalSettlement();
        settlements[m].fundSince <== marketFundSince[m];
        settlements[m].markBefore <== marketMark[m];
        settlements[m].median <== oracle.mark[m];
        settlements[m].rate <== premiumRate[m];
        settlements[m].feePpm <== marketLiquidationFeePpm[m];
        settled[m] <== settlements[m].settled;
        mark[m] <== settlements[m].mark;

        breakers[m] = Breaker();
        breakers[m].live <== marketKind[m];
        breakers[m].markBefore <== marketMark[m];
        breakers[m].mark <== mark[m];
        breakers[m].timestamp <== timestamp;
        breakers[m].haltedUntilBefore <== marketHaltedUntil[m];
        breakers[m].maxMovePpm <== marketMaxMovePpm[m];
        breakers[m].haltSeconds <== marketHaltSeconds[m];
        breakers[m].reducedUntil <== marketReducedUntil[m];
        breakers[m].restricted <== venue.restricted[m];
        breakers[m].settled <== settled[m];
        open[m] <== breakers[m].open;

        accrual[m] = Accrual();
        accrual[m].longBefore <== marketLongIndex[m];
        accrual[m].shortBefore <== marketShortIndex[m];
        accrual[m].markBefore <== marketMark[m];
        accrual[m].quotePerTickLot <== marketQuotePerTickLot[m];
        accrual[m].rate <== settlements[m].rateInForce;
        accrual[m].elapsed <== oracleTime - marketsOracleTime;
        longIndex[m] <== accrual[m].long;
        shortIndex[m] <== accrual[m].short;

        // In a new period the rate is that of the orders that traded in the last one.
        premiumBefore[m].excess <== premiumExcess[m];
        premiumBefore[m].weight <== premiumWeight[m];
        premiumBefore[m].rate <== premiumRate[m];
        nextRate[m] = NextRate();
        nextRate[m].premium <== premiumBefore[m];
        nextRate[m].openInterest <== marketOpenInterest[m];
        nextRate[m].mark <== marketMark[m];
        nextRate[m].premiumPpm <== premiumPpm[m];
        nextRate[m].interestPpm <== marketInterestPpm[m];
        nextRate[m].initialPpm <== marketInitialPpm[m];
        nextRate[m].maintenancePpm <== marketMaintenancePpm[m];
        rateAfter[m] <== nextRate[m].rate + samePeriod * (premiumRate[m] - nextRate[m].rate);
    }

    // ---- Margin rates in force.
    PeriodOf(SAMPLE_SECONDS(), 9)(marketsOracleTime, sampleBefore);
    PeriodOf(SAMPLE_SECONDS(), 9)(oracleTime, sampleAfter);
    signal sameSample <== IsEqual()([sampleBefore, sampleAfter]);
    signal lotValue[4];
    signal lotTier[4];
    component marginRates[4];
    component rates = MarketRates();
    for (var m = 0; m < 4; m++) {
        lotValue[m] <== mark[m] * marketQuotePerTickLot[m];
        marginRates[m] = MarginRates();
        marginRates[m].before <== marketBefore[m];
        marginRates[m].parameters <== parameters[m];
        marginRates[m].schedule <== schedules[m];
        marginRates[m].lotValue <== lotValue[m];
        marginRates[m].sampling <== 1 - sameSample;
        marginRates[m].congested <== venue.congested;
        marginRates[m].open <== open[m];
        marginRates[m].settled <== settled[m];
        marginRates[m].signedReturn <== marketReturn[m];
        marginRates[m].average <== marketVolatilityAfter[m];
        marginRates[m].openInterestAddon <== marketOpenInterestAddonAfter[m];
        marginRates[m].tierStep <== marketTierStep[m];
        lotTier[m] <== marginRates[m].lotTier;
        rates.lotValue[m] <== lotValue[m];
        rates.initialPpm[m] <== marginRates[m].initialPpm;
        rates.heldPpm[m] <== marginRates[m].heldPpm;
        rates.reservePpm[m] <== marginRates[m].reservePpm;
        rates.maintenancePpm[m] <== marginRates[m].maintenancePpm;
    }

    StepContext(A, O) context;
    context.domain <== domain;
    context.timestamp <== timestamp;
    context.rateMax <== rates.rateMax;
    context.live <== marketKind;
    context.open <== open;
    for (var m = 0; m < 4; m++) {
        context.reduceOnly[m] <== breakers[m].reduceOnly;
        context.liquidationFeePpm[m] <== settlements[m].feeInForce;
    }
    context.mark <== mark;
    context.quotePerTickLot <== marketQuotePerTickLot;
    context.bandPpm <== marketBandPpm;
    context.minSize <== marketMinSize;
    context.maxPosition <== marketMaxPosition;
    context.lotValue <== lotValue;
    context.lotInitial <== rates.lotInitial;
    context.lotMaintenance <== rates.lotMaintenance;
    context.lotTier <== lotTier;
    context.settled <== settled;

    // ---- Accounts as they were, what they owe since they were settled, and what their positions require at the new marks.
    // Positions have 29 bits and a sign: maxPosition is at most 2^28 in every configuration since genesis.
    component loadAccounts = LoadAccounts(A);
    loadAccounts.enabled <== accountEnabled;
    loadAccounts.id <== accountId;
    component settlement[A];
    component margins[A];
    component fees[A];
    Account() accountBefore[A];
    Holdings(A) holdings;
    var positionValue[A];
    var heldMargin[A];
    for (var j = 0; j < A; j++) {
        accountBefore[j].owner <== accountOwner[j];
        accountBefore[j].collateral <== accountCollateral[j];
        accountBefore[j].position <== accountPosition[j];
        accountBefore[j].index <== accountIndex[j];
        accountBefore[j].key <== accountKey[j];
        accountBefore[j].nonce <== accountNonce[j];
        accountBefore[j].keyEpoch <== accountKeyEpoch[j];
        accountBefore[j].tier <== accountTier[j];
        accountBefore[j].deadBelow <== accountDeadBelow[j];
        accountBefore[j].orders <== accountOrders[j];
        accountBefore[j].openNotional <== accountOpenNotional[j];
        loadAccounts.account[j] <== accountBefore[j];

        settlement[j] = Settlement(29);
        settlement[j].collateral <== accountCollateral[j];
        settlement[j].settled <== accountSettled[j];
        settlement[j].position <== accountPosition[j];
        settlement[j].index <== accountIndex[j];
        settlement[j].longIndex <== longIndex;
        settlement[j].shortIndex <== shortIndex;

        margins[j] = PositionMargins();
        margins[j].position <== accountPosition[j];
        margins[j].size <== settlement[j].size;
        margins[j].lotValue <== lotValue;
        margins[j].lotInitial <== rates.lotInitial;
        margins[j].lotMaintenance <== rates.lotMaintenance;
        margins[j].lotHeld <== rates.lotHeld;
        margins[j].lotTier <== lotTier;
        positionValue[j] = margins[j].value;
        heldMargin[j] = margins[j].held;

        fees[j] = TierRates();
        fees[j].tier <== accountTier[j];
        fees[j].maker <== feeMaker;
        fees[j].taker <== feeTaker;

        holdings.owner[j] <== accountOwner[j];
        holdings.collateral[j] <== accountSettled[j];
        holdings.key[j] <== accountKey[j];
        holdings.keyEpoch[j] <== accountKeyEpoch[j];
    }

    // ---- Requests of L1.
    component requests = RequestQueue(R, A);
    requests.enabled <== requestEnabled;
    requests.kind <== requestKind;
    requests.account <== requestAccount;
    requests.amount <== requestAmount;
    requests.owner <== requestOwner;
    requests.data <== requestData;
    requests.slot <== requestSlot;
    requests.free <== requestFree;
    requests.accountId <== loadAccounts.slotId;
    requests.positionValue <== positionValue;
    requests.heldMargin <== heldMargin;
    requests.openNotional <== accountOpenNotional;
    requests.rateMax <== rates.rateMax;
    requests.before <== holdings;
    requests.restrictionsBefore <== venue.restrictions;

    // ---- Rows, as the steps see them.
    component loadRows = LoadRows(O);
    loadRows.used <== rowUsed;
    loadRows.remaining <== rowRemaining;
    RowEntry(J) row[O];
    for (var o = 0; o < O; o++) {
        row[o].used <== rowUsed[o];
        row[o].ghost <== rowGhost[o];
        row[o].fields.market <== rowMarket[o];
        row[o].fields.sentinel <== rowSentinel[o];
        row[o].fields.rank <== rowRank[o];
        row[o].fields.sequence <== rowSequence[o];
        row[o].fields.account <== rowAccount[o];
        row[o].fields.expiry <== rowExpiry[o];
        row[o].fields.maxFee <== rowMaxFee[o];
        row[o].fields.reduceOnly <== rowReduceOnly[o];
        row[o].remaining <== rowRemaining[o];
        row[o].page <== rowPage[o];
        loadRows.fields[o] <== row[o].fields;
    }
    context.rowWord <== loadRows.rows.word;

    // ---- Steps.
    StepState(A, O) start;
    start.sequence <== firstSequence;
    start.messageWords <== [0, 0];
    start.carried <== 0;
    start.outcomes <== 0;
    start.turns <== UnwindingTurns(R)(requests.isMessage, requestAccount);
    start.fundTrade <== 0;
    start.fundNext <== 0;
    start.remaining <== rowRemaining;
    start.bookLots <== loadRows.lots;
    start.feePool <== feePool;
    for (var j = 0; j < A; j++) {
        context.accountId[j] <== loadAccounts.slotId[j];
        context.isFund[j] <== loadAccounts.isFund[j];
        context.keyEpoch[j] <== requests.after.keyEpoch[j];
        context.makerPpm[j] <== fees[j].makerPpm;
        context.takerPpm[j] <== fees[j].takerPpm;
        start.collateral[j] <== requests.after.collateral[j];
        start.position[j] <== accountPosition[j];
        start.value[j] <== margins[j].value;
        start.initial[j] <== margins[j].initial;
        start.maintenance[j] <== margins[j].maintenance;
        start.openNotional[j] <== accountOpenNotional[j];
        start.orders[j] <== accountOrders[j];
        start.nonce[j] <== accountNonce[j];
        start.deadBelow[j] <== accountDeadBelow[j];
    }
    for (var m = 0; m < 4; m++) {
        start.sideOrders[m] <== [marketBidOrders[m], marketAskOrders[m]];
        start.openSize[m] <== 2 * marketOpenInterest[m];
        start.filledLots[m] <== 0;
        start.filledCost[m] <== 0;
    }
    component steps = Steps(T, A, O, K);
    steps.context <== context;
    steps.before <== start;
    for (var t = 0; t < T; t++) {
        steps.hints[t].take <== stepTake[t];
        steps.hints[t].message.account <== stepAccount[t];
        steps.hints[t].message.keyEpoch <== stepKeyEpoch[t];
        steps.hints[t].message.nonce <== stepNonce[t];
        steps.hints[t].message.kind <== stepKind[t];
        steps.hints[t].message.market <== stepMarket[t];
        steps.hints[t].message.side <== stepSide[t];
        steps.hints[t].message.ioc <== stepIoc[t];
        steps.hints[t].message.postOnly <== stepPostOnly[t];
        steps.hints[t].message.reduceOnly <== stepReduceOnly[t];
        steps.hints[t].message.expiry <== stepExpiry[t];
        steps.hints[t].message.maxFee <== stepMaxFee[t];
        steps.hints[t].message.price <== stepPrice[t];
        steps.hints[t].message.size <== stepSize[t];
        steps.hints[t].message.target <== stepTarget[t];
        steps.hints[t].takerSlot <== stepTakerSlot[t];
        steps.hints[t].ownerSlot <== stepOwnerSlot[t];
        steps.hints[t].selector <== stepRow[t];
        steps.hints[t].seen.sentinel <== stepRowSentinel[t];
        steps.hints[t].seen.rank <== stepRowRank[t];
        steps.hints[t].seen.sequence <== stepRowSequence[t];
        steps.hints[t].seen.account <== stepRowAccount[t];
        steps.hints[t].seen.expiry <== stepRowExpiry[t];
        steps.hints[t].seen.maxFee <== stepRowMaxFee[t];
        steps.hints[t].seen.reduceOnly <== stepRowReduceOnly[t];
        steps.hints[t].seen.remaining <== stepRowRemaining[t];
        steps.hints[t].ownBefore <== stepOwnBefore[t];
        steps.hints[t].quote <== stepQuote[t];
        steps.hints[t].takerFee <== stepTakerFee[t];
        steps.hints[t].makerFee <== stepMakerFee[t];
    }

    // ---- Signatures: of the messages, but for a forced one, by the keys that requests left; then of the three oracle reports, each by its own key.
    component forced = ForcedMessage(R);
    forced.domain <== domain;
    forced.enabled <== requestEnabled;
    forced.isMessage <== requests.isMessage;
    forced.data <== requestData;
    forced.hash <== steps.hash[0];
    forced.signer <== steps.signer[0];
    component owners = MessageOwners(K, A);
    owners.owner <== signatureSlot;
    owners.signer[0] <== forced.signature;
    for (var k = 1; k < K; k++) {
        owners.signer[k] <== steps.signer[k];
    }
    component signatures = Signatures(batched, K + 3, A + 3);
    for (var k = 0; k < K; k++) {
        signatures.message[k] <== steps.hash[k];
        for (var j = 0; j < A + 3; j++) {
            if (j < A) {
                signatures.owner[k][j] <== signatureSlot[k][j];
            } else {
                signatures.owner[k][j] <== 0;
            }
        }
    }
    for (var i = 0; i < 3; i++) {
        signatures.message[K + i] <== oracle.message[i];
        signatures.key[A + i] <== oracle.key[i];
        for (var j = 0; j < A + 3; j++) {
            signatures.owner[K + i][j] <== j == A + i;
        }
    }
    for (var j = 0; j < A; j++) {
        signatures.key[j] <== requests.after.key[j];
    }
    signatures.q <== signatureQ;
    signatures.s <== signatureS;
    signatures.bit <== signatureBit;
    signatures.quotient <== signatureQuotient;
    signatures.carry <== signatureCarry;

    // ---- The book: rows and pages.
    component book = StoreBook(J, O);
    book.row <== row;
    book.key <== loadRows.key;
    book.rows <== loadRows.rows;
    book.firstSequence <== firstSequence;
    book.rootBefore <== pageRoot;
    book.crown <== pageCrown;
    book.path <== pagePath;
    book.finalRemaining <== steps.after.remaining;
    for (var j = 0; j < J; j++) {
        book.entry[j].enabled <== pageEnabled[j];
        book.entry[j].index <== pageIndex[j];
        book.entry[j].was <== pageWas[j];
        book.entry[j].is <== pageIs[j];
        book.entry[j].full <== pageFull[j];
        book.entry[j].front <== pageFront[j];
        book.before[j].market <== pageOldMarket[j];
        book.before[j].side <== pageOldSide[j];
        book.before[j].low <== pageOldLow[j];
        book.before[j].high <== pageOldHigh[j];
        book.before[j].word <== pageOldWord[j];
        book.before[j].row <== pageOldRow[j];
        book.after[j].market <== pageNewMarket[j];
        book.after[j].side <== pageNewSide[j];
        book.after[j].low <== pageNewLow[j];
        book.after[j].high <== pageNewHigh[j];
        book.after[j].word <== pageNewWord[j];
        book.after[j].row <== pageNewRow[j];
    }

    // ---- What the fund is short of, and the funding pool: it gets what accounts are charged and gives what the fund is credited.
    signal openInterest[4];
    for (var m = 0; m < 4; m++) {
        // The sizes sum to zero, so the sum of |size| is even: the longs are half of it.
        openInterest[m] <== steps.after.openSize[m] / 2;
    }
    component shortfall = Shortfall(A);
    component losingSide = LosingSide(A);
    losingSide.fundTrade <== steps.after.fundTrade;
    losingSide.isFund <== loadAccounts.isFund;
    losingSide.position <== steps.after.position;
    losingSide.lotValue <== lotValue;
    losingSide.settled <== settled;
    shortfall.losing <== losingSide.code;
    shortfall.isFund <== loadAccounts.isFund;
    shortfall.collateral <== steps.after.collateral;
    shortfall.value <== steps.after.value;
    shortfall.openInterest <== openInterest;
    shortfall.lotValue <== lotValue;
    shortfall.indexStep <== shortfallIndex;
    component insuranceFund = InsuranceFloor(A);
    insuranceFund.isFund <== loadAccounts.isFund;
    insuranceFund.equity <== shortfall.equity;
    insuranceFund.floor <== insuranceFloor;
    insuranceFund.before <== venueUninsured;
    // L1 restricts by words of 84 bits.
    signal venueWordAfter <== requests.restrictionsAfter + (1 << VENUE_UNINSURED_AT()) * insuranceFund.uninsured;
    signal finalCollateral[A];
    var pool = fundingPool - shortfall.amount;
    for (var j = 0; j < A; j++) {
        finalCollateral[j] <== steps.after.collateral[j] + loadAccounts.isFund[j] * shortfall.amount;
        pool += accountCollateral[j] - accountSettled[j];
    }
    signal fundingPoolAfter <== pool;

    // ---- Leaves after the batch.
    component leaving[A];
    component accounts = StoreAccounts(A);
    accounts.enabled <== accountEnabled;
    accounts.id <== accountId;
    accounts.bits <== loadAccounts.bits;
    accounts.crown <== accountCrown;
    accounts.path <== accountPath;
    accounts.leafBefore <== loadAccounts.leaf;
    accounts.positionWordBefore <== loadAccounts.positionWord;
    accounts.tradingLeafBefore <== loadAccounts.tradingLeaf;
    accounts.before <== accountBefore;
    accounts.rootBefore <== accountRoot;
    for (var j = 0; j < A; j++) {
        accounts.after[j].owner <== requests.after.owner[j];
        accounts.after[j].collateral <== finalCollateral[j];
        accounts.after[j].position <== steps.after.position[j];
        leaving[j] = SettledIndices(29);
        leaving[j].position <== steps.after.position[j];
        leaving[j].longIndex <== longIndex;
        leaving[j].shortIndex <== shortIndex;
        accounts.after[j].index <== leaving[j].index;
        accounts.after[j].key <== requests.after.key[j];
        accounts.after[j].nonce <== steps.after.nonce[j];
        accounts.after[j].keyEpoch <== requests.after.keyEpoch[j];
        accounts.after[j].tier <== accountTier[j];
        accounts.after[j].deadBelow <== steps.after.deadBelow[j];
        accounts.after[j].orders <== steps.after.orders[j];
        accounts.after[j].openNotional <== steps.after.openNotional[j];
    }
    component conservation = Conservation(A);
    conservation.collateralBefore <== accountCollateral;
    conservation.collateralAfter <== finalCollateral;
    conservation.positionBefore <== accountPosition;
    conservation.positionAfter <== steps.after.position;
    conservation.feePoolBefore <== feePool;
    conservation.feePoolAfter <== steps.after.feePool;
    conservation.fundingPoolBefore <== fundingPool;
    conservation.fundingPoolAfter <== fundingPoolAfter;
    conservation.deposited <== requests.deposited;
    conservation.paid <== requests.paid;
    signal reducedUntil[4];
    component fundSince[4];
    component markets = MarketTable();
    markets.before <== marketBefore;
    markets.quotePerTickLot <== marketQuotePerTickLot;
    markets.unitRest <== marketUnitRest;
    for (var m = 0; m < 4; m++) {
        markets.after[m].kind <== marketKind[m];
        markets.after[m].status <== breakers[m].status;
        markets.after[m].mark <== mark[m];
        markets.after[m].oracleTime <== marketKind[m] * oracleTime;
        markets.after[m].bidOrders <== steps.after.sideOrders[m][0];
        markets.after[m].askOrders <== steps.after.sideOrders[m][1];
        markets.after[m].haltedUntil <== breakers[m].haltedUntil;
        reducedUntil[m] <== marketReducedUntil[m] + shortfall.charged[m] * (timestamp + marketHaltSeconds[m] - marketReducedUntil[m]);
        markets.after[m].reducedUntil <== reducedUntil[m];
        markets.after[m].longIndex <== longIndex[m] + shortfall.longStep[m];
        markets.after[m].shortIndex <== shortIndex[m] + shortfall.shortStep[m];
        markets.after[m].openInterest <== openInterest[m];
        markets.after[m].sampledMark <== marginRates[m].sampledMark;
        markets.after[m].volatility <== marginRates[m].volatility;
        markets.after[m].volatilityAddon <== marginRates[m].volatilityAddon;
        markets.after[m].openInterestAddon <== marketOpenInterestAddonAfter[m];
        markets.after[m].congestionAddon <== marginRates[m].congestionAddon;
        markets.after[m].tierPpm <== marketTierPpm[m];
        fundSince[m] = FundSince();
        fundSince[m].before <== marketFundSince[m];
        fundSince[m].timestamp <== timestamp;
        fundSince[m].settleSeconds <== marketSettleSeconds[m];
        fundSince[m].settled <== settled[m];
        fundSince[m].open <== open[m];
        fundSince[m].traded <== losingSide.traded;
        fundSince[m].position <== losingSide.lots[m];
        fundSince[m].openInterest <== openInterest[m];
        markets.after[m].fundSince <== fundSince[m].after;
        markets.after[m].parameterWord <== configuration.parameterWord[m];
    }

    // ---- What the fills of the period say of each market: at most T a batch of 2^28 lots each, one batch a second.
    assert(T <= 32 && T * FUNDING_SECONDS() <= 1 << 20);
    component premiumRootBefore = PremiumRoot();
    component premiumRootAfter = PremiumRoot();
    Premium() premiumAfter[4];
    signal keptExcess[4];
    signal keptWeight[4];
    component turnover[4];
    for (var m = 0; m < 4; m++) {
        keptExcess[m] <== samePeriod * premiumExcess[m];
        keptWeight[m] <== samePeriod * premiumWeight[m];
        turnover[m] = Turnover();
        turnover[m].lots <== steps.after.filledLots[m];
        turnover[m].cost <== steps.after.filledCost[m];
        turnover[m].markBefore <== marketMark[m];
        turnover[m].mark <== mark[m];
        premiumAfter[m].excess <== keptExcess[m] + turnover[m].excess;
        premiumAfter[m].weight <== keptWeight[m] + turnover[m].weight;
        premiumAfter[m].rate <== rateAfter[m];
    }
    premiumRootBefore.premium <== premiumBefore;
    premiumRootBefore.period <== premiumPeriod;
    premiumRootAfter.premium <== premiumAfter;
    premiumRootAfter.period <== oraclePeriod;

    // ---- Log and roots.
    component messageLog = LogRoot(K);
    messageLog.leaf <== steps.hash;
    component rootsBefore = StateRoots();
    rootsBefore.accountRoot <== accountRoot;
    rootsBefore.marketLeaf <== markets.leafBefore;
    rootsBefore.feePool <== feePool;
    rootsBefore.fundingPool <== fundingPool;
    rootsBefore.requestsConsumed <== requestsBegin;
    rootsBefore.pageRoot <== pageRoot;
    rootsBefore.logHead <== logHead;
    rootsBefore.nextSequence <== firstSequence;
    rootsBefore.premiumRoot <== premiumRootBefore.root;
    rootsBefore.venueWord <== venue.word;
    component rootsAfter = StateRoots();
    rootsAfter.accountRoot <== accounts.rootAfter;
    rootsAfter.marketLeaf <== markets.leafAfter;
    rootsAfter.feePool <== steps.after.feePool;
    rootsAfter.fundingPool <== fundingPoolAfter;
    rootsAfter.requestsConsumed <== requestsBegin + requests.count;
    rootsAfter.pageRoot <== book.rootAfter;
    rootsAfter.logHead <== Poseidon(2)([logHead, messageLog.root]);
    rootsAfter.nextSequence <== steps.after.sequence;
    rootsAfter.premiumRoot <== premiumRootAfter.root;
    rootsAfter.venueWord <== venueWordAfter;
    signal epochHash <== Poseidon(3)([timestamp, oracle.oracleHash, requestsBegin + requests.count]);

    // ---- The data stream: header and body.
    component body = StreamBody(R, A);
    body.enabled <== requestEnabled;
    for (var i = 0; i < R; i++) {
        body.queue[i] <== [requests.head[i], requestData[i][0], requestData[i][1]];
    }
    body.outcome <== requests.outcome;
    body.messages <== steps.count;
    body.accountWord <== accounts.word;
    body.accountPresent <== accounts.present;
    body.marketWord <== markets.word;
    body.marketPresent <== markets.present;
    var fixed = HEADER_WORDS();
    var slots = fixed + (REQUEST_WORDS() + 1) * R + ACCOUNT_RECORD_WORDS() * A + MARKET_RECORD_WORDS() * 4;
    component stream = Stream(slots, fixed);
    stream.r <== r;
    for (var i = 0; i < slots; i++) {
        if (i < fixed) {
            stream.present[i] <== 1;
        } else {
            stream.word[i] <== body.word[i - fixed];
            stream.present[i] <== body.present[i - fixed];
        }
    }
    stream.word[HEADER_DOMAIN()] <== domain;
    stream.word[HEADER_CONFIG_HASH()] <== configuration.hash;
    stream.word[HEADER_BATCH_NUMBER()] <== batchNumber;
    stream.word[HEADER_OLD_STATE_ROOT()] <== rootsBefore.stateRoot;
    stream.word[HEADER_NEW_STATE_ROOT()] <== rootsAfter.stateRoot;
    stream.word[HEADER_NEW_EXIT_ROOT()] <== rootsAfter.exitRoot;
    stream.word[HEADER_TIMESTAMP()] <== timestamp;
    stream.word[HEADER_EPOCH_HASH()] <== epochHash;
    stream.word[HEADER_FIRST_SEQUENCE()] <== firstSequence;
    stream.word[HEADER_LOG_ROOT()] <== messageLog.root;
    stream.word[HEADER_REQUESTS_BEGIN()] <== requestsBegin;
    stream.word[HEADER_COUNTS()] <== body.counts;
    stream.word[HEADER_FEE_POOL()] <== steps.after.feePool;
    stream.word[HEADER_FUNDING_POOL()] <== fundingPoolAfter;
    c === stream.c;
    y === stream.y;
}
