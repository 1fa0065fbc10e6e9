"""Who is liquidated, by how much, at what price and at whose cost: docs/spec/liquidation.md at its edges.

Alice is long of ten lots at a mark of 1000, of which each must maintain 50: 500 together.
"""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sequencer.engine import State, apply
from sequencer.engine.commands import ProcessRequest, SequenceMessage
from sequencer.engine.events import (
    BookExhausted,
    CancelledAll,
    Dropped,
    Event,
    Filled,
    MessageSequenced,
    TakenOver,
)
from sequencer.engine.liquidation import is_liquidatable
from sequencer.engine.margin import health
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Side, Verdict
from sequencer.model.config import FeeTier
from sequencer.model.market import Market, MarketParameters
from sequencer.model.message import Message
from sequencer.model.order import Order
from tests.engine.venue import (
    ENGINE,
    FREE,
    PLAIN,
    RICH,
    Setting,
    Venue,
    engine_snapshot,
    fills,
    halted_market,
    removed,
    table,
    verdicts,
)
from tests.strategies import (
    DOMAIN,
    MARK,
    START,
    configuration_of,
    forced,
    funded_account,
    open_market,
    with_orders,
)

BUY, SELL = Side.BUY, Side.SELL
LOTS = 10
WAITING, LOST = 400, 200
"""Equities of which 80 % and 40 % of the maintenance margin are left: only the second is the fund's."""


def holding(lots: int, equity: int) -> dict[str, Any]:
    return {"positions": (lots, 0, 0, 0), "collateral": equity - lots * MARK}


def venue_of(
    setting: Setting,
    equity: int,
    book: str = "",
    *,
    lots: int = LOTS,
    fund: int = 0,
    fee_ppm: int = 0,
    orders: tuple[Order, ...] = (),
    **fields: Any,
) -> Venue:
    """Alice with this equity, Erin with the opposite position, a fund that may hold one too."""
    accounts = {
        "alice": holding(lots, equity),
        "erin": holding(-lots - fund, RICH),
        "fund": {"positions": (fund, 0, 0, 0)},
    }
    longs = sum(size for size in (lots, -lots - fund, fund) if size > 0)
    market = replace(open_market(replace(PLAIN, liquidation_fee_ppm=fee_ppm)), open_interest=longs)
    return setting(book, accounts=accounts, markets=(market,), orders=orders, **fields)


def resting(sequence: int, account: int, price: int, size: int = 1, **fields: Any) -> Order:
    terms = {"expiry": c.NEVER_EXPIRES, "max_fee_ppm": 1_000, "reduce_only": False}
    return Order(0, BUY, price, sequence, account, size, **terms | fields)


def equity_of(venue: Venue, name: str = "alice") -> int:
    return venue.account(name).collateral + MARK * venue.position(name)


# ---- Whom.


@pytest.mark.parametrize(("equity", "is_due"), [(500, False), (499, True), (-1, True)])
def test_an_account_below_its_maintenance_margin_is_liquidated(
    setting: Setting, equity: int, is_due: bool
) -> None:
    venue = venue_of(setting, equity, "bob 1 @ 1050 |")
    assert verdicts(venue.liquidate("alice", SELL, 1)) == [Verdict.NOT_DUE] * (not is_due)
    assert venue.position("alice") == LOTS - is_due


def test_the_insurance_fund_is_never_liquidatable() -> None:
    venue = venue_of(Setting(ENGINE), 500, fund=-9)
    assert equity_of(venue, "fund") < 0
    assert not is_liquidatable(venue.state, c.INSURANCE_ACCOUNT)


def test_an_account_that_does_not_exist_owes_nothing(setting: Setting) -> None:
    venue = venue_of(setting, 500, absent="dave")
    assert verdicts(venue.liquidate("dave", SELL, 1)) == [Verdict.REDUCE_ONLY]
    assert venue.account("dave") == Account()


def test_nobody_signs_it_and_no_nonce_is_consumed(setting: Setting) -> None:
    venue = venue_of(setting, WAITING, "bob 1 @ 1000 |")
    before = venue.account("alice")
    message = Message.liquidation(1, 0, SELL, 1)
    sequenced, _ = venue.apply(SequenceMessage(message))
    assert sequenced == MessageSequenced(2, message, authenticated=False)
    assert isinstance(sequenced, MessageSequenced)
    assert not sequenced.is_signed
    assert venue.account("alice").nonce == before.nonce


