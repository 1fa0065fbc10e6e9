"""What holds in a settled market, and when one settles: the fund has held a position for too long."""

from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from prover.witness import Nested
from sequencer.model import constants as c
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester

LAST_SECOND = (1 << c.TIME_BITS) - 1
LONGEST = (1 << c.HALT_BITS) - 1
HIGHEST_MARK = (1 << c.PRICE_BITS) - 1
PPM = (1 << c.PPM_BITS) - 1
NOW = 1_584_000_000
HOUR = 3_600


@pytest.fixture(scope="module")
def settlement() -> CircuitTester:
    return CircuitTester("FinalSettlement")


@pytest.fixture(scope="module")
def since() -> CircuitTester:
    return CircuitTester("FundSince")


def accepts(circuit: CircuitTester, told: dict[str, Nested], lies: dict[str, int]) -> bool:
    return circuit.accepts_witness_with(told, {f"main.{name}": to_field(lie) for name, lie in lies.items()})


# ---- What holds in a settled market.


class Opening(Struct, frozen=True):
    """A market when a batch opens."""

    fund_since: int
    mark_before: int = 1_000
    median: int = 1_777
    rate: int = -250
    fee_ppm: int = 5_000

    def inputs(self) -> dict[str, Nested]:
        return {
            "fundSince": self.fund_since,
            "markBefore": self.mark_before,
            "median": self.median,
            "rate": self.rate,
            "feePpm": self.fee_ppm,
        }

    def outputs(self, settled: int | None = None) -> dict[str, int]:
        """What the circuit tells, or would tell by a lie about whether the market is settled."""
        if self.fund_since == 1 if settled is None else settled:
            return {"settled": 1, "mark": self.mark_before, "rateInForce": 0, "feeInForce": 0}
        rate = to_field(self.rate)
        return {"settled": 0, "mark": self.median, "rateInForce": rate, "feeInForce": self.fee_ppm}


def check(circuit: CircuitTester, told: Opening) -> None:
    assert circuit.accepts(told.inputs())
    assert circuit.witness(told.inputs()) == told.outputs()


SECONDS = st.integers(0, 3) | st.just(LAST_SECOND) | st.integers(0, LAST_SECOND)
MARKS = st.integers(0, HIGHEST_MARK)


@given(
    told=st.builds(Opening, SECONDS, MARKS, MARKS, st.integers(-(1 << 20), 1 << 20), st.integers(0, PPM)),
)
@settings(max_examples=60)
@example(told=Opening(1, 1, HIGHEST_MARK, 1 << 20, PPM))
@example(told=Opening(0, HIGHEST_MARK, 1, -(1 << 20), PPM))
@example(told=Opening(0, 0, 0, 0, 0))
def test_what_is_in_force_is_as_specified(settlement: CircuitTester, told: Opening) -> None:
    check(settlement, told)


@pytest.mark.parametrize(
    ("fund_since", "settled"), [(0, 0), (c.SETTLED_SINCE, 1), (2, 0), (NOW, 0), (LAST_SECOND, 0)]
)
def test_one_second_means_settled(settlement: CircuitTester, fund_since: int, settled: int) -> None:
    told = Opening(fund_since)
    assert told.outputs()["settled"] == settled
    check(settlement, told)


@pytest.mark.parametrize("fund_since", [0, 1, 2, NOW])
def test_what_is_in_force_cannot_be_lied_about(settlement: CircuitTester, fund_since: int) -> None:
    """Neither whether the market is settled, with all that follows, nor what follows alone."""
    told = Opening(fund_since)
    honest = told.outputs()
    assert accepts(settlement, told.inputs(), honest)
    other = told.outputs(1 - honest["settled"])
    assert not accepts(settlement, told.inputs(), other)
    for name, lie in other.items():
        for value in (lie, honest[name] + 1):
            assert not accepts(settlement, told.inputs(), {name: value})


