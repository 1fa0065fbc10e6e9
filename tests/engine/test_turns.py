"""How often the insurance fund may be unwound in a batch: once, and once more if L1 forces it."""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.engine.commands import ProcessRequest, SequenceMessage
from sequencer.engine.events import Event, RequestProcessed
from sequencer.engine.risk import next_unwinding
from sequencer.model import constants as c
from sequencer.model.codes import Side, Verdict
from sequencer.model.message import Message
from tests.engine.venue import ENGINE, PLAIN, Setting, Venue, fills, halted_market, verdicts
from tests.strategies import MARK, forced

SELL = Side.SELL


def holding_fund(setting: Setting, book: str = "dave 9 @ 1000 |", **fields: Any) -> Venue:
    """The fund has five lots to sell."""
    accounts: dict[str, dict[str, Any]] = {
        "fund": {"positions": (5, 0, 0, 0)},
        "bob": {"positions": (-5, 0, 0, 0)},
    }
    terms: dict[str, Any] = {"accounts": accounts, "markets": (PLAIN,)} | fields
    venue = setting(**terms)
    venue.mark(*(MARK,) * len(terms["markets"]))
    return venue.given(book)


def force(venue: Venue, size: int = 1, price: int = MARK, market: int = 0) -> list[Event]:
    """The events of an unwinding that L1 demands, but the `MessageSequenced`."""
    processed, _, *events = venue.apply(ProcessRequest(forced(Message.unwinding(market, SELL, size, price))))
    assert isinstance(processed, RequestProcessed)
    return events


def test_the_fund_has_one_turn_a_batch(setting: Setting) -> None:
    venue = holding_fund(setting)
    assert fills(venue.unwind(SELL, 1, MARK)) == [("dave", 1, MARK)]
    assert verdicts(venue.unwind(SELL, 1, MARK)) == [Verdict.NOT_DUE]
    venue.mark(MARK)
    assert fills(venue.unwind(SELL, 1, MARK)) == [("dave", 1, MARK)]


def test_who_forces_one_leaves_the_operator_its_own(setting: Setting) -> None:
    venue = holding_fund(setting)
    assert fills(force(venue)) == [("dave", 1, MARK)]
    assert fills(venue.unwind(SELL, 1, MARK)) == [("dave", 1, MARK)]
    assert verdicts(venue.unwind(SELL, 1, MARK)) == [Verdict.NOT_DUE]
    venue.mark(MARK)
    venue.unwind(SELL, 1, MARK)
    assert verdicts(venue.unwind(SELL, 1, MARK)) == [Verdict.NOT_DUE]


def test_one_that_sells_nothing_takes_a_turn_too(setting: Setting) -> None:
    venue = holding_fund(setting, "dave 1 @ 999 |")
    assert verdicts(venue.unwind(SELL, 1, MARK)) == [Verdict.IOC_REMAINDER]
    assert verdicts(venue.unwind(SELL, 1, MARK)) == [Verdict.NOT_DUE]


@pytest.mark.parametrize(
    ("terms", "verdict"),
    [
        ({"market": 1}, Verdict.MARKET),
        ({"market": 255}, Verdict.MARKET),
        ({"size": 0}, Verdict.BOUNDS),
        ({"size": PLAIN.max_position + 1}, Verdict.BOUNDS),
        ({"price": MARK + 1}, Verdict.PRICE_BAND),
    ],
)
def test_one_that_gets_nowhere_takes_none(setting: Setting, terms: dict[str, Any], verdict: Verdict) -> None:
    venue = holding_fund(setting)
    for _ in range(2):
        message = replace(Message.unwinding(0, SELL, 1, MARK), **terms)
        assert verdicts(venue.apply(SequenceMessage(message))) == [verdict]
    assert fills(venue.unwind(SELL, 1, MARK)) == [("dave", 1, MARK)]


def test_a_halted_market_takes_none(setting: Setting) -> None:
    venue = holding_fund(setting, "", markets=(halted_market(), PLAIN))
    assert verdicts(venue.unwind(SELL, 1, MARK)) == [Verdict.HALTED]
    venue.buy("dave", 1, MARK, market=1)
    assert verdicts(venue.unwind(SELL, 1, MARK, market=1)) == [Verdict.REDUCE_ONLY]
    assert verdicts(venue.unwind(SELL, 1, MARK, market=1)) == [Verdict.NOT_DUE]


def test_a_forced_message_of_anybody_else_grants_none(setting: Setting) -> None:
    venue = holding_fund(setting)
    venue.force("alice", size=1, price=MARK)
    venue.apply(ProcessRequest(forced(Message.liquidation(1, 0, SELL, 1))))
    venue.insure(1)
    venue.unwind(SELL, 1, MARK)
    assert verdicts(venue.unwind(SELL, 1, MARK)) == [Verdict.NOT_DUE]


def test_a_forced_message_of_the_fund_that_is_no_unwinding_grants_one(setting: Setting) -> None:
    venue = holding_fund(setting)
    message = replace(Message.unwinding(0, SELL, 1, MARK), expiry=c.NEVER_EXPIRES)
    assert verdicts(venue.apply(ProcessRequest(forced(message)))[2:]) == [Verdict.KEY_EPOCH]
    for _ in range(2):
        assert fills(venue.unwind(SELL, 1, MARK)) == [("dave", 1, MARK)]
    assert verdicts(venue.unwind(SELL, 1, MARK)) == [Verdict.NOT_DUE]


def test_the_operator_unwinds_as_long_as_there_is_a_turn() -> None:
    venue = holding_fund(Setting(ENGINE))
    assert venue.state.turns == 1
    force(venue, price=MARK + 1)
    assert venue.state.turns == 2
    for left in (1, 0):
        assert next_unwinding(venue.state) == Message.unwinding(0, SELL, 4 + left, MARK)
        venue.unwind(SELL, 1, MARK)
        assert venue.state.turns == left
    assert next_unwinding(venue.state) is None


def test_turns_can_be_undone() -> None:
    venue = holding_fund(Setting(ENGINE))
    token = venue.state.checkpoint()
    force(venue)
    venue.unwind(SELL, 1, MARK)
    assert venue.state.turns == 0
    venue.state.rollback(token)
    assert venue.state.turns == 1
