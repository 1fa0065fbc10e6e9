"""A market where a shortfall was charged takes only orders that reduce: docs/spec/funding.md at its edges.

Alice loses 200 on each of ten lots, 1000 more than she has. The fund takes them over and is short of 1000.
Bob is charged that, who is short of fifteen lots; Carol is long of the other five.
"""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.engine import admit, errors
from sequencer.engine.commands import CloseEpoch, ProcessRequest
from sequencer.engine.events import CancelledAll, Dropped, ShortfallCharged, TakenOver
from sequencer.engine.margin import free_collateral
from sequencer.model.codes import MarketStatus, MessageKind, Side, Verdict
from sequencer.model.config import FeeTier
from sequencer.model.message import Message
from tests.engine.venue import ENGINE, FREE, NAMES, PLAIN, RICH, Setting, Venue, fills, table, verdicts
from tests.strategies import MARK, START, change, signed_message

BUY, SELL = Side.BUY, Side.SELL
OPEN, HALTED, REDUCE_ONLY = MarketStatus.OPEN, MarketStatus.HALTED, MarketStatus.REDUCE_ONLY
# A third of 1,000 ticks in a batch, or there is no trading for ten seconds.
CAREFUL = replace(PLAIN, max_move_ppm=333_333, halt_seconds=10)
CHARGED = START + 1
"""Timestamp of the batch that ends with the charge."""
LOW = MARK - 200


def lost(setting: Setting, book: str = "", *, fund: int = 0, carol: int = RICH, **fields: Any) -> Venue:
    """Alice can be taken over at a mark of 800."""
    accounts: dict[str, dict[str, Any]] = {
        "alice": {"positions": (10, 0, 0, 0), "collateral": 1_000 - 10 * MARK},
        "bob": {"positions": (-15, 0, 0, 0)},
        "carol": {"positions": (5, 0, 0, 0), "collateral": carol},
        "fund": {"collateral": fund},
    }
    venue = setting(book, accounts=accounts, **{"markets": (CAREFUL,)} | fields)
    venue.mark(*[LOW, MARK][: len(venue.state.configuration.markets)])
    return venue


def charge(venue: Venue) -> Venue:
    """Let the fund take over Alice's lots, and the winners pay."""
    assert isinstance(venue.liquidate("alice", SELL, 10)[-1], TakenOver)
    (event,) = venue.apply(CloseEpoch())
    assert isinstance(event, ShortfallCharged)
    return venue


def reduced(setting: Setting, book: str = "", **fields: Any) -> Venue:
    """The batch after the charge."""
    venue = charge(lost(setting, book, **fields))
    venue.mark(*[LOW, MARK][: len(venue.state.configuration.markets)])
    assert status(venue) == REDUCE_ONLY
    return venue


def status(venue: Venue, market: int = 0) -> int:
    return venue.seen.markets[market].status


# ---- When.


def test_a_charge_reduces_the_market_from_the_next_batch_on(setting: Setting) -> None:
    venue = lost(setting)
    assert (status(venue), venue.seen.markets[0].reduced_until) == (OPEN, 0)
    charge(venue)
    assert (status(venue), venue.seen.markets[0].reduced_until) == (OPEN, CHARGED + 10)
    assert verdicts(venue.buy("dave", 1, LOW)) == []
    venue.mark(LOW)
    assert (status(venue), venue.seen.markets[0].reduced_until) == (REDUCE_ONLY, CHARGED + 10)
    assert verdicts(venue.buy("dave", 1, LOW)) == [Verdict.REDUCE_ONLY]


@pytest.mark.parametrize(("seconds", "expected"), [(9, REDUCE_ONLY), (10, OPEN), (11, OPEN)])
def test_a_market_opens_to_all_when_its_time_is_over(
    setting: Setting, seconds: int, expected: MarketStatus
) -> None:
    venue = charge(lost(setting))
    venue.mark(LOW, seconds=seconds)
    assert status(venue) == expected
    assert verdicts(venue.buy("dave", 1, LOW)) == ([] if expected == OPEN else [Verdict.REDUCE_ONLY])


def test_a_fund_that_can_pay_reduces_no_market(setting: Setting) -> None:
    venue = lost(setting, fund=1_000)
    venue.liquidate("alice", SELL, 10)
    assert venue.apply(CloseEpoch()) == []
    venue.mark(LOW)
    assert (status(venue), venue.seen.markets[0].reduced_until) == (OPEN, 0)


