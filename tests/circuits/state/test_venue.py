"""What holds in all markets: its word, and when it asks for more or takes less."""

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prover.witness import Nested
from sequencer.model import constants as c
from sequencer.model.venue import Venue
from tests.circuits.harness import CircuitTester

LAST_SECOND = (1 << c.TIME_BITS) - 1
EVERY = (1 << c.MARKETS) - 1
NOW = 1_584_000_000


@pytest.fixture(scope="module")
def loaded() -> CircuitTester:
    return CircuitTester("LoadedVenue")


def bus(venue: Venue) -> dict[str, Nested]:
    return {
        "congestedUntil": venue.congested_until,
        "restricted": [venue.restricted_markets >> slot & 1 for slot in range(c.MARKETS)],
        "restrictedUntil": venue.restricted_until,
        "uninsured": int(venue.uninsured),
    }


def inputs(venue: Venue, now: int = NOW, **lies: Nested) -> dict[str, Nested]:
    return {"venue": bus(venue) | lies, "timestamp": now}


def outputs(venue: Venue, now: int) -> dict[str, Nested]:
    """As docs/spec/breakers.md has it."""
    word = venue.congested_until + 2**40 * venue.restricted_markets + 2**44 * venue.restricted_until
    names = f"{venue.restricted_markets:04b}"[::-1]
    restricted = [venue.uninsured or (name == "1" and now < venue.restricted_until) for name in names]
    return {
        "restrictions": word,
        "word": word + 2**84 * venue.uninsured,
        "congested": int(now < venue.congested_until),
        "restricted": list(map(int, restricted)),
    }


def check(circuit: CircuitTester, venue: Venue, now: int = NOW) -> None:
    expected = outputs(venue, now)
    assert circuit.accepts(inputs(venue, now))
    assert circuit.witness(inputs(venue, now)) == expected
    assert (expected["restrictions"], expected["word"]) == (venue.restrictions(), venue.word())
    assert expected["congested"] == venue.is_congested(now)
    assert expected["restricted"] == [venue.restricts(slot, now) for slot in range(c.MARKETS)]


TIMES = st.sampled_from((0, 1, LAST_SECOND)) | st.integers(0, LAST_SECOND)


@given(
    venue=st.builds(Venue, TIMES, st.integers(0, EVERY), TIMES, st.booleans()),
    now=TIMES,
    late=st.sampled_from((None, -1, 0, 1)),
)
@settings(max_examples=80)
@example(venue=Venue(LAST_SECOND, EVERY, LAST_SECOND, uninsured=True), now=0, late=None)
@example(venue=Venue(), now=LAST_SECOND, late=None)
@example(venue=Venue(), now=0, late=None)
def test_the_venue_is_that_of_the_sequencer(
    loaded: CircuitTester, venue: Venue, now: int, late: int | None
) -> None:
    """At any time, or about the end of a restriction."""
    if late is not None:
        now = min(max(venue.restricted_until + late, 0), LAST_SECOND)
    check(loaded, venue, now)


@pytest.mark.parametrize("bit", range(85))
def test_each_bit_of_the_word_has_its_place(loaded: CircuitTester, bit: int) -> None:
    """The last is not among what L1 says."""
    venue = Venue.from_word(1 << bit)
    check(loaded, venue)
    told = loaded.witness(inputs(venue))
    assert (told["word"], told["restrictions"]) == (1 << bit, 1 << bit if bit < 84 else 0)


@pytest.mark.parametrize(("late", "congested"), [(-1, 1), (0, 0), (1, 0)])
def test_congestion_ends_at_its_second(loaded: CircuitTester, late: int, congested: int) -> None:
    venue = Venue(congested_until=NOW, restricted_until=NOW + 9)
    check(loaded, venue, NOW + late)
    assert loaded.witness(inputs(venue, NOW + late))["congested"] == congested


@pytest.mark.parametrize("slot", range(c.MARKETS))
@pytest.mark.parametrize(("late", "restricts"), [(-1, 1), (0, 0), (1, 0)])
def test_a_restriction_ends_at_its_second(
    loaded: CircuitTester, late: int, restricts: int, slot: int
) -> None:
    venue = Venue(NOW + 9, 1 << slot, NOW)
    check(loaded, venue, NOW + late)
    expected = [restricts * (place == slot) for place in range(c.MARKETS)]
    assert loaded.witness(inputs(venue, NOW + late))["restricted"] == expected


@pytest.mark.parametrize("mask", range(EVERY + 1))
@pytest.mark.parametrize("uninsured", [False, True])
def test_a_fund_below_its_floor_restricts_every_market(
    loaded: CircuitTester, mask: int, uninsured: bool
) -> None:
    for until in (NOW, NOW + 1):
        check(loaded, Venue(0, mask, until, uninsured))


# ---- One word, one reading.