def test_its_owner_may_force_it(setting: Setting) -> None:
    venue = venue_of(setting, WAITING, "bob 1 @ 1000 |")
    _, sequenced, filled = venue.apply(ProcessRequest(forced(Message.liquidation(1, 0, SELL, 1))))
    assert isinstance(sequenced, MessageSequenced)
    assert (sequenced.forced, sequenced.is_signed) == (True, False)
    assert isinstance(filled, Filled)


@pytest.mark.parametrize(
    "fields",
    [
        {"nonce": 1},
        {"expiry": c.NEVER_EXPIRES},
        {"max_fee_ppm": 1},
        {"target": 1},
        {"ioc": True},
        {"post_only": True},
        {"reduce_only": True},
        {"price": 1},
    ],
    ids=str,
)
def test_with_any_other_field_it_needs_a_signature_and_means_nothing(
    setting: Setting, fields: dict[str, Any]
) -> None:
    venue = venue_of(setting, WAITING, "bob 1 @ 1000 |")
    assert verdicts(venue.liquidate("alice", SELL, 1, **fields)) == [Verdict.KEY_EPOCH]
    signed = {"key_epoch": 1, "nonce": 7, "expiry": START}
    assert verdicts(venue.liquidate("alice", SELL, 1, **fields | signed)) == [Verdict.KIND]
    assert venue.account("alice").nonce == 7


@pytest.mark.parametrize(
    ("market", "size", "verdict"),
    [
        (2, 0, Verdict.MARKET),
        (c.MARKETS, 0, Verdict.MARKET),
        (1, 0, Verdict.HALTED),
        (0, 0, Verdict.BOUNDS),
        (0, PLAIN.max_position + 1, Verdict.BOUNDS),
    ],
)
def test_what_stops_it_before_the_account_is_looked_at(
    setting: Setting, market: int, size: int, verdict: Verdict
) -> None:
    venue = setting(markets=(PLAIN, halted_market()))
    assert venue.liquidate("alice", SELL, size, market) == [Dropped(1, verdict, size)]


def test_the_smallest_order_does_not_bind_it(setting: Setting) -> None:
    market = replace(open_market(replace(PLAIN, min_size=5)), open_interest=LOTS)
    accounts = {"alice": holding(LOTS, WAITING), "erin": holding(-LOTS, RICH)}
    venue = setting("bob 5 @ 1000 |", markets=(market,), accounts=accounts)
    assert fills(venue.liquidate("alice", SELL, 1)) == [("bob", 1, 1000)]


# ---- Stage 2: its orders.


def test_live_orders_are_all_cancelled_and_nothing_else_happens(setting: Setting) -> None:
    orders = (resting(1, 1, 900), resting(2, 1, 901), resting(3, 2, 1000))
    venue = venue_of(setting, LOST, orders=orders)
    assert venue.liquidate("alice", SELL, 1) == [CancelledAll(4, 1)]
    account = venue.account("alice")
    assert (account.dead_below, account.open_notional, account.orders) == (4, 0, 2)
    assert venue.position("alice") == LOTS
    assert fills(venue.liquidate("alice", SELL, 1)) == [("bob", 1, 1000)]


def test_a_healthy_account_keeps_its_orders(setting: Setting) -> None:
    venue = venue_of(setting, 500, orders=(resting(1, 1, 900),))
    before = venue.seen._replace(next_sequence=3)
    assert venue.liquidate("alice", SELL, 1) == [Dropped(2, Verdict.NOT_DUE, 1)]
    assert venue.seen == before


# ---- Stage 3: the book.


@pytest.mark.parametrize(("size", "is_due"), [(1, True), (2, True), (3, False), (LOTS, False)])
def test_no_more_lots_trade_than_are_due_at_the_mark(setting: Setting, size: int, is_due: bool) -> None:
    """A hundred is missing, which two lots release."""
    venue = venue_of(setting, WAITING, "bob 20 @ 1000 |")
    events = venue.liquidate("alice", SELL, size)
    assert fills(events) == [("bob", size, 1000)] * is_due
    assert verdicts(events) == [Verdict.NOT_DUE] * (not is_due)


@pytest.mark.parametrize(("price", "passes"), [(960, True), (959, False)])
def test_a_long_sells_no_lower_than_its_bankruptcy_price(setting: Setting, price: int, passes: bool) -> None:
    """Each lot has 40 of the 400 left."""
    venue = venue_of(setting, WAITING, f"bob 2 @ {price} |")
    assert bool(fills(venue.liquidate("alice", SELL, 2))) == passes


