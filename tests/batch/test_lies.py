"""The referee notices a lie about any input signal, and a batch of an engine that breaks one rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.batch.footprint import Footprint
from sequencer.batch.sizes import batch_size
from sequencer.engine import State, apply, liquidation
from sequencer.engine.commands import CloseEpoch, Command
from sequencer.engine.events import BookExhausted, Event, ShortfallCharged, StepEvent
from sequencer.engine.funding import accrued, premium_ppm
from sequencer.engine.margin import health
from sequencer.engine.matching import conclude, trade_with_maker
from sequencer.engine.schedule import open_interest_addon, sampled, volatility_addon
from sequencer.engine.shortfall import charge_shortfall
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketStatus, Side
from sequencer.model.constants import FIELD_MODULUS
from sequencer.model.funding import unsettled
from sequencer.model.market import Market, MarketParameters
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.model.premium import Premium, Turnover
from sequencer.model.schedule import STATIC
from tests.batch.fixtures import demo_like_batches
from tests.batch.referee import RejectedError, check
from tests.batch.test_shapes import expected_shapes
from tests.batch.venue import BUY, SELL, Resting, Venue, asks, bids

SIGNALS = sorted(expected_shapes(batch_size("small")))


@cache
def busy_batch() -> dict[str, Any]:
    """A batch with trades, cancels, ghosts, requests, and pages beside each other."""
    batches = [batch for seed in range(40) for batch in demo_like_batches(seed, 3, "small")]
    return max(batches, key=lambda b: len(b.trades) * 4 + len(b.requests) + len(b.messages)).inputs


@cache
def risky_batch() -> dict[str, Any]:
    """A batch in which the fund takes over what a liquidation leaves, unwinds it and is short of money."""
    venue = venue_of(INDEBTED, bids([1_000], 2), size="small")
    sell(3)(venue)
    unwind(1_000)(venue)
    inputs = venue.seal_inputs()
    assert inputs["shortfallIndex"] > 0
    return inputs


def places(signal: Any) -> list[tuple[int, ...]]:
    if isinstance(signal, int):
        return [()]
    return [(i, *rest) for i, inner in enumerate(signal) for rest in places(inner)]


def changed(signal: Any, place: tuple[int, ...], by: int) -> Any:
    if not place:
        return (signal + by) % FIELD_MODULUS
    copied = list(signal)
    copied[place[0]] = changed(signal[place[0]], place[1:], by)
    return copied


@pytest.mark.parametrize("batch", [busy_batch, risky_batch])
@pytest.mark.parametrize("name", SIGNALS)
def test_a_lie_about_an_input_is_rejected(name: str, batch: Callable[[], dict[str, Any]]) -> None:
    inputs = batch()
    check(inputs)
    for place in places(inputs[name])[:12]:
        for by in (1, -1):
            lie = inputs | {name: changed(inputs[name], place, by)}
            with pytest.raises(RejectedError):
                check(lie)


# ---- Liquidations, unwindings and funding that the rules do not allow.

LOTS = 10
HEALTHY, WAITING, LOST, INDEBTED = 500, 400, 200, -1_000
ENGINE = "sequencer.engine"


def venue_of(equity: int, resting: Sequence[Resting] = (), fund: int = 0, **fields: Any) -> Venue:
    """Account 9 is long of ten lots at a mark of 1000, each of which must maintain 50."""
    positions = {9: (LOTS,), 8: (-LOTS - fund,), c.INSURANCE_ACCOUNT: (fund,)}
    return Venue(resting, collateral={9: equity - LOTS * 1_000}, positions=positions, **fields)


def sell(size: int, **fields: Any) -> Callable[[Venue], object]:
    """Liquidate so many lots of account 9."""
    message = replace(Message.liquidation(9, 0, SELL, size), **fields)
    return lambda venue: venue.builder.add_unsigned(message)


def unwind(*prices: int) -> Callable[[Venue], object]:
    """Let the fund sell a lot at each price."""
    messages = [Message.unwinding(0, SELL, 1, price) for price in prices]
    return lambda venue: [venue.builder.add_unsigned(message) for message in messages]


def trade_beside_live_orders(state: State, sequence: int, message: Message) -> list[StepEvent]:
    owed = state.account(message.account).open_notional
    state.put_account(message.account, replace(state.account(message.account), open_notional=0))
    events = liquidation.liquidate(state, sequence, message)
    state.put_account(message.account, replace(state.account(message.account), open_notional=owed))
    return events


def exhaust_before_a_good_order(_state: State, order: Order, head: Order) -> StepEvent:
    return BookExhausted(order.sequence, order.remaining, head)


def footprint_without_the_fund(events: Sequence[Event]) -> Footprint:
    part = FOOTPRINT_OF(events)
    part.accounts.discard(c.INSURANCE_ACCOUNT)
    return part


def owing() -> Venue:
    """Account 9 is long of ten lots, account 8 short of them; a second's funding has come due."""
    return Venue(positions={9: (LOTS,), 8: (-LOTS,)}, rate_ppm=16_000)