# ---- Since when the fund has held a position, and when the market settles.


@dataclass(frozen=True)
class Closing:
    """A market when a batch ends."""

    before: int
    traded: bool = True
    position: int = 5
    is_open: bool = True
    settled: bool = False
    open_interest: int = 7
    timestamp: int = NOW
    settle_seconds: int = HOUR

    @property
    def after(self) -> int:
        """As docs/spec/breakers.md has it."""
        held = self.before
        if self.traded:
            held = (self.before if self.before != 0 else self.timestamp) if self.position != 0 else 0
        if self.open_interest == 0:
            return 0
        if self.settled:
            return 1
        if held == 0:
            return 0
        if not self.is_open:
            return self.timestamp
        return 1 if self.timestamp - held > self.settle_seconds else held

    def inputs(self) -> dict[str, Nested]:
        return {
            "before": self.before,
            "timestamp": self.timestamp,
            "settleSeconds": self.settle_seconds,
            "settled": int(self.settled),
            "open": int(self.is_open),
            "traded": int(self.traded),
            "position": to_field(self.position),
            "openInterest": self.open_interest,
        }

    def following(self, **lies: int) -> dict[str, int]:
        """The signals on the way, with lies and what follows from them."""
        told = {
            "isFirst": int(self.before == 0),
            "holdsNone": int(self.position == 0),
            "isEmpty": int(self.open_interest == 0),
        } | lies

        def follows(name: str, value: int) -> int:
            told[name] = lies.get(name, value)
            return told[name]

        first = follows("since", self.before + told["isFirst"] * (self.timestamp - self.before))
        held = follows("held", (1 - told["holdsNone"]) * first)
        current = follows("current", held if self.traded else self.before)
        idle = follows("isIdle", int(current == 0))
        clock = follows("clock", current if self.is_open else self.timestamp)
        in_time = follows("inTime", int(self.timestamp - clock <= self.settle_seconds))
        due = follows("due", 1 + in_time * (clock - 1))
        ticking = follows("ticking", (1 - idle) * due)
        marked = follows("marked", 1 if self.settled else ticking)
        follows("after", (1 - told["isEmpty"]) * marked)
        return told


EARLIER = NOW - 77
IN_TIME, OVERDUE = NOW - HOUR, NOW - HOUR - 1
CLOSINGS = [
    Closing(before, traded, position, is_open, settled, interest)
    for before, traded, position, is_open, settled, interest in product(
        (0, 1, OVERDUE, IN_TIME), (False, True), (0, 5), (False, True), (False, True), (0, 1)
    )
]


@pytest.mark.parametrize("traded", [False, True])
@pytest.mark.parametrize("before", [0, 1, OVERDUE, IN_TIME, NOW])
def test_the_funds_time_is_as_specified(since: CircuitTester, before: int, traded: bool) -> None:
    """With whatever else holds."""
    interests = (0, 1, (1 << c.SIZE_BITS) - 1)
    for others in product((0, 1, -5), (False, True), (False, True), interests):
        told = Closing(before, traded, *others)
        assert since.accepts(told.inputs())
        assert since.witness(told.inputs()) == {"after": told.after}


@given(
    before=SECONDS,
    late=st.integers(-2, 2),
    seconds=st.integers(0, 3) | st.integers(0, LONGEST),
    flags=st.tuples(st.booleans(), st.sampled_from((0, 5, -5)), st.booleans()),
)
@settings(max_examples=60)
@example(before=0, late=0, seconds=0, flags=(True, 5, True))
@example(before=2, late=LAST_SECOND, seconds=0, flags=(False, 5, True))
@example(before=LAST_SECOND, late=0, seconds=LONGEST, flags=(False, 5, True))
def test_the_funds_time_about_its_end_is_as_specified(
    since: CircuitTester, before: int, late: int, seconds: int, flags: tuple[bool, int, bool]
) -> None:
    timestamp = min(max(before + seconds + late, before), LAST_SECOND)
    told = Closing(before, *flags, timestamp=timestamp, settle_seconds=seconds)
    assert since.accepts(told.inputs())
    assert since.witness(told.inputs()) == {"after": told.after}


