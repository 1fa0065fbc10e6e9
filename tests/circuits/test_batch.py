"""The smallest batch: what it puts together from its parts."""

from functools import cache

import pytest
from msgspec.structs import replace

from prover.circuit import PUBLIC_INPUTS
from sequencer.batch import sealed, tables
from sequencer.batch.builder import BatchBuilder
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.signatures import UNSIGNED
from sequencer.batch.sizes import BatchSize
from sequencer.crypto import eighth, montgomery
from sequencer.engine import epoch
from sequencer.engine.commands import OpenEpoch
from sequencer.engine.events import BookExhausted, Dropped, Filled, Rested, ShortfallCharged, TakenOver
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus, RequestKind, Side, Verdict
from sequencer.model.config import Configuration, FeeTier
from sequencer.model.market import MarketParameters
from sequencer.model.message import Message
from sequencer.model.premium import Premium
from sequencer.model.request import Request
from sequencer.model.schedule import MarginSchedule
from sequencer.model.venue import NO_RESTRICTIONS, Venue
from sequencer.model.words import from_field
from soundness.hints.inputs import value_at
from tests import strategies as s
from tests.batch.fixtures import ledger_of
from tests.circuits.book.lies import Tables, with_lies
from tests.circuits.harness import CircuitTester

SIZE = BatchSize(
    "smallest", steps=3, accounts=3, pages=2, rows=4, messages=2, requests=1, signatures="single"
)
LAST_SECOND = (1 << c.TIME_BITS) - 1
(OLD,) = s.configuration().markets
CHANGED = replace(
    s.configuration(
        (MarketParameters(OLD.quote_per_tick_lot, 150_000, 70_000, 300_000, 9, 40, 200_000, 30, 200, 300),)
    ),
    tiers=(FeeTier(-200, 600), *[FeeTier(0, 500)] * (c.TIERS - 1)),
    oracle_max_age_seconds=30,
)
UNDER_IT, LIQUIDATED, CHARGED, SETTLED = 4, 5, 7, 8
REDUCING, GOING_ON, NEW_PERIOD = 11, 12, 13
UNSAMPLED, SAMPLED = 15, 16
RESTRICTING, RESTRICTED, CONGESTED = 17, 18, 19
UNINSURED, STOPPED, INSURED = 20, 21, 22
TAKEN, IN_TIME, OVERDUE, STANDING, EMPTIED, REOPENED, HALTED = 23, 24, 25, 26, 28, 29, 30
MOVING = MarginSchedule(
    open_interest_lower=0,
    open_interest_upper=10,
    volatility_factor=25,
    addon_max_ppm=45_000,
    addon_step_ppm=20_000,
    tier_ppm=1_000_000,
    congestion_ppm=50_000,
    settle_seconds=100,
)
"""Ten lots raise the initial margin by a tenth of what is missing to the whole value."""


@pytest.fixture(scope="module")
def batch() -> CircuitTester:
    sizes = (SIZE.steps, SIZE.accounts, SIZE.pages, SIZE.rows, SIZE.messages, SIZE.requests, 0)
    return CircuitTester("Batch", sizes, PUBLIC_INPUTS)


