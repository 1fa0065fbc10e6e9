"""What holds in all markets packs into a word, and says which markets take new risk."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from sequencer.model import constants as c
from sequencer.model.venue import NO_RESTRICTIONS, Venue

TIMES = st.integers(0, (1 << c.TIME_BITS) - 1)
VENUES = st.builds(
    Venue,
    congested_until=TIMES,
    restricted_markets=st.integers(0, 15),
    restricted_until=TIMES,
    uninsured=st.booleans(),
)
TOLD = Venue(congested_until=7, restricted_markets=0b0101, restricted_until=9, uninsured=True)


@given(VENUES)
def test_a_venue_comes_back_from_its_word(venue: Venue) -> None:
    assert venue.word() < 1 << 85
    assert Venue.from_word(venue.word()) == venue


def test_the_word_is_that_of_the_specification() -> None:
    assert TOLD.restrictions() == 7 + (0b0101 << 40) + (9 << 44)
    assert TOLD.word() == TOLD.restrictions() + (1 << 84)
    assert NO_RESTRICTIONS.word() == 0


@pytest.mark.parametrize("name", [field.name for field in fields(Venue)])
def test_the_word_covers_every_field(name: str) -> None:
    value: Any = getattr(TOLD, name)
    changed = not value if name == "uninsured" else value + 1
    assert replace(TOLD, **{name: changed}).word() != TOLD.word()


@given(VENUES, VENUES)
def test_what_l1_says_last_holds_and_the_fund_is_as_it_was(before: Venue, said: Venue) -> None:
    after = before.restricted_by(said.restrictions())
    assert after.restrictions() == said.restrictions()
    assert after.uninsured == before.uninsured


@pytest.mark.parametrize(("timestamp", "expected"), [(6, True), (7, False), (8, False)])
def test_congestion_ends_by_itself(timestamp: int, expected: bool) -> None:
    assert TOLD.is_congested(timestamp) is expected
    assert not NO_RESTRICTIONS.is_congested(0)


@pytest.mark.parametrize(("timestamp", "expected"), [(8, True), (9, False), (10, False)])
def test_a_restriction_of_l1_ends_by_itself(timestamp: int, expected: bool) -> None:
    venue = replace(TOLD, uninsured=False)
    assert [venue.restricts(slot, timestamp) for slot in range(c.MARKETS)] == [expected, False] * 2


def test_without_insurance_every_market_is_restricted_for_ever() -> None:
    venue = Venue(uninsured=True)
    assert all(venue.restricts(slot, (1 << c.TIME_BITS) - 1) for slot in range(c.MARKETS))