def test_another_charge_begins_another_time(setting: Setting) -> None:
    """The fund loses 200 on each of its ten lots, and trades one."""
    venue = reduced(setting, "dave 1 @ 800 |")
    venue.mark(LOW - 200, seconds=5)
    assert fills(venue.unwind(SELL, 1, LOW - 200)) == [("dave", 1, LOW)]
    (event,) = venue.apply(CloseEpoch())
    assert isinstance(event, ShortfallCharged)
    assert venue.seen.markets[0].reduced_until == CHARGED + 6 + 10


def test_the_time_is_that_of_the_configuration_of_the_batch(setting: Setting) -> None:
    venue = lost(setting)
    longer = replace(venue.state.configuration, markets=(replace(CAREFUL, halt_seconds=99),))
    venue.apply(ProcessRequest(change(longer.hash())))
    venue.mark(LOW, configuration=longer)
    charge(venue)
    assert venue.seen.markets[0].reduced_until == CHARGED + 1 + 99


def test_a_halt_comes_first(setting: Setting) -> None:
    """The mark jumps five seconds after the charge: the halt lasts longer."""
    venue = charge(lost(setting))
    venue.mark(2 * LOW, seconds=5)
    assert status(venue) == HALTED
    venue.mark(2 * LOW, seconds=5)
    assert status(venue) == HALTED
    venue.mark(2 * LOW, seconds=5)
    assert status(venue) == OPEN


def test_what_is_left_of_the_time_follows_a_halt(setting: Setting) -> None:
    venue = lost(setting, markets=(replace(CAREFUL, halt_seconds=20),))
    shorter = replace(venue.state.configuration, markets=(CAREFUL,))
    venue.apply(ProcessRequest(change(shorter.hash())))
    charge(venue)
    venue.mark(2 * LOW, configuration=shorter)
    assert status(venue) == HALTED
    venue.mark(2 * LOW, seconds=10)
    assert status(venue) == REDUCE_ONLY
    venue.mark(2 * LOW, seconds=9)
    assert status(venue) == OPEN


def test_the_other_markets_stay_open(setting: Setting) -> None:
    venue = reduced(setting, markets=(CAREFUL, CAREFUL))
    assert (status(venue, 0), status(venue, 1)) == (REDUCE_ONLY, OPEN)
    assert verdicts(venue.buy("dave", 1, MARK, market=1)) == []


# ---- Which orders.


@pytest.mark.parametrize(
    "fields",
    [{}, {"ioc": True}, {"post_only": True}, {"price": LOW - 10}],
    ids=["", "ioc", "post only", "rests"],
)
def test_an_order_without_the_flag_is_dropped_whatever_it_would_do(
    setting: Setting, fields: dict[str, Any]
) -> None:
    """Bob is short of fifteen lots: the order would reduce that."""
    venue = reduced(setting, "| erin 5 @ 800")
    (event,) = venue.buy("bob", **{"size": 3, "price": LOW} | fields)
    assert isinstance(event, Dropped)
    assert (event.verdict, event.remaining, event.looked) == (Verdict.REDUCE_ONLY, 3, False)
    assert venue.book() == table("| erin 5 @ 800")


def test_a_forced_order_without_the_flag_is_dropped(setting: Setting) -> None:
    venue = reduced(setting)
    assert verdicts(venue.force("bob", size=1, price=LOW)[2:]) == [Verdict.REDUCE_ONLY]


def test_an_order_that_reduces_trades_with_what_rests(setting: Setting) -> None:
    """Erin's order rests from before, without the flag: it may grow her position."""
    venue = reduced(setting, "| erin 5 @ 800")
    assert fills(venue.buy("bob", 3, LOW, reduce_only=True)) == [("erin", 3, LOW)]
    assert (venue.position("bob"), venue.position("erin")) == (-12, -3)


def test_an_order_that_reduces_rests(setting: Setting) -> None:
    venue = reduced(setting)
    assert verdicts(venue.buy("bob", 3, LOW, reduce_only=True)) == []
    assert fills(venue.sell("carol", 3, LOW, reduce_only=True)) == [("bob", 3, LOW)]
    assert venue.book() == table("")