@pytest.mark.parametrize("field", ["congestedUntil", "restrictedUntil"])
def test_a_time_has_40_bits(loaded: CircuitTester, field: str) -> None:
    """And no sign, and is no fraction."""
    assert loaded.accepts(inputs(Venue(), **{field: LAST_SECOND}))
    for value in (LAST_SECOND + 1, -1, pow(2, -1, c.FIELD_MODULUS)):
        assert loaded.rejects(inputs(Venue(), **{field: value}))


@pytest.mark.parametrize("value", [2, -1, pow(2, -1, c.FIELD_MODULUS)])
def test_a_flag_is_a_bit(loaded: CircuitTester, value: int) -> None:
    assert loaded.rejects(inputs(Venue(), uninsured=value))
    for slot in range(c.MARKETS):
        flags = [value if place == slot else 0 for place in range(c.MARKETS)]
        assert loaded.rejects(inputs(Venue(), restricted=flags))


PLACES = {"congestedUntil": 0, "restricted": 40, "restrictedUntil": 44, "uninsured": 84}


@pytest.mark.parametrize(("low", "high"), list(pairwise(PLACES)))
@pytest.mark.parametrize("sign", [1, -1])
def test_no_field_borrows_from_the_next(loaded: CircuitTester, low: str, high: str, sign: int) -> None:
    """What one field has more, the field above it has less: the word is the same."""
    venue = Venue(NOW + 9, 1, NOW + 9, uninsured=True)
    fields = dict(zip(PLACES, (NOW + 9, 1, NOW + 9, 1), strict=True))
    fields[low] += sign << (PLACES[high] - PLACES[low])
    fields[high] -= sign
    assert sum(fields[name] << place for name, place in PLACES.items()) == venue.word()
    lies: dict[str, Nested] = {**fields, "restricted": [fields["restricted"], 0, 0, 0]}
    assert loaded.rejects({"venue": lies, "timestamp": NOW})


def test_times_are_compared_with_40_bits(loaded: CircuitTester) -> None:
    """Each comparison refuses by itself a timestamp that is further away."""
    late = LAST_SECOND + 1
    assert loaded.accepts(inputs(Venue(), LAST_SECOND))
    assert loaded.accepts(inputs(Venue(congested_until=1, restricted_until=1), late))
    assert loaded.rejects(inputs(Venue(restricted_until=1), late))
    assert loaded.rejects(inputs(Venue(congested_until=1), late))


# ---- Lies, with all that follows from them.

CALM = Venue(NOW, 0b0101, NOW)
STRICT = Venue(NOW + 1, 0b0110, NOW + 1)
UNINSURED = Venue(NOW + 1, 0b0011, NOW, uninsured=True)


def following(venue: Venue, **lies: int) -> dict[str, int]:
    """Lies about whether the times are over, and what follows from them."""
    told = {"uncongested": int(venue.congested_until <= NOW), "over": int(venue.restricted_until <= NOW)}
    told |= lies
    told["congested"] = 1 - told["uncongested"]
    for slot in range(c.MARKETS):
        named = venue.restricted_markets >> slot & 1
        listed = told[f"listed[{slot}]"] = lies.get(f"listed[{slot}]", (1 - told["over"]) * named)
        told[f"restricted[{slot}]"] = 1 - (1 - listed) * (1 - venue.uninsured)
    return told | lies


@pytest.mark.parametrize("venue", [CALM, STRICT, UNINSURED], ids=str)
@pytest.mark.parametrize(
    "name",
    [
        "uncongested",
        "over",
        "congested",
        *(f"{name}[{slot}]" for name in ("listed", "restricted") for slot in range(c.MARKETS)),
    ],
)
def test_nothing_is_restricted_or_free_by_a_lie(loaded: CircuitTester, venue: Venue, name: str) -> None:
    honest = following(venue)
    told = {f"main.{signal}": value for signal, value in honest.items()}
    assert loaded.accepts_witness_with(inputs(venue), told)
    lies = following(venue, **{name: 1 - honest[name]})
    for overrides in (lies, {name: 1 - honest[name]}):
        told = {f"main.{signal}": value for signal, value in overrides.items()}
        assert not loaded.accepts_witness_with(inputs(venue), told)


@pytest.mark.parametrize("venue", [CALM, STRICT, UNINSURED], ids=str)
def test_no_word_can_be_lied_about(loaded: CircuitTester, venue: Venue) -> None:
    """Of what L1 said, and with it of all, or of all alone."""
    said, word = venue.restrictions(), venue.word()
    for change in (1, -1, 1 << 40, 1 << 84):
        lies = {"main.restrictions": said + change, "main.word": word + change}
        assert not loaded.accepts_witness_with(inputs(venue), lies)
        assert not loaded.accepts_witness_with(inputs(venue), {"main.word": word + change})