class Exchange:
    """Two traders of the first market, and the insurance fund.

    Parameters
    ----------
    debtor
        Lots, signed, that the second trader has of the first one.
    equity
        What the second trader is worth; a fifth of its maintenance margin unless told.
    second
        Its account.
    reduced_until
        Of the markets.
    schedule
        Of the market's margins, if it is not that of the strategies.
    markets
        How many there are.
    insurance_floor
        Of the configuration.
    venue
        What L1 restricts.
    """

    def __init__(
        self,
        debtor: int = 0,
        equity: int | None = None,
        second: int = 2,
        reduced_until: int = 0,
        schedule: MarginSchedule | None = None,
        markets: int = 1,
        insurance_floor: int = 0,
        venue: Venue = NO_RESTRICTIONS,
    ) -> None:
        self.markets = markets
        self.state = s.genesis(accounts=2, markets=markets)
        if debtor:
            self._owe(debtor, equity, second)
        if schedule:
            self._configure(replace(self.state.configuration, schedules=(schedule,)))
        if insurance_floor:
            self._configure(replace(self.state.configuration, insurance_floor=insurance_floor))
        for slot in range(markets):
            self.state.put_market(slot, replace(self.state.market(slot), reduced_until=reduced_until))
        self.state.put_venue(venue)
        self.state.commit()
        self.ledger = ledger_of(self.state)

    def _configure(self, configuration: Configuration) -> None:
        self.state.configure(configuration)
        self.state.require_configuration(configuration.hash())

    def _owe(self, lots: int, equity: int | None, second: int) -> None:
        market = self.state.market(0)
        value = market.value(abs(lots))
        left = value * OLD.maintenance_ppm // (5 * c.PPM_UNIT) if equity is None else equity
        for number, size, own in ((1, -lots, value), (second, lots, left)):
            account = replace(
                self.state.account(number), collateral=own - market.value(size), positions=(size, 0, 0, 0)
            )
            self.state.put_account(number, account)
        self.state.put_market(0, replace(market, open_interest=abs(lots)))

    def sealed(
        self,
        request: Request,
        *messages: Message,
        timestamp: int | None = None,
        age: int = 0,
        mark: int = s.MARK,
        configuration: Configuration | None = None,
    ) -> SealedBatch:
        """The next batch, one second later unless told; its oracle round is `age` seconds old."""
        now = timestamp or self.state.timestamp + 1
        prices = (*[mark] * self.markets, *[0] * (c.MARKETS - self.markets))
        opening = OpenEpoch(now, s.signed_round(now - age, prices), configuration)
        builder = BatchBuilder(self.ledger, self.state, SIZE, opening)
        assert builder.add_request(request)
        for message in messages:
            assert (
                builder.add_unsigned(message)
                if message.is_unsigned
                else builder.add_message(s.signed_message(message))
            )
        return builder.seal()


def request(kind: RequestKind, amount: int, account: int = 1) -> Request:
    return Request(kind, account, s.owner_of(account), amount)


def order(account: int, side: Side, size: int) -> Message:
    return Message(account, 1, nonce=1, side=side, price=s.MARK, size=size, max_fee_ppm=1_000)


@cache
def batches() -> tuple[Tables, ...]:
    """A deposit and a trade, which leaves a position open; a withdrawal and no message; a forced trade; then
    a change, and a trade under other fees and other parameters of the market; a liquidation; an unwinding;
    for each side a charge of what the fund is short of, and the settlement of one who pays it; orders in a
    market that reduces; a trade off the mark, with more in the open period, and the first of the next; a
    deposit of the fund, which is in debt; margins that move, with a sample and without; what L1 restricts; a
    fund below its floor; and a market that settles, empties and opens again."""
    exchange = Exchange()
    traded = exchange.sealed(
        request(RequestKind.DEPOSIT, 1_000), order(1, Side.SELL, size=5), order(2, Side.BUY, size=3)
    )
    withdrawn = exchange.sealed(request(RequestKind.WITHDRAW, 300))
    forced = exchange.sealed(
        s.forced(replace(order(2, Side.BUY, size=2), nonce=2)), replace(order(1, Side.BUY, size=2), nonce=2)
    )
    assert [len(forced.trades), len(forced.messages), len(forced.log_leaves)] == [1, 1, 2]
    change = exchange.sealed(s.change(CHANGED.hash()))
    under_it = exchange.sealed(
        request(RequestKind.DEPOSIT, 1),
        replace(order(2, Side.SELL, size=9), nonce=3),
        configuration=CHANGED,
    )
    assert len(under_it.trades) == 1
    charges = (*charged(-10), *charged(10))
    told = (traded, withdrawn, forced, change, under_it, *liquidated(), *charges, reducing(), *premiums())
    stopped = (*restricting(), *uninsured(), *settling(), halted())
    return tuple(batch.inputs for batch in (*told, loaded_below_zero(), *sampling(), *stopped))


