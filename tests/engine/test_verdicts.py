"""What stops a message before the book is looked at, in which order, and what it costs its sender."""

from itertools import combinations
from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.engine.commands import SequenceMessage
from sequencer.engine.events import Dropped, MessageSequenced
from sequencer.model import constants as c
from sequencer.model.codes import MessageKind, Verdict
from sequencer.model.config import FeeTier
from sequencer.model.message import Message
from tests.engine.venue import FREE, PLAIN, RICH, Setting, table, verdicts
from tests.strategies import MARK, START

SOUND: dict[str, Any] = {"size": 5, "price": 1000}
PAYING = (FeeTier(0, 500), FREE, FREE, FREE)
# One fault a verdict, in the order in which verdicts are given.
FAULTS: dict[Verdict, dict[str, Any]] = {
    Verdict.KEY_EPOCH: {"key_epoch": 2},
    Verdict.NONCE: {"nonce": 0},
    Verdict.EXPIRED: {"expiry": START - 1},
    Verdict.KIND: {"kind": 3},
    Verdict.MARKET: {"market": 1},
    Verdict.BOUNDS: {"size": 0},
    Verdict.MAX_FEE: {"max_fee_ppm": 499},
    Verdict.PRICE_BAND: {"price": 1},
}


@pytest.mark.parametrize("verdict", FAULTS, ids=str)
def test_a_fault_drops_the_order_and_leaves_the_book(setting: Setting, verdict: Verdict) -> None:
    venue = setting("| bob 5 @ 1000", tiers=PAYING)
    events = venue.buy("alice", **SOUND | FAULTS[verdict])
    assert verdicts(events) == [verdict]
    assert isinstance(events[0], Dropped)
    assert (events[0].looked, events[0].head) == (False, None)
    assert venue.book() == table("| bob 5 @ 1000")


@pytest.mark.parametrize(("first", "second"), list(combinations(FAULTS, 2)), ids=str)
def test_of_two_faults_the_earlier_one_decides(setting: Setting, first: Verdict, second: Verdict) -> None:
    venue = setting(tiers=PAYING)
    assert verdicts(venue.buy("alice", **SOUND | FAULTS[second] | FAULTS[first])) == [first]


def test_an_unauthenticated_message_is_sequenced_and_costs_no_nonce(setting: Setting) -> None:
    venue = setting()
    message = Message(1, key_epoch=2, nonce=7, **SOUND)
    sequenced, dropped = venue.apply(SequenceMessage(message))
    assert sequenced == MessageSequenced(c.FIRST_SEQUENCE, message, authenticated=False)
    assert dropped == Dropped(c.FIRST_SEQUENCE, Verdict.KEY_EPOCH, SOUND["size"])
    assert venue.account("alice").nonce == 0


def test_key_epoch_zero_never_authenticates(setting: Setting) -> None:
    venue = setting(accounts={"alice": {"key_epoch": 0}})
    assert verdicts(venue.buy("alice", 5, 1000, key_epoch=0)) == [Verdict.KEY_EPOCH]


def test_an_account_that_does_not_exist_cannot_be_authenticated(setting: Setting) -> None:
    venue = setting()
    message = Message(99, key_epoch=1, nonce=1, **SOUND)
    assert verdicts(venue.apply(SequenceMessage(message))[1:]) == [Verdict.KEY_EPOCH]
    assert 99 not in venue.seen.accounts


@pytest.mark.parametrize(
    "verdict", [v for v in FAULTS if v not in (Verdict.KEY_EPOCH, Verdict.NONCE)], ids=str
)
def test_an_authenticated_message_consumes_its_nonce_whatever_follows(
    setting: Setting, verdict: Verdict
) -> None:
    venue = setting(tiers=PAYING)
    venue.buy("alice", **SOUND | {"nonce": 40} | FAULTS[verdict])
    assert venue.account("alice").nonce == 40


@pytest.mark.parametrize("nonce", [39, 40])
def test_a_nonce_is_used_once_and_gaps_close_behind_it(setting: Setting, nonce: int) -> None:
    venue = setting()
    venue.buy("alice", 1, 1000, nonce=40)
    assert verdicts(venue.buy("alice", 1, 1000, nonce=nonce)) == [Verdict.NONCE]
    assert venue.account("alice").nonce == 40


def test_a_message_is_good_in_the_second_of_its_expiry(setting: Setting) -> None:
    venue = setting()
    assert verdicts(venue.buy("alice", 1, 1000, expiry=START)) == []
    assert verdicts(venue.buy("alice", 1, 1000, expiry=START - 1)) == [Verdict.EXPIRED]


@pytest.mark.parametrize("market", [1, 3, c.MARKETS, 255])
def test_a_slot_without_a_market_takes_no_orders(setting: Setting, market: int) -> None:
    venue = setting()
    assert verdicts(venue.buy("alice", 1, 1000, market=market)) == [Verdict.MARKET]


def test_a_cancel_all_asks_for_no_market(setting: Setting) -> None:
    events = setting().send("alice", kind=MessageKind.CANCEL_ALL, market=255)
    assert verdicts(events) == []
    assert type(events[0]).__name__ == "CancelledAll"


@pytest.mark.parametrize(
    ("size", "price", "stops"),
    [(10, 1000, False), (9, 1000, True), (1_000, 1000, False), (1_001, 1000, True), (10, 0, True)],
)
def test_size_and_price_have_bounds(setting: Setting, size: int, price: int, stops: bool) -> None:
    venue = setting(markets=(replace(PLAIN, min_size=10),))
    assert verdicts(venue.buy("alice", size, price)) == [Verdict.BOUNDS] * stops


@pytest.mark.parametrize(
    ("size", "flags", "stops"),
    [
        (1, {"reduce_only": True, "ioc": True}, False),
        (1, {"reduce_only": True}, True),
        (1, {"ioc": True}, True),
        (0, {"reduce_only": True, "ioc": True}, True),
        (1_001, {"reduce_only": True, "ioc": True}, True),
    ],
)
def test_a_remainder_can_always_be_closed(
    setting: Setting, size: int, flags: dict[str, bool], stops: bool
) -> None:
    venue = setting(markets=(replace(PLAIN, min_size=10),))
    expected = Verdict.BOUNDS if stops else Verdict.IOC_REMAINDER
    assert verdicts(venue.buy("alice", size, 1000, **flags)) == [expected]


@pytest.mark.parametrize(("max_fee_ppm", "stops"), [(500, False), (499, True)])
def test_a_trader_pays_no_more_than_he_signed(setting: Setting, max_fee_ppm: int, stops: bool) -> None:
    venue = setting(tiers=PAYING)
    assert verdicts(venue.buy("alice", 1, 1000, max_fee_ppm=max_fee_ppm)) == [Verdict.MAX_FEE] * stops


@pytest.mark.parametrize(("price", "stops"), [(500, False), (499, True), (1500, False), (1501, True)])
def test_a_limit_lies_within_the_band_around_the_mark(setting: Setting, price: int, stops: bool) -> None:
    venue = setting(collateral=RICH)
    assert PLAIN.band_ppm * MARK == 500 * c.PPM_UNIT
    assert verdicts(venue.buy("alice", 1, price)) == [Verdict.PRICE_BAND] * stops


def test_a_dropped_cancel_has_no_remainder(setting: Setting) -> None:
    (event,) = setting().send("alice", kind=MessageKind.CANCEL, market=255, size=5)
    assert isinstance(event, Dropped)
    assert event.remaining == 0