@pytest.mark.parametrize(("price", "passes"), [(1040, True), (1041, False)])
def test_a_short_buys_no_higher_than_its_bankruptcy_price(setting: Setting, price: int, passes: bool) -> None:
    venue = venue_of(setting, WAITING, f"| bob 2 @ {price}", lots=-LOTS)
    assert bool(fills(venue.liquidate("alice", BUY, 2))) == passes


@pytest.mark.parametrize(("price", "passes"), [(965, True), (964, False)])
def test_the_fee_counts_as_a_part_of_the_price(setting: Setting, price: int, passes: bool) -> None:
    venue = venue_of(setting, WAITING, f"bob 1 @ {price} |", fee_ppm=5_000)
    assert bool(fills(venue.liquidate("alice", SELL, 1))) == passes


def test_both_fees_are_the_funds(setting: Setting) -> None:
    """The account pays the market's fee and no tier's; the maker has its rebate, rounded towards zero."""
    tiers = (FeeTier(maker_ppm=-100, taker_ppm=500), FREE, FREE, FREE)
    venue = venue_of(setting, 499, "bob 1 @ 1001 |", fee_ppm=5_000, tiers=tiers)
    bob = venue.account("bob").collateral
    (filled,) = venue.liquidate("alice", SELL, 1)
    assert isinstance(filled, Filled)
    assert (filled.taker_fee, filled.maker_fee) == (6, 0)
    assert venue.account("fund").collateral == 6
    assert venue.account("bob").collateral == bob - 1001
    assert equity_of(venue) == 499 + 1 - 6
    assert venue.seen.fee_pool == 0


def test_it_goes_on_until_nothing_is_due(setting: Setting) -> None:
    """After a lot at 1100, 500 are left and 450 needed."""
    venue = venue_of(setting, WAITING, "bob 1 @ 1100 | \n carol 5 @ 1000 |")
    events = venue.liquidate("alice", SELL, 3)
    assert fills(events) == [("bob", 1, 1100)]
    assert verdicts(events) == [Verdict.NOT_DUE]


def test_a_healthy_account_removes_no_stale_order(setting: Setting) -> None:
    venue = venue_of(setting, 500, orders=(resting(1, 2, 1000, expiry=START - 1),))
    assert verdicts(venue.liquidate("alice", SELL, 1)) == [Verdict.NOT_DUE]
    assert venue.book() == table("bob 1 @ 1000 |")


def test_stale_makers_and_makers_that_may_not_trade_are_removed(setting: Setting) -> None:
    orders = (
        resting(1, 2, 1003, expiry=START - 1),
        resting(2, 3, 1002, max_fee_ppm=0),
        resting(3, 2, 1001, reduce_only=True),
        resting(4, 4, 1000),
    )
    venue = setting(
        orders=orders,
        tiers=(FREE, FeeTier(1, 1), FREE, FREE),
        markets=(replace(open_market(PLAIN), open_interest=LOTS),),
        accounts={
            "alice": holding(LOTS, WAITING),
            "erin": holding(-LOTS, RICH),
            "carol": {"tier": 1},
        },
    )
    events = venue.liquidate("alice", SELL, 1)
    assert removed(events) == [
        ("bob", Verdict.MAKER_EXPIRED),
        ("carol", Verdict.MAKER_FEE),
        ("bob", Verdict.MAKER_REDUCE_ONLY),
    ]
    assert fills(events) == [("dave", 1, 1000)]


def test_its_own_dead_order_is_removed(setting: Setting) -> None:
    venue = venue_of(setting, WAITING, orders=(resting(1, 1, 1001), resting(2, 2, 1000)))
    venue.liquidate("alice", SELL, 1)
    events = venue.liquidate("alice", SELL, 1)
    assert removed(events) == [("alice", Verdict.MAKER_CANCELLED)]
    assert fills(events) == [("bob", 1, 1000)]


def test_a_fifth_maker_is_left_for_the_next_liquidation(setting: Setting) -> None:
    venue = venue_of(setting, LOST, orders=tuple(resting(place, 2, 1000) for place in range(1, 6)))
    events = venue.liquidate("alice", SELL, 5)
    assert len(fills(events)) == c.MAX_OUTCOMES
    assert verdicts(events) == [Verdict.FILL_LIMIT]