@pytest.mark.parametrize(("name", "side"), [("bob", SELL), ("carol", BUY), ("dave", BUY)])
def test_the_flag_means_what_it_says(setting: Setting, name: str, side: Side) -> None:
    venue = reduced(setting)
    events = venue.send(name, side=side, size=1, price=LOW, reduce_only=True)
    assert verdicts(events) == [Verdict.REDUCE_ONLY]


# Faults in the order in which verdicts are given, around that of a market that takes only what reduces.
PAYING = (FeeTier(0, 500), FREE, FREE, FREE)
BEFORE: dict[Verdict, dict[str, Any]] = {
    Verdict.KEY_EPOCH: {"key_epoch": 2},
    Verdict.NONCE: {"nonce": 0},
    Verdict.EXPIRED: {"expiry": START},
    Verdict.KIND: {"kind": MessageKind.BY_RULE},
    Verdict.MARKET: {"market": 1},
}
AFTER: dict[Verdict, dict[str, Any]] = {
    Verdict.BOUNDS: {"size": 0},
    Verdict.MAX_FEE: {"max_fee_ppm": 499},
    Verdict.PRICE_BAND: {"price": 1},
}
SOUND: dict[str, Any] = {"size": 1, "price": LOW}


@pytest.mark.parametrize("verdict", BEFORE, ids=str)
def test_an_earlier_fault_decides(setting: Setting, verdict: Verdict) -> None:
    venue = reduced(setting, tiers=PAYING)
    assert verdicts(venue.buy("bob", **SOUND | BEFORE[verdict])) == [verdict]


@pytest.mark.parametrize("verdict", AFTER, ids=str)
def test_a_later_fault_does_not(setting: Setting, verdict: Verdict) -> None:
    venue = reduced(setting, tiers=PAYING)
    assert verdicts(venue.buy("bob", **SOUND | AFTER[verdict])) == [Verdict.REDUCE_ONLY]
    assert verdicts(venue.buy("bob", **SOUND | AFTER[verdict], reduce_only=True)) == [verdict]


def test_a_halt_decides_before(setting: Setting) -> None:
    venue = charge(lost(setting))
    venue.mark(2 * LOW)
    assert verdicts(venue.buy("bob", 1, LOW)) == [Verdict.HALTED]
    assert verdicts(venue.buy("bob", 1, LOW, reduce_only=True)) == [Verdict.HALTED]


# ---- What goes on.


def test_cancels_pass(setting: Setting) -> None:
    venue = reduced(setting, "erin 5 @ 700 | \n dave 5 @ 690 |")
    (order,) = venue.orders("erin")
    venue.cancel("erin", order)
    assert venue.book() == table("dave 5 @ 690 |")
    assert isinstance(venue.cancel_all("dave")[0], CancelledAll)


def test_liquidations_go_on(setting: Setting) -> None:
    """Carol has a debt of 3,900 and five lots at 800: 100 where 200 must be kept, three lots are due."""
    venue = reduced(setting, "dave 5 @ 800 |", carol=-3_900)
    assert fills(venue.liquidate("carol", SELL, 3)) == [("dave", 3, LOW)]


def test_takeovers_go_on(setting: Setting) -> None:
    """Carol has a debt of 4,000: nothing is left."""
    venue = reduced(setting, carol=-4_000)
    assert isinstance(venue.liquidate("carol", SELL, 5)[-1], TakenOver)


def test_unwinding_goes_on(setting: Setting) -> None:
    venue = reduced(setting, "dave 4 @ 800 |")
    assert fills(venue.unwind(SELL, 4, LOW)) == [("dave", 4, LOW)]


def test_a_position_binds_no_more_margin_than_in_an_open_market(setting: Setting) -> None:
    venue = lost(setting)
    before = free_collateral(venue.account("carol"), venue.seen.markets)
    charge(venue)
    venue.mark(LOW)
    assert free_collateral(venue.account("carol"), venue.seen.markets) == before


# ---- Admission.


def test_an_order_without_the_flag_is_refused_before_it_is_sequenced() -> None:
    state = reduced(Setting(ENGINE)).state
    order = Message(NAMES["bob"], key_epoch=1, nonce=9, price=LOW, size=1)
    with pytest.raises(errors.MarketReduceOnlyError, match="market 0 takes only orders that reduce"):
        admit(state, signed_message(order))
    for allowed in (replace(order, reduce_only=True), replace(order, kind=MessageKind.CANCEL, target=1)):
        admit(state, signed_message(allowed))