def accrued_to_longs(market: Market, rate_ppm: int, round_time: int) -> Market:
    honest = accrued(market, rate_ppm, round_time)
    return replace(honest, long_index=honest.short_index, short_index=honest.long_index)


def traded(price: int) -> Venue:
    """A period ago one lot was traded; account 9 holds six lots against account 8."""
    venue = Venue(asks([price], 2), positions={9: (6,), 8: (-6,)}, rate_ppm=1_000, interest_ppm=100)
    buy(venue)
    venue.builder.seal()
    venue.open(c.FUNDING_SECONDS)
    return venue


def buy(venue: Venue) -> None:
    venue.buy(3, 1, 1_500)


def reduced() -> Venue:
    """The batch after a shortfall was charged."""
    venue = venue_of(INDEBTED, halt_seconds=10)
    sell(LOTS)(venue)
    venue.builder.seal()
    venue.open()
    return venue


def idle(_venue: Venue) -> None:
    """Nothing but a round."""


def conclude_and_count(state: State, slot: int, parties: Sequence[tuple[int, Account]]) -> None:
    conclude(state, slot, parties)
    state.count_fill(slot, LOTS, 1_000)


def begin_always(state: State, _markets: Sequence[MarketParameters], period: int) -> None:
    state.set_period(period)
    state.put_premium(0, Premium(rate_ppm=100))


def clamp_by_the_dampener_alone(value: int, bound: int) -> int:
    return max(-bound, min(value, bound)) if bound == c.PREMIUM_DAMPENER_PPM else value


def reduce_for_longer(state: State) -> list[Event]:
    charged = charge_shortfall(state)
    assert charged is not None
    until = state.market(0).reduced_until + 1
    state.put_market(0, replace(state.market(0), reduced_until=until))
    return [charged]


def deposit(account: int) -> Callable[[Venue], object]:
    return lambda venue: venue.deposit(account, 5)


def deposit_and_sell(venue: Venue) -> None:
    """The account that will be charged is in the batch."""
    venue.deposit(8, 5)
    sell(LOTS)(venue)


def closing(close: Callable[[State], list[Event]]) -> tuple[str, Any]:
    """Another end of each batch."""

    def applied(state: State, command: Command) -> list[Event]:
        return close(state) if isinstance(command, CloseEpoch) else apply(state, command)

    return "sequencer.batch.open_batch.apply", applied