@pytest.mark.parametrize("side", [BUY, SELL])
def test_a_position_only_shrinks(setting: Setting, side: Side) -> None:
    lots = 1 if side == SELL else LOTS
    venue = venue_of(setting, -1, "bob 20 @ 999 | carol 20 @ 1001", lots=lots)
    assert verdicts(venue.liquidate("alice", side, 2)) == [Verdict.REDUCE_ONLY]


def test_equity_and_margin_of_all_markets_count(setting: Setting) -> None:
    """Half of the maintenance margin of both positions is left, so each lot may lose half of its own."""
    dear = MarketParameters(2, 400_000, 200_000, 500_000, min_size=1, max_position=1_000)
    positions = (LOTS, -5, 0, 0)
    venue = setting(
        "bob 5 @ 975 |",
        markets=tuple(replace(open_market(p), open_interest=10) for p in (PLAIN, dear)),
        accounts={
            "alice": {"positions": positions, "collateral": 1250},
            "erin": {"positions": (-LOTS, 5, 0, 0)},
        },
    )
    assert health(venue.account("alice"), venue.seen.markets)[::2] == (1250, 2500 * c.PPM_UNIT)
    venue.sell("carol", 1, 1100, market=1)
    assert fills(venue.liquidate("alice", SELL, 5)) == [("bob", 5, 975)]
    assert fills(venue.liquidate("alice", BUY, 1, market=1)) == [("carol", 1, 1100)]


# ---- Stage 4: the fund.


@pytest.mark.parametrize(("equity", "is_funds"), [(250, False), (249, True)])
@pytest.mark.parametrize("book", ["", "bob 2 @ 900 |"])
def test_the_fund_waits_until_half_of_the_maintenance_margin_is_gone(
    setting: Setting, equity: int, is_funds: bool, book: str
) -> None:
    events = venue_of(setting, equity, book).liquidate("alice", SELL, 2)
    if is_funds:
        assert [type(event) for event in events] == [BookExhausted, TakenOver]
    else:
        assert verdicts(events) == [Verdict.NOT_DUE]


@pytest.mark.parametrize(
    ("equity", "size", "left"),
    [(200, 10, 0), (200, 2, 160), (199, 3, 139), (-100, 5, -50), (-101, 5, -51), (-20_000, 1, -18_000)],
)
@pytest.mark.parametrize("lots", [LOTS, -LOTS])
def test_the_account_keeps_its_equity_per_margin_rounded_down(
    setting: Setting, equity: int, size: int, left: int, lots: int
) -> None:
    venue = venue_of(setting, equity, lots=lots)
    side = SELL if lots > 0 else BUY
    _, taken = venue.liquidate("alice", side, size)
    assert isinstance(taken, TakenOver)
    assert (taken.account, taken.market, taken.side, taken.quantity) == (1, 0, side, size)
    direction = 1 - 2 * side
    assert venue.position("alice") == lots + direction * size
    assert equity_of(venue) == left
    assert venue.position("fund") == -direction * size
    assert venue.account("fund").collateral == direction * taken.quote
    assert equity_of(venue, "fund") == equity - left
    assert venue.seen.fee_pool == 0
    assert venue.seen.markets[0].open_interest == LOTS


def test_the_book_comes_first_and_the_fund_takes_the_rest(setting: Setting) -> None:
    """Four bids at the bankruptcy price are all that a message can meet; the fifth is beyond it."""
    orders = tuple(resting(place, 2, 980) for place in range(1, 5))
    venue = venue_of(setting, LOST, orders=orders)
    events = venue.liquidate("alice", SELL, 6)
    assert [type(event) for event in events] == [Filled] * 4 + [BookExhausted, TakenOver]
    assert len(events) == c.MAX_OUTCOMES + 2
    assert venue.position("fund") == 2
    assert equity_of(venue) == LOST * 4 // 10


def test_the_order_beyond_the_bankruptcy_price_stays(setting: Setting) -> None:
    venue = venue_of(setting, LOST, "bob 2 @ 979 |", fee_ppm=5_000)
    exhausted, taken = venue.liquidate("alice", SELL, 5)
    assert isinstance(exhausted, BookExhausted)
    assert exhausted == BookExhausted(2, 5, venue.orders("bob")[0], taker_fee=10, maker_fee=0)
    assert isinstance(taken, TakenOver)
    assert taken.quantity == 5
    assert venue.book() == table("bob 2 @ 979 |")