def liquidated() -> tuple[SealedBatch, SealedBatch]:
    """A bidder takes three lots of a liquidation, the insurance fund four, of which it then sells three."""
    exchange = Exchange(debtor=10)
    exchange.sealed(request(RequestKind.DEPOSIT, 1_000), order(1, Side.BUY, size=3))
    sold = exchange.sealed(request(RequestKind.DEPOSIT, 1), Message.liquidation(2, 0, Side.SELL, 7))
    assert [type(event) for event in sold.events[-3:]] == [Filled, BookExhausted, TakenOver]
    bid = replace(order(1, Side.BUY, size=3), nonce=2)
    unwound = exchange.sealed(
        request(RequestKind.DEPOSIT, 1), bid, Message.unwinding(0, Side.SELL, 3, s.MARK)
    )
    assert len(unwound.trades) == 1
    return sold, unwound


def charged(debtor: int) -> tuple[SealedBatch, SealedBatch]:
    """The insurance fund takes over lots and a debt; the first trader settles its charge a minute later."""
    reduced_until = s.START + (5 if debtor > 0 else -5)
    exchange = Exchange(debtor, equity=-300_001, reduced_until=reduced_until)
    side = Side.SELL if debtor > 0 else Side.BUY
    taken = exchange.sealed(request(RequestKind.DEPOSIT, 1), Message.liquidation(2, 0, side, 10))
    (charge,) = (event for event in taken.events if isinstance(event, ShortfallCharged))
    assert exchange.state.market(0).reduced_until == s.START + 1 + OLD.halt_seconds
    # A second of funding is part of a unit, which a long owes and a short does not get.
    assert (charge.market, charge.side, charge.amount) == (0, side, 300_001 + (debtor > 0))
    settled = exchange.sealed(request(RequestKind.DEPOSIT, 1), timestamp=exchange.state.timestamp + 60)
    (loaded,) = (slot for slot in range(SIZE.accounts) if value_at(settled.inputs["accountId"], (slot,)) == 1)
    before, after = (
        from_field(value_at(settled.inputs[name], (loaded,)))
        for name in ("accountCollateral", "accountSettled")
    )
    funding = 60 * s.RATES[0] * s.MARK * OLD.quote_per_tick_lot
    assert before - after == -(-10 * (charge.index + (funding if debtor < 0 else -funding)) // c.INDEX_UNIT)
    return taken, settled


def loaded_below_zero() -> SealedBatch:
    """The insurance fund holds lots and is in debt, but it does not trade: nobody is charged."""
    exchange = Exchange(10, equity=-300_001, second=c.INSURANCE_ACCOUNT)
    batch = exchange.sealed(request(RequestKind.DEPOSIT, 1, c.INSURANCE_ACCOUNT))
    assert not any(isinstance(event, ShortfallCharged) for event in batch.events)
    assert exchange.state.account(c.INSURANCE_ACCOUNT).collateral < -300_000
    return batch


def reducing() -> SealedBatch:
    """A second after a charge of the first trader's side, an order without the flag, and one with it."""
    exchange = Exchange(10, equity=-300_001)
    exchange.sealed(request(RequestKind.DEPOSIT, 1), Message.liquidation(2, 0, Side.SELL, 10))
    unflagged = order(1, Side.BUY, size=3)
    flagged = replace(unflagged, nonce=2, reduce_only=True)
    batch = exchange.sealed(request(RequestKind.DEPOSIT, 1), unflagged, flagged)
    assert [event.verdict for event in batch.events if isinstance(event, Dropped)] == [Verdict.REDUCE_ONLY]
    assert isinstance(batch.events[-1], Rested)
    return batch


def premiums() -> tuple[SealedBatch, SealedBatch]:
    """Three lots trade 1 % above the mark in one batch, and one in the next; then a period begins."""
    exchange = Exchange()

    def trade(lots: int, nonce: int, timestamp: int | None = None) -> SealedBatch:
        sell, buy = (
            replace(order(account, side, lots), nonce=nonce, price=s.MARK + 10)
            for account, side in ((1, Side.SELL), (2, Side.BUY))
        )
        return exchange.sealed(request(RequestKind.DEPOSIT, 1), sell, buy, timestamp=timestamp)

    trade(3, 1)
    going_on = trade(2, 2)
    assert exchange.ledger.counters.premiums[0] == Premium(50, 5_000, s.RATES[0])
    begun = trade(4, 3, exchange.state.timestamp + c.FUNDING_SECONDS)
    assert exchange.ledger.counters.premiums[0] == Premium(40, 4_000, 10_000 + c.PREMIUM_DAMPENER_PPM)
    return going_on, begun


def sampling() -> tuple[SealedBatch, SealedBatch]:
    """Withdrawals of all that the margins leave, in the cell of the last mark and in the next."""
    exchange = Exchange(10, equity=900_000, schedule=MOVING)
    most = request(RequestKind.WITHDRAW, (1 << c.AMOUNT_BITS) - 1, 2)
    unsampled = exchange.sealed(most, mark=1_010)
    market = exchange.state.market(0)
    assert (market.sampled_mark, market.volatility_ppm, market.volatility_addon_ppm) == (1_000, 3_000, 0)
    assert market.open_interest_addon_ppm == 900_000 * 101 // 1_000
    batch = exchange.sealed(
        most, order(1, Side.BUY, size=1), timestamp=s.START + c.SAMPLE_SECONDS, mark=1_020
    )
    market = exchange.state.market(0)
    assert (market.sampled_mark, market.volatility_ppm) == (1_010, (7 * 3_000 + 10_000 + 7) // 8)
    assert market.volatility_addon_ppm == MOVING.addon_step_ppm
    assert market.open_interest_addon_ppm == 880_000 * 102 // 1_000
    return unsampled, batch


def restricting() -> tuple[SealedBatch, SealedBatch, SealedBatch]:
    """What L1 says holds from the next batch on; then the restriction is over, and the congestion goes on."""
    exchange = Exchange()
    word = Venue(congested_until=s.START + 4, restricted_markets=0b0001, restricted_until=s.START + 3)
    sell, buy = order(1, Side.SELL, size=5), order(2, Side.BUY, size=3)
    told = exchange.sealed(s.restriction(word), sell, buy)
    assert len(told.trades) == 1
    assert exchange.state.venue == word
    held = exchange.sealed(request(RequestKind.DEPOSIT, 1), replace(buy, nonce=2))
    assert not held.trades
    market = exchange.state.market(0)
    assert (market.status, market.congestion_addon_ppm) == (MarketStatus.REDUCE_ONLY, 30_000)
    over = exchange.sealed(s.restriction(Venue()), replace(buy, nonce=3, size=2))
    assert len(over.trades) == 1
    market = exchange.state.market(0)
    assert (market.status, market.congestion_addon_ppm) == (MarketStatus.OPEN, 30_000)
    assert exchange.state.venue == Venue()
    return told, held, over


def uninsured() -> tuple[SealedBatch, SealedBatch, SealedBatch]:
    """A payment leaves the fund a unit below its floor, which stops the market; another one opens it."""
    exchange = Exchange(insurance_floor=5)
    below = exchange.sealed(s.insurance(4))
    stopped = exchange.sealed(request(RequestKind.DEPOSIT, 1), order(1, Side.SELL, size=5))
    assert isinstance(stopped.events[-1], Dropped)
    insured = exchange.sealed(s.insurance(1))
    told = [batch.change.counters.venue.uninsured for batch in (below, stopped, insured)]
    assert told == [True, True, False]
    return below, stopped, insured


def settling() -> tuple[SealedBatch, ...]:
    """The fund takes four lots over and keeps them for too long: the market settles at its mark.

    Then it is unwound twice in a batch, by force and of itself; everybody trades until nobody holds anything;
    and the market opens again at the mark of its round.
    """
    exchange = Exchange(10, schedule=replace(s.SCHEDULES[0], settle_seconds=2))
    deposit, unwinding = request(RequestKind.DEPOSIT, 1), Message.unwinding(0, Side.SELL, 1, s.MARK)

    def fund_since() -> int:
        return exchange.state.market(0).fund_since

    taken = exchange.sealed(deposit, Message.liquidation(2, 0, Side.SELL, 4))
    assert fund_since() == s.START + 1
    in_time = exchange.sealed(deposit, timestamp=s.START + 3)
    assert fund_since() == s.START + 1
    bid = replace(order(1, Side.BUY, size=2), reduce_only=True, price=1_010)
    overdue = exchange.sealed(deposit, bid, mark=1_010)
    assert fund_since() == c.SETTLED_SINCE
    indices = [exchange.state.market(0).long_index]
    standing = exchange.sealed(
        s.forced(replace(unwinding, price=1_010)), replace(unwinding, price=1_010), mark=1_020
    )
    market = exchange.state.market(0)
    assert [len(standing.trades), market.status, market.mark] == [2, MarketStatus.SETTLED, 1_010]
    assert [market.long_index] == indices
    rest = replace(bid, nonce=2, size=8)
    closing = exchange.sealed(
        deposit, rest, replace(order(2, Side.SELL, size=6), reduce_only=True, ioc=True), mark=1_030
    )
    assert exchange.state.market(0).open_interest == 2
    emptied = exchange.sealed(deposit, replace(unwinding, size=2, price=1_010))
    assert (exchange.state.market(0).open_interest, fund_since()) == (0, 0)
    reopened = exchange.sealed(deposit, replace(bid, nonce=3, reduce_only=False), mark=1_030)
    market = exchange.state.market(0)
    assert (market.status, market.mark) == (MarketStatus.OPEN, 1_030)
    return taken, in_time, overdue, standing, closing, emptied, reopened


def halted() -> SealedBatch:
    """A halt restarts the time of the fund, however long it has held its lots."""
    exchange = Exchange(10, schedule=replace(s.SCHEDULES[0], settle_seconds=2))
    exchange.sealed(request(RequestKind.DEPOSIT, 1), Message.liquidation(2, 0, Side.SELL, 4))
    batch = exchange.sealed(request(RequestKind.DEPOSIT, 1), timestamp=s.START + 9, mark=2 * s.MARK)
    assert exchange.state.market(0).fund_since == s.START + 9
    return batch


@pytest.mark.parametrize(
    "place",
    range(31),
    ids=[
        "deposit and trade",
        "withdrawal",
        "forced trade",
        "change",
        "trade after a change",
        "liquidation",
        "unwinding",
        "charge of longs",
        "a long that is charged",
        "charge of shorts",
        "a short that is charged",
        "orders in a market that reduces",
        "another trade of a period",
        "first trade of a period",
        "a fund in debt that does not trade",
        "margins without a sample",
        "margins after a sample",
        "a restriction",
        "a market that is restricted",
        "a market in congestion",
        "a fund below its floor",
        "a market without insurance",
        "a fund at its floor",
        "a takeover of lots to keep",
        "lots that the fund has kept in time",
        "lots that it has kept for too long",
        "a settled market, unwound twice",
        "a settled market, closing",
        "a settled market, emptied",
        "a market that opens again",
        "a halt with lots of the fund",
    ],
)
def test_batches_of_the_engine_are_accepted(batch: CircuitTester, place: int) -> None:
    assert batch.accepts(batches()[place])


@pytest.mark.parametrize("name", ["c", "y"])
def test_the_public_values_are_those_of_the_stream(batch: CircuitTester, name: str) -> None:
    honest = batches()[0]
    assert batch.rejects(honest | {name: honest[name] + 1})


@pytest.mark.parametrize(("place", "message"), [(0, 0), (0, 1), (2, 1)])
def test_a_message_without_a_signature_is_not_sequenced(
    batch: CircuitTester, place: int, message: int
) -> None:
    """Where no slot is selected, nobody is asked: that none is selected must follow from the message."""
    unsigned = {f"signatureSlot.{message}.{slot}": 0 for slot in range(SIZE.accounts)}
    assert batch.rejects(with_lies(batches()[place], unsigned))
    q = list(montgomery(eighth(*UNSIGNED[:2])))
    forged = {f"signatureQ.{message}": q, f"signatureS.{message}": UNSIGNED[2]}
    assert batch.rejects(with_lies(batches()[place], unsigned | forged))


def test_only_the_insurance_fund_takes_over_and_for_one_quote(batch: CircuitTester) -> None:
    told, funds_step = batches()[LIQUIDATED], 2
    assert told["accountId"] == [c.INSURANCE_ACCOUNT, 1, 2]
    assert told["stepOwnerSlot"][funds_step] == [1, 0, 0]
    for slots in ([0, 1, 0], [0, 0, 1], [0, 0, 0]):
        assert batch.rejects(with_lies(told, {f"stepOwnerSlot.{funds_step}": slots}))
    for change in (-1, 1):
        quote = (told["stepQuote"][funds_step] + change) % c.FIELD_MODULUS
        assert batch.rejects(with_lies(told, {f"stepQuote.{funds_step}": quote}))


@pytest.mark.parametrize(
    "field",
    [
        "InitialPpm",
        "MaintenancePpm",
        "BandPpm",
        "MinSize",
        "MaxPosition",
        "MaxMovePpm",
        "HaltSeconds",
        "LiquidationFeePpm",
        "InterestPpm",
        "OpenInterestLower",
        "OpenInterestUpper",
        "VolatilityFactor",
        "AddonMaxPpm",
        "AddonStepPpm",
        "TierPpm",
        "CongestionPpm",
        "SettleSeconds",
    ],
)
def test_no_other_parameter_is_used_under_the_hash(batch: CircuitTester, field: str) -> None:
    parameter = f"market{field}.0"
    told = batches()[UNDER_IT]
    assert batch.rejects(with_lies(told, {parameter: told[f"market{field}"][0] - 1}))


@pytest.mark.parametrize("place", [UNDER_IT, UNINSURED, INSURED])
@pytest.mark.parametrize("change", [-1, 1])
def test_no_other_floor_is_used_under_the_hash(batch: CircuitTester, place: int, change: int) -> None:
    told = batches()[place]
    floor = (told["insuranceFloor"] + change) % c.FIELD_MODULUS
    assert batch.rejects(with_lies(told, {"insuranceFloor": floor}))


@pytest.mark.parametrize("place", [RESTRICTING, RESTRICTED, CONGESTED, UNINSURED, STOPPED, INSURED])
@pytest.mark.parametrize(
    "name",
    [
        "venueCongestedUntil",
        *(f"venueRestricted.{slot}" for slot in range(c.MARKETS)),
        "venueRestrictedUntil",
        "venueUninsured",
    ],
)
def test_nothing_that_stops_a_market_can_be_lied_about(batch: CircuitTester, place: int, name: str) -> None:
    told = batches()[place]
    field, *places = name.split(".")
    value = value_at(told[field], tuple(map(int, places)))
    for lie in {0, 1, value - 1, value + 1, s.START} - {value}:
        assert batch.rejects(with_lies(told, {name: lie % c.FIELD_MODULUS}))


@pytest.mark.parametrize("place", [TAKEN, IN_TIME, OVERDUE, STANDING, EMPTIED, REOPENED, HALTED])
@pytest.mark.parametrize("slot", [0, 3])
def test_no_time_of_the_fund_can_be_lied_about(batch: CircuitTester, place: int, slot: int) -> None:
    told = batches()[place]
    value = told["marketFundSince"][slot]
    for lie in {0, c.SETTLED_SINCE, value + 1, s.START} - {value}:
        assert batch.rejects(with_lies(told, {f"marketFundSince.{slot}": lie}))


@pytest.mark.parametrize("place", [UNSAMPLED, CONGESTED, STANDING])
def test_the_last_round_is_that_of_the_leaves(batch: CircuitTester, place: int) -> None:
    told = batches()[place]
    for change in (-1, 1, -c.SAMPLE_SECONDS):
        time = told["marketsOracleTime"] + change
        lie = {"marketsOracleTime": time, "sampleBefore": time // c.SAMPLE_SECONDS}
        assert batch.rejects(told | lie)


@pytest.mark.parametrize("change", [1, 1 << c.MARKET_INITIAL_AT])
def test_the_parameters_before_are_those_of_the_leaf(batch: CircuitTester, change: int) -> None:
    told = batches()[UNDER_IT]
    word = told["marketParameterWord"][0] + change
    rest = (word - told["marketQuotePerTickLot"][0]) // (1 << c.MARKET_INITIAL_AT)
    assert batch.rejects(with_lies(told, {"marketParameterWord.0": word, "marketUnitRest.0": rest}))


@pytest.mark.parametrize("place", [CHARGED, SETTLED, CHARGED + 2, SETTLED + 2])
@pytest.mark.parametrize(
    "name",
    [
        "accountSettled.0",
        "accountIndex.0.0",
        "accountIndex.1.0",
        "marketLongIndex.0",
        "marketShortIndex.0",
        "marketOpenInterest.0",
        "fundingPool",
        "shortfallIndex",
    ],
)
def test_nothing_that_is_owed_can_be_lied_about(batch: CircuitTester, place: int, name: str) -> None:
    told = batches()[place]
    field, *places = name.split(".")
    value = value_at(told[field], tuple(map(int, places)))
    for change in (1, -1, c.INDEX_UNIT):
        assert batch.rejects(with_lies(told, {name: (value + change) % c.FIELD_MODULUS}))


@pytest.mark.parametrize("place", [REDUCING, GOING_ON, NEW_PERIOD])
@pytest.mark.parametrize(
    "name",
    [
        "premiumExcess.0",
        "premiumExcess.3",
        "premiumWeight.0",
        "premiumWeight.3",
        "premiumRate.0",
        "premiumRate.3",
        "premiumPeriod",
        "oraclePeriod",
        "premiumPpm.0",
        "premiumPpm.3",
        "marketReducedUntil.0",
        "marketReducedUntil.3",
    ],
)
def test_no_premium_and_no_end_can_be_lied_about(batch: CircuitTester, place: int, name: str) -> None:
    told = batches()[place]
    field, *places = name.split(".")
    value = value_at(told[field], tuple(map(int, places)))
    for change in (1, -1, c.FUNDING_SECONDS):
        assert batch.rejects(with_lies(told, {name: (value + change) % c.FIELD_MODULUS}))


def test_a_period_does_not_begin_early_or_late(batch: CircuitTester) -> None:
    """Each number by itself is one that another state, or another round, would have."""
    for place in (GOING_ON, NEW_PERIOD):
        told = batches()[place]
        for number in (told["oraclePeriod"] - 1, told["oraclePeriod"], told["oraclePeriod"] + 1):
            lie = {"premiumPeriod": number, "oraclePeriod": number}
            honest = all(told[name] == value for name, value in lie.items())
            assert honest or batch.rejects(told | lie)


@pytest.mark.parametrize("change", [-1, 0, 1])
def test_no_other_period_is_claimed(
    batch: CircuitTester, change: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rates, sums, roots and the stream are those of the period that is claimed."""
    begin, premiums_told = epoch._begin_period, tables.premium_inputs
    claimed = s.START // c.FUNDING_SECONDS + change
    monkeypatch.setattr(epoch, "_begin_period", lambda state, markets, _: begin(state, markets, claimed))
    monkeypatch.setattr(
        sealed, "premium_inputs", lambda *terms: premiums_told(*terms) | {"oraclePeriod": claimed}
    )
    told = Exchange().sealed(request(RequestKind.DEPOSIT, 1)).inputs
    assert batch.accepts(told) if change == 0 else batch.rejects(told)


@pytest.mark.parametrize("place", [UNSAMPLED, SAMPLED, CONGESTED, STANDING])
@pytest.mark.parametrize(
    "name",
    [
        "sampleBefore",
        "sampleAfter",
        "marketSampledMark.0",
        "marketSampledMark.3",
        "marketVolatility.0",
        "marketVolatility.3",
        "marketVolatilityAddon.0",
        "marketVolatilityAddon.3",
        "marketOpenInterestAddon.0",
        "marketOpenInterestAddon.3",
        "marketReturn.0",
        "marketReturn.3",
        "marketVolatilityAfter.0",
        "marketVolatilityAfter.3",
        "marketOpenInterestAddonAfter.0",
        "marketOpenInterestAddonAfter.3",
        "marketCongestionAddon.0",
        "marketCongestionAddon.3",
        "marketTier.0",
        "marketTier.3",
        "marketTierStep.0",
        "marketTierStep.3",
        "marketOpenInterestLower.3",
        "marketOpenInterestUpper.3",
        "marketVolatilityFactor.3",
        "marketAddonMaxPpm.3",
        "marketAddonStepPpm.3",
        "marketTierPpm.3",
        "marketCongestionPpm.3",
        "marketSettleSeconds.3",
    ],
)
def test_no_margin_can_be_lied_about(batch: CircuitTester, place: int, name: str) -> None:
    told = batches()[place]
    field, *places = name.split(".")
    value = value_at(told[field], tuple(map(int, places)))
    for change in (1, -1):
        assert batch.rejects(with_lies(told, {name: (value + change) % c.FIELD_MODULUS}))


FIRST_CELL = s.START // c.SAMPLE_SECONDS


@pytest.mark.parametrize(
    ("seconds", "claim"),
    [
        (1, {}),
        (1, {"sampleBefore": FIRST_CELL - 1}),
        (1, {"sampleBefore": FIRST_CELL + 1}),
        (1, {"sampleAfter": FIRST_CELL - 1}),
        (1, {"sampleAfter": FIRST_CELL + 1}),
        (c.SAMPLE_SECONDS, {}),
        (c.SAMPLE_SECONDS, {"sampleBefore": FIRST_CELL + 1}),
        (c.SAMPLE_SECONDS, {"sampleBefore": FIRST_CELL - 1}),
        (c.SAMPLE_SECONDS, {"sampleAfter": FIRST_CELL}),
        (c.SAMPLE_SECONDS, {"sampleAfter": FIRST_CELL + 2}),
    ],
    ids=str,
)
def test_no_other_cell_is_claimed(
    batch: CircuitTester, seconds: int, claim: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a sample is taken, margins, roots and the stream are those of the cells that are claimed."""
    cells = {"sampleBefore": FIRST_CELL, "sampleAfter": FIRST_CELL + seconds // c.SAMPLE_SECONDS} | claim
    differ = cells["sampleBefore"] != cells["sampleAfter"]
    told = tables.margin_inputs
    monkeypatch.setattr(epoch, "is_sampling", lambda *_: differ)
    monkeypatch.setattr(sealed, "margin_inputs", lambda draft: told(draft) | cells)
    lie = Exchange(10, equity=900_000, schedule=MOVING).sealed(
        request(RequestKind.DEPOSIT, 1), timestamp=s.START + seconds
    )
    assert batch.rejects(lie.inputs) if claim else batch.accepts(lie.inputs)


def test_time_ends_with_its_40_bits(batch: CircuitTester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four markets that were reduce-only once, after a congestion and a restriction.

    Else a comparison with one of those times would bound it.
    """
    monkeypatch.setattr("sequencer.engine.epoch.check_integer", lambda *_: None)
    deposit, over = request(RequestKind.DEPOSIT, 1), Venue(congested_until=1, restricted_until=1)
    last, late = (Exchange(reduced_until=1, markets=c.MARKETS, venue=over) for _ in range(2))
    assert batch.accepts(last.sealed(deposit, timestamp=LAST_SECOND).inputs)
    assert batch.rejects(late.sealed(deposit, timestamp=LAST_SECOND + 1, age=1).inputs)