def charge(side: Side, more: int = 0, index_more: int = 0) -> tuple[str, Any]:
    """Charge what the fund is short of and more, whether it may be or not."""

    def close(state: State) -> list[Event]:
        fund, market = state.account(c.INSURANCE_ACCOUNT), state.market(0)
        amount = more - health(fund, state.markets).equity
        index = index_more - (-amount * c.INDEX_UNIT // market.open_interest)
        charged = "short_index" if side == SELL else "long_index"
        state.put_account(c.INSURANCE_ACCOUNT, replace(fund, collateral=fund.collateral + amount))
        state.advance_funding(amount)
        changed = {charged: getattr(market, charged) + index, "reduced_until": state.timestamp}
        state.put_market(0, replace(market, **changed))
        return [ShortfallCharged(0, side, amount, index)]

    return closing(close)


MOVING = replace(
    STATIC,
    open_interest_lower=0,
    open_interest_upper=10,
    volatility_factor=100,
    addon_max_ppm=45_000,
    addon_step_ppm=20_000,
)


def moved(seconds: int) -> Venue:
    """So long after the mark has moved by 1 % from the one that is sampled; 0.8 % is a jump."""
    positions = {9: (999,), 8: (-999,)}
    venue = Venue(asks([1_200], 9), positions=positions, schedule=MOVING, max_move_ppm=8_000)
    for later, mark in ((c.SAMPLE_SECONDS, 1_010), (seconds, 1_009)):
        venue.builder.seal()
        venue.open(later, mark)
    return venue


def in_new_cell() -> Venue:
    return moved(c.SAMPLE_SECONDS)


def in_same_cell() -> Venue:
    return moved(1)


def raised() -> Venue:
    """A cell after volatility has raised the margins by a step, which they keep."""
    venue = in_new_cell()
    venue.builder.seal()
    venue.open(c.SAMPLE_SECONDS, 1_009)
    return venue


def risen() -> Venue:
    """A second later: the estimate would raise them further."""
    venue = in_new_cell()
    venue.builder.seal()
    venue.open(1, 1_009)
    return venue


def withdraw_all(venue: Venue) -> None:
    venue.withdraw(9, (1 << c.AMOUNT_BITS) - 1)


FOOTPRINT_OF, QUOTE = Footprint.of, liquidation.bankruptcy_quote


@dataclass(frozen=True)
class Lie:
    """What an engine does wrong, and a batch that shows it."""

    mistake: tuple[str, Any]
    venue: Callable[[], Venue]
    act: Callable[[Venue], object]

    def require_missed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The batch of an engine that does so is rejected."""
        monkeypatch.setattr(*self.mistake)
        venue = self.venue()
        self.act(venue)
        with pytest.raises(RejectedError):
            check(venue.builder.seal().inputs)

    def require_shown(self) -> None:
        """It is that alone: without the mistake the batch is accepted."""
        venue = self.venue()
        self.act(venue)
        venue.seal()


LIES = {
    "a healthy account": Lie(
        (f"{ENGINE}.liquidation.lots_due", lambda *_: LOTS),
        lambda: venue_of(HEALTHY, bids([1_000], 2)),
        sell(1),
    ),
    "more lots than due": Lie(
        (f"{ENGINE}.liquidation.lots_due", lambda *_: LOTS),
        lambda: venue_of(WAITING, bids([1_000] * 3, 2)),
        sell(3),
    ),
    "beyond the bankruptcy price": Lie(
        (f"{ENGINE}.liquidation._refuse_price", trade_with_maker),
        lambda: venue_of(WAITING, bids([950], 2)),
        sell(1),
    ),
    "live orders beside it": Lie(
        (f"{ENGINE}.messages.liquidate", trade_beside_live_orders),
        lambda: venue_of(WAITING, [*bids([1_000], 2), *asks([1_100], 9)]),
        sell(1),
    ),
    "other words": Lie(
        ("sequencer.model.message.Message.is_liquidation", property(lambda message: message.account == 9)),
        lambda: venue_of(WAITING, bids([1_000], 2)),
        sell(1, expiry=c.NEVER_EXPIRES),
    ),
    "the fund before its time": Lie(
        (f"{ENGINE}.liquidation.is_below_half", lambda *_: True),
        lambda: venue_of(WAITING),
        sell(1),
    ),
    "the fund before the book": Lie(
        (f"{ENGINE}.liquidation._trade", exhaust_before_a_good_order),
        lambda: venue_of(LOST, bids([1_000], 2)),
        sell(1),
    ),
    "a quote too high": Lie(
        (f"{ENGINE}.liquidation.bankruptcy_quote", lambda *terms: QUOTE(*terms) + 1),
        lambda: venue_of(LOST),
        sell(1),
    ),
    "a quote too low": Lie(
        (f"{ENGINE}.liquidation.bankruptcy_quote", lambda *terms: QUOTE(*terms) - 1),
        lambda: venue_of(LOST),
        sell(1),
    ),
    "without the fund": Lie(
        ("sequencer.batch.footprint.Footprint.of", footprint_without_the_fund),
        lambda: venue_of(WAITING, bids([1_000], 2)),
        sell(1),
    ),
    "an unwinding far from the mark": Lie(
        (f"{ENGINE}.unwinding.lies_in_band", lambda *_: True),
        lambda: venue_of(HEALTHY, bids([999], 2), fund=2),
        unwind(999),
    ),
    "two unwindings": Lie(
        (f"{ENGINE}.state.State.take_turn", lambda _: None),
        lambda: venue_of(HEALTHY, bids([1_000] * 2, 2), fund=2),
        unwind(1_000, 1_000),
    ),
    "an unwinding into a position": Lie(
        (f"{ENGINE}.unwinding.reduces", lambda *_: True),
        lambda: venue_of(HEALTHY, bids([1_000], 2), fund=-2),
        unwind(1_000),
    ),
    "no funding": Lie((f"{ENGINE}.epoch.accrued", lambda market, *_: market), owing, deposit(9)),
    "funding of a second too much": Lie(
        (f"{ENGINE}.epoch.accrued", lambda market, rate, time: accrued(market, rate, time + 1)),
        owing,
        deposit(9),
    ),
    "funding that shorts pay": Lie((f"{ENGINE}.epoch.accrued", accrued_to_longs), owing, deposit(9)),
    "funding at the rate that follows": Lie(
        (f"{ENGINE}.epoch.accrued", lambda market, _rate, time: accrued(market, 100, time)),
        lambda: traded(1_000),
        idle,
    ),
    "a fill that does not count": Lie(
        (f"{ENGINE}.state.State.count_fill", lambda *_: None), lambda: Venue(asks([1_000], 2)), buy
    ),
    "a fill at the wrong price": Lie(
        (
            "sequencer.model.premium.Turnover.with_fill",
            lambda self, lots, _: Turnover(self.lots + lots, 1_000),
        ),
        lambda: Venue(asks([1_001], 2)),
        buy,
    ),
    "a takeover that counts": Lie(
        (f"{ENGINE}.liquidation.conclude", conclude_and_count), lambda: venue_of(LOST), sell(1)
    ),
    "a premium rounded up": Lie(
        (f"{ENGINE}.funding.premium_ppm", lambda *terms: premium_ppm(*terms) + 1), lambda: traded(1_005), idle
    ),
    "a rate without a bound": Lie(
        (f"{ENGINE}.funding._clamp", clamp_by_the_dampener_alone), lambda: traded(1_500), idle
    ),
    "a rate that never ends": Lie(
        (f"{ENGINE}.epoch._begin_period", lambda *_: None), lambda: traded(1_000), idle
    ),
    "a rate within a period": Lie((f"{ENGINE}.epoch._begin_period", begin_always), owing, idle),
    "a shortfall that leaves the market open": Lie(
        (f"{ENGINE}.breaker._status", lambda *_, restricted: MarketStatus.OPEN), reduced, idle
    ),
    "an order that does not reduce": Lie(
        ("sequencer.model.market.Market.is_reduce_only", property(lambda _: False)), reduced, buy
    ),
    "orders that reduce for too long": Lie(
        closing(reduce_for_longer), lambda: venue_of(INDEBTED), sell(LOTS)
    ),
    "a debt rounded down": Lie(
        (f"{ENGINE}.funding.unsettled", lambda *terms: unsettled(*terms) - 1), owing, deposit(9)
    ),
    "the longs' index for shorts": Lie(
        (
            "sequencer.model.market.Market.index",
            lambda market, size: market.long_index if size else 0,
        ),
        owing,
        deposit(8),
    ),
    "nobody settled": Lie(
        (f"{ENGINE}.state.State.settle", lambda *_: None),
        owing,
        lambda venue: venue.send(9, key_epoch=9),
    ),
    "no sample": Lie((f"{ENGINE}.epoch.is_sampling", lambda *_: False), in_new_cell, idle),
    "a sample within a cell": Lie((f"{ENGINE}.epoch.is_sampling", lambda *_: True), in_same_cell, idle),
    "a sample of another mark": Lie(
        (f"{ENGINE}.epoch.sampled", lambda market, most: replace(sampled(market, most), sampled_mark=1_009)),
        in_new_cell,
        idle,
    ),
    "an estimate rounded down": Lie(
        (f"{ENGINE}.schedule.next_volatility", lambda before, moved: (7 * before + moved) // 8), raised, idle
    ),
    "a jump that counts in full": Lie(
        (f"{ENGINE}.epoch.sampled", lambda market, _: sampled(market, c.PPM_UNIT)), in_new_cell, idle
    ),
    "a rise of more than a step": Lie(
        (
            f"{ENGINE}.schedule.volatility_addon",
            lambda *terms, sampling: volatility_addon(*terms, sampling=sampling) + 1,
        ),
        in_new_cell,
        idle,
    ),
    "a rise within a cell": Lie(
        (
            f"{ENGINE}.schedule.volatility_addon",
            lambda *terms, sampling: volatility_addon(*terms, sampling=True),
        ),
        risen,
        idle,
    ),
    "a fall that waits for a sample": Lie(
        (f"{ENGINE}.schedule.volatility_addon", lambda market, *_, sampling: market.volatility_addon_ppm),
        raised,
        idle,
    ),
    "an add-on of open interest rounded up": Lie(
        (f"{ENGINE}.schedule.open_interest_addon", lambda *terms: open_interest_addon(*terms) + 1),
        in_same_cell,
        idle,
    ),
    "no add-on of open interest": Lie(
        (f"{ENGINE}.schedule.open_interest_addon", lambda *_: 0), in_same_cell, idle
    ),
    "a withdrawal of what the add-ons bind": Lie(
        ("sequencer.model.market.Market.held_ppm", property(lambda market: market.parameters.initial_ppm)),
        raised,
        withdraw_all,
    ),
    "an order that reserves for open interest": Lie(
        ("sequencer.model.market.Market.reserve_ppm", property(lambda market: market.initial_ppm)),
        raised,
        withdraw_all,
    ),
    "no charge": Lie(closing(lambda _: []), lambda: venue_of(INDEBTED), sell(LOTS)),
    "a charge too high": Lie(charge(SELL, more=1), lambda: venue_of(INDEBTED), sell(LOTS)),
    "a charge too low": Lie(charge(SELL, more=-1), lambda: venue_of(INDEBTED), sell(LOTS)),
    "a charge rounded up twice": Lie(charge(SELL, index_more=1), lambda: venue_of(INDEBTED), sell(LOTS)),
    "a charge rounded down": Lie(charge(SELL, index_more=-1), lambda: venue_of(INDEBTED), sell(LOTS)),
    "a charge of those who have lost": Lie(charge(BUY), lambda: venue_of(INDEBTED), sell(LOTS)),
    "a charge above what all positions are worth": Lie(
        charge(SELL), lambda: venue_of(-LOTS * 1_000 - 1), sell(LOTS)
    ),
    "a charge without a trade of the fund": Lie(
        charge(BUY), lambda: venue_of(HEALTHY, fund=-2), deposit(c.INSURANCE_ACCOUNT)
    ),
    "a charge that the batch settles": Lie(
        ("sequencer.batch.draft.Draft.after", lambda draft, number: draft.state.account(number)),
        lambda: venue_of(INDEBTED),
        deposit_and_sell,
    ),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_rule_that_an_engine_breaks_is_missed(lie: Lie, monkeypatch: pytest.MonkeyPatch) -> None:
    lie.require_missed(monkeypatch)


@pytest.mark.parametrize("name", sorted(LIES.keys() - {"other words"}))
def test_without_the_mistake_the_batch_is_accepted(name: str) -> None:
    """But for the message that an honest builder does not take without a signature."""
    LIES[name].require_shown()