@pytest.mark.parametrize(
    ("fund", "verdict"),
    [
        (PLAIN.max_position - 5, None),
        (PLAIN.max_position - 4, Verdict.BOUNDS),
        (-PLAIN.max_position - 9, None),
        (-2, None),
    ],
)
def test_the_fund_holds_no_more_than_anybody_may(
    setting: Setting, fund: int, verdict: Verdict | None
) -> None:
    venue = venue_of(setting, LOST, fund=fund)
    events = venue.liquidate("alice", SELL, 5)
    assert isinstance(events[0], BookExhausted)
    if verdict is None:
        assert venue.position("fund") == fund + 5
    else:
        assert events[1:] == [Dropped(1, verdict, 5, quote=4_900)]
        assert (venue.position("fund"), venue.position("alice")) == (fund, LOTS)


def test_the_collateral_of_the_fund_stays_in_its_range(setting: Setting) -> None:
    venue = setting(
        accounts={
            "alice": holding(LOTS, LOST),
            "erin": holding(-LOTS, RICH),
            "fund": {"collateral": -c.COLLATERAL_BOUND},
        },
        markets=(replace(open_market(PLAIN), open_interest=LOTS),),
    )
    assert verdicts(venue.liquidate("alice", SELL, 1)) == [Verdict.BOUNDS]


@pytest.mark.parametrize("book", ["", "bob 2 @ 900 |"])
def test_the_fund_takes_no_more_than_there_is(setting: Setting, book: str) -> None:
    """Where an order is there, its own lots are looked at first, and all that remains in the fund's turn."""
    events = venue_of(setting, LOST, book).liquidate("alice", SELL, LOTS + 1)
    assert verdicts(events) == [Verdict.REDUCE_ONLY]
    assert [type(event) for event in events] == [BookExhausted] * bool(book) + [Dropped]


def test_a_debt_without_a_position_is_nobodys_to_take(setting: Setting) -> None:
    venue = setting(accounts={"alice": {"collateral": -1}})
    assert verdicts(venue.liquidate("alice", SELL, 1)) == [Verdict.REDUCE_ONLY]


# ---- Whatever the account, the book and the message.


@st.composite
def troubled_states(draw: st.DrawFn) -> State:
    """Alice somewhere around her margins in two markets, the others rich, with orders around the marks."""
    slots = [draw(_markets()), draw(_markets()), Market(), Market()]
    sizes, fund = [draw(st.integers(-30, 30)) for _ in range(2)], draw(st.integers(-45, 45))
    accounts = {number: funded_account(number, 10**12, tier=number % c.TIERS) for number in range(1, 5)}
    accounts[c.INSURANCE_ACCOUNT] = Account(owner=c.INSURANCE_OWNER, positions=(fund, 0, 0, 0))
    accounts[4] = replace(accounts[4], positions=(-sizes[0] - fund, -sizes[1], 0, 0))
    accounts[1] = replace(accounts[1], collateral=0, positions=(*sizes, 0, 0))
    value, _, maintenance = health(accounts[1], slots)
    equity = draw(st.integers(-50, 130)) * maintenance // 100 // c.PPM_UNIT + draw(st.integers(-2, 2))
    accounts[1] = replace(accounts[1], collateral=equity - value)
    for slot in range(2):
        longs = sum(max(account.positions[slot], 0) for account in accounts.values())
        slots[slot] = replace(slots[slot], open_interest=longs)
    orders = [draw(_orders(slots, sequence)) for sequence in range(1, 1 + draw(st.integers(0, 9)))]
    accounts, slots = with_orders(accounts, slots, orders)
    tiers = (FeeTier(-100, 300), FeeTier(200, 400), FeeTier(0, 300), FeeTier(100, 100))
    configuration = replace(configuration_of(slots), tiers=tiers)
    return State(configuration, DOMAIN, accounts, slots, orders, next_sequence=50, timestamp=START)


@st.composite
def _markets(draw: st.DrawFn) -> Market:
    parameters = replace(
        PLAIN,
        quote_per_tick_lot=draw(st.sampled_from((1, 7, 1_000))),
        initial_ppm=200_000,
        maintenance_ppm=draw(st.sampled_from((7_001, 50_000, 200_000))),
        max_position=40,
        liquidation_fee_ppm=draw(st.sampled_from((100, 5_000, 30_000))),
    )
    return open_market(parameters, draw(st.integers(500, 1_500)))


