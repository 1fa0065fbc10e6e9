"""What L1 restricts: markets that take only orders that reduce, for a time (docs/spec/breakers.md)."""

import pytest
from msgspec.structs import replace

from sequencer.engine.commands import ProcessRequest
from sequencer.engine.errors import MalformedFieldError, WrongOwnerError
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus, RequestKind, RequestStatus, Verdict
from sequencer.model.request import Outcome, Request
from sequencer.model.venue import Venue as Restrictions
from tests.engine.venue import ENGINE, PLAIN, Setting, Venue, fills, halted_market, verdicts
from tests.strategies import MARK, START, owner_of, restriction

OPEN, HALTED, REDUCE_ONLY = MarketStatus.OPEN, MarketStatus.HALTED, MarketStatus.REDUCE_ONLY
SECOND = Restrictions(restricted_markets=0b0010, restricted_until=START + 100)
BOTH = replace(SECOND, restricted_markets=0b0011)


def statuses(venue: Venue) -> list[int]:
    return [market.status for market in venue.seen.markets[:2]]


def restricted(setting: Setting, restrictions: Restrictions = SECOND) -> Venue:
    venue = setting(markets=(PLAIN, PLAIN), venue=restrictions)
    venue.mark(MARK, MARK)
    return venue


def test_the_markets_of_the_mask_take_only_orders_that_reduce(setting: Setting) -> None:
    venue = restricted(setting)
    assert statuses(venue) == [OPEN, REDUCE_ONLY]
    assert verdicts(venue.buy("alice", 1, MARK)) == []
    assert verdicts(venue.buy("alice", 1, MARK, market=1)) == [Verdict.REDUCE_ONLY]
    assert verdicts(venue.force("alice", market=1, price=MARK, size=1)[2:]) == [Verdict.REDUCE_ONLY]


def test_who_has_a_position_may_reduce_it(setting: Setting) -> None:
    venue = setting(
        "bob 5 @ 1000 |",
        accounts={"alice": {"positions": (5, 0, 0, 0)}, "dave": {"positions": (-5, 0, 0, 0)}},
        venue=BOTH,
    )
    venue.mark(MARK)
    assert statuses(venue)[0] == REDUCE_ONLY
    assert fills(venue.sell("alice", 5, MARK, reduce_only=True)) == [("bob", 5, MARK)]


@pytest.mark.parametrize(
    ("seconds", "expected"), [(1, REDUCE_ONLY), (99, REDUCE_ONLY), (100, OPEN), (101, OPEN)]
)
def test_a_restriction_ends_by_itself(setting: Setting, seconds: int, expected: MarketStatus) -> None:
    venue = setting(markets=(PLAIN, PLAIN), venue=BOTH)
    venue.mark(MARK, MARK, seconds=seconds)
    assert statuses(venue) == [expected, expected]


def test_it_holds_from_the_next_batch_on(setting: Setting) -> None:
    venue = setting(markets=(PLAIN, PLAIN))
    venue.mark(MARK, MARK)
    venue.restrict(SECOND)
    assert statuses(venue) == [OPEN, OPEN]
    assert verdicts(venue.buy("alice", 1, MARK, market=1)) == []
    venue.mark(MARK, MARK)
    assert statuses(venue) == [OPEN, REDUCE_ONLY]


def test_what_l1_said_last_is_what_holds(setting: Setting) -> None:
    """Whether it restricts more or less: that is judged there."""
    venue = restricted(setting)
    for said, expected in ((BOTH, [REDUCE_ONLY] * 2), (Restrictions(), [OPEN] * 2)):
        venue.restrict(SECOND)
        venue.restrict(said)
        assert venue.seen.venue == said
        venue.mark(MARK, MARK)
        assert statuses(venue) == expected


def test_a_halt_comes_first(setting: Setting) -> None:
    venue = setting(markets=(halted_market(), PLAIN), venue=BOTH)
    venue.mark(MARK, MARK)
    assert statuses(venue) == [HALTED, REDUCE_ONLY]


def test_the_mask_restricts_no_slot_without_a_market(setting: Setting) -> None:
    venue = restricted(setting, replace(SECOND, restricted_markets=0b1111))
    assert [market.status for market in venue.seen.markets] == [REDUCE_ONLY] * 2 + [MarketStatus.NONE] * 2


def test_the_request_is_done_and_changes_nothing_else(setting: Setting) -> None:
    venue = setting()
    venue.mark(MARK)
    before = venue.seen
    event = venue.request(RequestKind.RESTRICT, "fund", data=(BOTH.restrictions(), 0))
    assert event.outcome == Outcome(RequestStatus.DONE)
    assert event.free == 0
    assert venue.seen == before._replace(venue=BOTH, requests_consumed=before.requests_consumed + 1)


def test_a_request_leaves_the_insurance_as_it_was(setting: Setting) -> None:
    venue = setting(venue=Restrictions(uninsured=True))
    venue.mark(MARK)
    venue.restrict(BOTH)
    assert venue.seen.venue == replace(BOTH, uninsured=True)


def test_a_request_that_l1_cannot_have_queued_is_refused() -> None:
    venue = Setting(ENGINE)()
    venue.mark(MARK)
    before = venue.seen
    with pytest.raises(MalformedFieldError, match="restrictions"):
        venue.request(RequestKind.RESTRICT, "fund", data=(1 << c.VENUE_UNINSURED_AT, 0))
    with pytest.raises(WrongOwnerError):
        venue.apply(ProcessRequest(replace(restriction(BOTH), owner=owner_of(1))))
    with pytest.raises(MalformedFieldError, match="kind"):
        venue.apply(ProcessRequest(Request(7, 0, c.INSURANCE_OWNER)))
    assert venue.seen == before


def test_a_request_can_be_undone() -> None:
    venue = Setting(ENGINE)()
    venue.mark(MARK)
    before, token = venue.seen, venue.state.checkpoint()
    assert not venue.state.fund_shown
    venue.restrict(BOTH)
    assert venue.state.fund_shown
    venue.state.rollback(token)
    assert venue.seen == before
    assert not venue.state.fund_shown