@pytest.mark.parametrize(
    ("told", "after"),
    [
        (Closing(0), NOW),
        (Closing(0, timestamp=LAST_SECOND, settle_seconds=0), LAST_SECOND),
        (Closing(0, position=-1), NOW),
        (Closing(0, traded=False), 0),
        (Closing(EARLIER), EARLIER),
        (Closing(EARLIER, position=0), 0),
        (Closing(EARLIER, position=0, traded=False), EARLIER),
        (Closing(EARLIER, open_interest=0), 0),
        (Closing(EARLIER, is_open=False), NOW),
        (Closing(EARLIER, position=0, is_open=False), 0),
        (Closing(0, traded=False, is_open=False), 0),
        (Closing(IN_TIME), IN_TIME),
        (Closing(IN_TIME, traded=False), IN_TIME),
        (Closing(OVERDUE), c.SETTLED_SINCE),
        (Closing(OVERDUE, traded=False), c.SETTLED_SINCE),
        (Closing(OVERDUE, position=0), 0),
        (Closing(OVERDUE, open_interest=0), 0),
        (Closing(OVERDUE, is_open=False), NOW),
        (Closing(NOW, settle_seconds=0), NOW),
        (Closing(NOW - 1, settle_seconds=0), c.SETTLED_SINCE),
        (Closing(2, timestamp=HOUR + 2), 2),
        (Closing(2, timestamp=HOUR + 3), c.SETTLED_SINCE),
        (Closing(c.SETTLED_SINCE, settled=True, position=0), c.SETTLED_SINCE),
        (Closing(c.SETTLED_SINCE, settled=True, traded=False), c.SETTLED_SINCE),
        (Closing(c.SETTLED_SINCE, settled=True, open_interest=0), 0),
    ],
    ids=str,
)
def test_the_funds_time_on_either_side_of_a_line(since: CircuitTester, told: Closing, after: int) -> None:
    assert told.after == after
    assert since.accepts(told.inputs())
    assert since.witness(told.inputs()) == {"after": after}


FLAGS = ("isFirst", "holdsNone", "isEmpty", "isIdle", "inTime")
SECONDS_OF_THE_FUND = ("since", "held", "current", "clock", "due", "ticking", "marked", "after")


@pytest.mark.parametrize("name", [*FLAGS, *SECONDS_OF_THE_FUND])
@pytest.mark.parametrize("before", [0, OVERDUE, IN_TIME])
def test_no_time_of_the_fund_can_be_lied_about(since: CircuitTester, before: int, name: str) -> None:
    """All that follows from the lie is as it would be."""
    for told in (told for told in CLOSINGS if told.before == before):
        honest = told.following()
        assert honest["after"] == told.after
        lies = {1 - honest[name]} if name in FLAGS else {0, 1, EARLIER, NOW} - {honest[name]}
        for lie in lies:
            assert not accepts(since, told.inputs(), told.following(**{name: lie}))


def test_times_are_compared_with_41_bits(since: CircuitTester) -> None:
    """No time of 40 bits and no number of seconds is further from another."""
    far = 1 << (c.TIME_BITS + 1)
    ends = ((far - 1, 0, True), (far, 0, False), (0, far - 1, True), (0, far, False))
    for before, seconds, fits in ends:
        told = Closing(before, traded=False, timestamp=0, settle_seconds=seconds).inputs()
        assert since.accepts(told) == fits
        assert since.rejects(told) != fits
    for timestamp, fits in ((far, True), (far + 1, False)):
        told = Closing(0, traded=False, timestamp=timestamp, settle_seconds=0).inputs()
        assert since.accepts(told) == fits
        assert since.rejects(told) != fits