@st.composite
def _orders(draw: st.DrawFn, slots: list[Market], sequence: int) -> Order:
    """An order of anybody within 10 % of the mark, on its own side of it; one in four cannot trade."""
    slot, side = draw(st.integers(0, 1)), draw(st.sampled_from(Side))
    distance = draw(st.integers(1, 100)) * slots[slot].mark // 1_000
    flaws: tuple[dict[str, Any], ...] = ({"expiry": START - 1}, {"max_fee_ppm": 150}, {"reduce_only": True})
    flaw = draw(st.sampled_from(({},) * 9 + flaws))
    order = resting(sequence, draw(st.sampled_from((1, 2, 2, 3, 3, 4))), 1, draw(st.integers(1, 12)), **flaw)
    return replace(order, market=slot, side=side, price=slots[slot].mark - (1 - 2 * side) * distance)


messages = st.lists(
    st.builds(
        Message.liquidation,
        account=st.sampled_from((1, 1, 1, 1, 2)),
        market=st.integers(0, 1),
        side=st.sampled_from(Side),
        size=st.integers(1, 31),
    ),
    min_size=1,
    max_size=8,
)
liquidations = given(state=troubled_states(), messages=messages)


@liquidations
def test_equity_per_margin_falls_through_nobody_but_by_the_rounding_of_the_fund(
    state: State, messages: list[Message]
) -> None:
    for message in messages:
        account = state.account(message.account)
        for event in apply(state, SequenceMessage(message)):
            old, account = health(account, state.markets), moved(account, event, state.markets)
            new = health(account, state.markets)
            kept, fair = new.equity * old.maintenance, old.equity * new.maintenance
            if isinstance(event, Filled):
                assert kept >= fair
            if isinstance(event, TakenOver):
                assert kept <= fair < kept + old.maintenance
        assert account.collateral == state.account(message.account).collateral
        assert account.positions == state.account(message.account).positions


def moved(account: Account, event: Event, markets: Sequence[Market]) -> Account:
    """The liquidated account after a step, by what its event says."""
    match event:
        case Filled(head=head, quantity=lots, taker_fee=fee):
            market, direction = head.market, 1 - 2 * (1 - head.side)
            quote = lots * head.price * markets[market].parameters.quote_per_tick_lot
        case TakenOver(market=market, quantity=lots, quote=quote):
            direction, fee = 1 - 2 * event.side, 0
        case _:
            return account
    positions = [x + direction * lots * (slot == market) for slot, x in enumerate(account.positions)]
    collateral = account.collateral - direction * quote - fee
    return replace(account, positions=tuple(positions), collateral=collateral)


@liquidations
def test_money_is_conserved_and_sizes_sum_to_zero(state: State, messages: list[Message]) -> None:
    before, fee_pool = money(state), state.fee_pool
    for message in messages:
        apply(state, SequenceMessage(message))
        assert money(state) == before
        assert state.fee_pool == fee_pool
        for slot, market in enumerate(state.markets):
            sizes = [account.positions[slot] for account in state.accounts.values()]
            assert sum(sizes) == 0
            assert market.open_interest == sum(size for size in sizes if size > 0)


def money(state: State) -> int:
    return state.fee_pool + sum(account.collateral for account in state.accounts.values())


@liquidations
def test_a_healthy_account_is_left_alone_and_so_is_everybody_else(
    state: State, messages: list[Message]
) -> None:
    for message in messages:
        before, was_due = engine_snapshot(state), is_liquidatable(state, message.account)
        apply(state, SequenceMessage(message))
        if not was_due:
            assert engine_snapshot(state) == before._replace(next_sequence=state.next_sequence)


@liquidations
def test_no_stage_is_skipped(state: State, messages: list[Message]) -> None:
    for message in messages:
        account, was_due = state.account(message.account), is_liquidatable(state, message.account)
        events = apply(state, SequenceMessage(message))[1:]
        if account.open_notional > 0:
            assert [type(event) for event in events] == [CancelledAll if was_due else Dropped]
        assert not isinstance(events[0], TakenOver)
        for event, following in zip(events, [*events[1:], None], strict=True):
            if isinstance(following, TakenOver):
                assert isinstance(event, BookExhausted)
            if isinstance(event, BookExhausted):
                assert isinstance(following, TakenOver | Dropped)
                equity, _, maintenance = health(account, state.markets)
                assert 2 * equity * c.PPM_UNIT < maintenance
                assert event.head == state.book(message.market, 1 - message.side).head()
            account = moved(account, event, state.markets)
