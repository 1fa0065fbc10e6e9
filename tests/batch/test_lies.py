"""The referee notices a lie about any input signal, and a batch of an engine that breaks one rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest

from sequencer.batch.footprint import Footprint
from sequencer.batch.sizes import batch_size
from sequencer.engine import State, liquidation
from sequencer.engine.events import BookExhausted, Event, StepEvent
from sequencer.engine.matching import trade_with_maker
from sequencer.model import constants as c
from sequencer.model.constants import FIELD_MODULUS
from sequencer.model.message import Message
from sequencer.model.order import Order
from tests.batch.fixtures import demo_like_batches
from tests.batch.referee import RejectedError, check
from tests.batch.test_shapes import expected_shapes
from tests.batch.venue import SELL, Resting, Venue, asks, bids

SIGNALS = sorted(expected_shapes(batch_size("small")))


@cache
def busy_batch() -> dict[str, Any]:
    """A batch with trades, cancels, ghosts, requests, and pages beside each other."""
    batches = [batch for seed in range(40) for batch in demo_like_batches(seed, 3, "small")]
    return max(batches, key=lambda b: len(b.trades) * 4 + len(b.requests) + len(b.messages)).inputs


@cache
def risky_batch() -> dict[str, Any]:
    """A batch in which the fund takes over what is left of a liquidation, and unwinds it."""
    venue = venue_of(LOST, bids([1_000], 2), size="small")
    sell(3)(venue)
    unwind(1_000)(venue)
    return venue.seal_inputs()


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


# ---- Liquidations and unwindings that the rules do not allow.

LOTS = 10
HEALTHY, WAITING, LOST = 500, 400, 200
ENGINE = "sequencer.engine"


def venue_of(equity: int, resting: Sequence[Resting] = (), fund: int = 0, size: str = "reference") -> Venue:
    """Account 9 is long of ten lots at a mark of 1000, each of which must maintain 50."""
    positions = {9: (LOTS,), 8: (-LOTS - fund,), c.INSURANCE_ACCOUNT: (fund,)}
    return Venue(resting, size=size, collateral={9: equity - LOTS * 1_000}, positions=positions)


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


def extend_without_the_fund(footprint: Footprint, events: Sequence[Event]) -> Footprint:
    grown = EXTENDED(footprint, events)
    grown.accounts.discard(c.INSURANCE_ACCOUNT)
    return grown


EXTENDED, QUOTE = Footprint.extended, liquidation.bankruptcy_quote


@dataclass(frozen=True)
class Lie:
    """What an engine does wrong, and a batch that shows it."""

    mistake: tuple[str, Any]
    venue: Callable[[], Venue]
    act: Callable[[Venue], object]


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
        ("sequencer.batch.footprint.Footprint.extended", extend_without_the_fund),
        lambda: venue_of(WAITING, bids([1_000], 2)),
        sell(1),
    ),
    "an unwinding far from the mark": Lie(
        (f"{ENGINE}.unwinding.lies_in_band", lambda *_: True),
        lambda: venue_of(HEALTHY, bids([999], 2), fund=2),
        unwind(999),
    ),
    "two unwindings": Lie(
        (f"{ENGINE}.state.State.unwound", property(lambda _: False)),
        lambda: venue_of(HEALTHY, bids([1_000] * 2, 2), fund=2),
        unwind(1_000, 1_000),
    ),
    "an unwinding into a position": Lie(
        (f"{ENGINE}.unwinding.reduces", lambda *_: True),
        lambda: venue_of(HEALTHY, bids([1_000], 2), fund=-2),
        unwind(1_000),
    ),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_rule_that_an_engine_breaks_is_missed(lie: Lie, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*lie.mistake)
    venue = lie.venue()
    lie.act(venue)
    with pytest.raises(RejectedError):
        check(venue.builder.seal().inputs)


@pytest.mark.parametrize("name", sorted(LIES.keys() - {"other words"}))
def test_without_the_mistake_the_batch_is_accepted(name: str) -> None:
    """But for the message that an honest builder does not take without a signature."""
    venue = LIES[name].venue()
    LIES[name].act(venue)
    venue.seal()
