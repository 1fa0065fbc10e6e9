"""The circuit breaker: which mark halts a market, for how long, when it opens, and to which orders."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.engine.breaker import moved
from sequencer.model import constants as c
from sequencer.model.codes import MarketKind, MarketStatus
from sequencer.model.market import Market, MarketParameters
from tests.circuits.harness import CircuitTester

HIGHEST = (1 << c.PRICE_BITS) - 1
PPM = (1 << c.PPM_BITS) - 1
LONGEST = (1 << c.HALT_BITS) - 1
END = (1 << c.TIME_BITS) - 1
NOW, MARK, HALT = 1_000, 1_000, 20
TENTH = 100_000


@pytest.fixture(scope="module")
def breaker() -> CircuitTester:
    return CircuitTester("Breaker")


def market(
    mark: int = MARK,
    halted_until: int = 0,
    max_move_ppm: int = TENTH,
    halt_seconds: int = HALT,
    reduced_until: int = 0,
    settled: bool = False,
) -> Market:
    parameters = MarketParameters(max_move_ppm=max_move_ppm, halt_seconds=halt_seconds)
    return Market(
        MarketKind.PERPETUAL,
        MarketStatus.OPEN,
        mark,
        parameters=parameters,
        halted_until=halted_until,
        reduced_until=reduced_until,
        fund_since=c.SETTLED_SINCE if settled else 0,
    )


def inputs(before: Market, mark: int, now: int = NOW, restricted: bool = False) -> dict[str, Nested]:
    return {
        "live": int(before.exists),
        "markBefore": before.mark,
        "mark": mark,
        "timestamp": now,
        "haltedUntilBefore": before.halted_until,
        "maxMovePpm": before.parameters.max_move_ppm,
        "haltSeconds": before.parameters.halt_seconds,
        "reducedUntil": before.reduced_until,
        "restricted": int(restricted),
        "settled": int(before.is_settled),
    }


def check(
    circuit: CircuitTester, before: Market, mark: int, now: int = NOW, restricted: bool = False
) -> Market:
    """The engine and the circuit agree; the mark of a settled market stands."""
    after = moved(before, mark, now, restricted=restricted)
    told = inputs(before, after.mark, now, restricted)
    assert circuit.accepts(told)
    assert circuit.witness(told) == {
        "open": int(after.is_open),
        "reduceOnly": int(after.is_reduce_only),
        "haltedUntil": after.halted_until,
        "status": int(after.status),
    }
    return after


MARKS = st.sampled_from((1, 2, HIGHEST)) | st.integers(1, HIGHEST)
MOVES = st.sampled_from((0, 1, PPM)) | st.integers(0, PPM)
HALTS = st.sampled_from((0, 1, LONGEST)) | st.integers(0, LONGEST)
TIMES = st.sampled_from((0, END)) | st.integers(0, END)


@st.composite
def batches(draw: st.DrawFn) -> tuple[Market, int, int, bool]:
    """A market, its next mark, often at the limit, a batch's time, often at the end of a status, and whether
    the market is restricted."""
    last = draw(st.just(0) | MARKS)
    max_move = draw(MOVES)
    until, reduced = draw(st.just(0) | TIMES), draw(st.just(0) | TIMES)
    edge = last * max_move // c.PPM_UNIT
    near = [last + sign * edge + step for sign in (-1, 1) for step in (-1, 0, 1)]
    mark = draw(MARKS | st.sampled_from([min(max(each, 1), HIGHEST) for each in near]))
    ends = [end + step for end in (until, reduced) for step in (-1, 0, 1)]
    now = draw(TIMES | st.sampled_from([min(max(end, 0), END) for end in ends]))
    before = market(last, until, max_move, draw(HALTS), reduced, settled=draw(st.booleans()))
    return before, mark, now, draw(st.booleans())


@given(batch=batches())
@settings(max_examples=120)
@example(batch=(market(1, 0, PPM, LONGEST), HIGHEST, END, False))
@example(batch=(market(HIGHEST, END, PPM, LONGEST), 1, END, False))
@example(batch=(market(HIGHEST, END, 0, LONGEST), HIGHEST, 0, True))
@example(batch=(market(HIGHEST, 0, 0, 1), 1, 0, True))
@example(batch=(market(0, 0, 0, LONGEST), HIGHEST, END, False))
@example(batch=(market(reduced_until=END), MARK, 0, False))
@example(batch=(market(halted_until=1, reduced_until=END), MARK, 0, True))
@example(batch=(market(reduced_until=END, settled=True), MARK, 0, True))
@example(batch=(market(halted_until=END, settled=True), MARK, 0, False))
def test_a_market_halts_and_opens_as_in_the_engine(
    breaker: CircuitTester, batch: tuple[Market, int, int, bool]
) -> None:
    check(breaker, *batch)


@pytest.mark.parametrize(("mark", "is_open"), [(1_100, 1), (1_101, 0), (900, 1), (899, 0)])
def test_a_mark_may_move_to_the_limit_and_no_tick_further(
    breaker: CircuitTester, mark: int, is_open: int
) -> None:
    after = check(breaker, market(), mark)
    assert (after.is_open, after.halted_until) == (bool(is_open), 0 if is_open else NOW + HALT)


def test_the_limit_is_not_rounded(breaker: CircuitTester) -> None:
    """A tick of 999 is more than 1,001 ppm and less than 1,002."""
    assert not check(breaker, market(999, max_move_ppm=1_001), 1_000).is_open
    assert check(breaker, market(999, max_move_ppm=1_002), 1_000).is_open


@pytest.mark.parametrize("mark", [1, HIGHEST])
def test_the_first_mark_is_no_jump(breaker: CircuitTester, mark: int) -> None:
    assert check(breaker, market(0, max_move_ppm=0), mark).is_open


@pytest.mark.parametrize(("late", "is_open"), [(-1, False), (0, True), (1, True)])
def test_a_halt_ends_at_its_second(breaker: CircuitTester, late: int, is_open: bool) -> None:
    after = check(breaker, market(halted_until=NOW), MARK, NOW + late)
    assert (after.is_open, after.halted_until) == (is_open, NOW)


@pytest.mark.parametrize("late", [-5, 0, 5])
def test_a_jump_starts_the_halt_again(breaker: CircuitTester, late: int) -> None:
    after = check(breaker, market(halted_until=NOW), 2 * MARK, NOW + late)
    assert (after.is_open, after.halted_until) == (False, NOW + late + HALT)


def test_a_jump_may_shorten_a_halt_that_a_change_of_the_parameters_left_too_long(
    breaker: CircuitTester,
) -> None:
    assert check(breaker, market(halted_until=NOW + LONGEST), 2 * MARK).halted_until == NOW + HALT


@pytest.mark.parametrize(("late", "reduces"), [(-1, True), (0, False), (1, False)])
def test_a_market_takes_only_orders_that_reduce_until_its_second(
    breaker: CircuitTester, late: int, reduces: bool
) -> None:
    after = check(breaker, market(reduced_until=NOW), MARK, NOW + late)
    assert (after.is_open, after.is_reduce_only) == (True, reduces)


def test_a_halted_market_is_not_one_that_takes_orders_that_reduce(breaker: CircuitTester) -> None:
    after = check(breaker, market(halted_until=NOW + 1, reduced_until=NOW + 9), MARK)
    assert (after.is_open, after.is_reduce_only) == (False, False)
    # Once the halt is over it is.
    assert check(breaker, replace(after, status=MarketStatus.HALTED), MARK, NOW + 1).is_reduce_only


CHARGED = NOW + 1


@pytest.mark.parametrize("restricted", [False, True])
@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("reduced_until", [0, CHARGED])
@pytest.mark.parametrize("halted_until", [0, NOW + 1])
def test_halted_comes_before_settled_and_settled_before_reduce_only(
    breaker: CircuitTester, halted_until: int, reduced_until: int, settled: bool, restricted: bool
) -> None:
    before = market(halted_until=halted_until, reduced_until=reduced_until, settled=settled)
    after = check(breaker, before, MARK, restricted=restricted)
    reduces = settled or restricted or reduced_until == CHARGED
    expected = MarketStatus.REDUCE_ONLY if reduces else MarketStatus.OPEN
    if settled:
        expected = MarketStatus.SETTLED
    if halted_until:
        expected = MarketStatus.HALTED
    assert after.status == expected
    assert after.is_reduce_only == (reduces and not halted_until)


@pytest.mark.parametrize("mark", [1, MARK, HIGHEST])
def test_no_price_of_the_round_halts_a_settled_market(breaker: CircuitTester, mark: int) -> None:
    after = check(breaker, market(settled=True), mark)
    assert (after.mark, after.status) == (MARK, MarketStatus.SETTLED)


@pytest.mark.parametrize("restricted", [0, 1])
@pytest.mark.parametrize("settled", [0, 1])
def test_a_slot_without_a_market_is_not_open(breaker: CircuitTester, restricted: int, settled: int) -> None:
    """Whatever holds in the others."""
    empty = inputs(Market(), 0) | {"restricted": restricted, "settled": settled}
    told = breaker.witness(empty)
    assert told == {"open": 0, "reduceOnly": 0, "haltedUntil": 0, "status": 0}
    assert not breaker.accepts_witness_with(empty, {"main.open": 1})
    early = empty | {"reducedUntil": NOW + 1}
    assert breaker.witness(early) == told
    for lie in ({"reduceOnly": 1}, {"status": 4}, {"openSettled": 1, "status": 1}):
        lies = {f"main.{name}": value for name, value in lie.items()}
        assert not breaker.accepts_witness_with(early, lies)


# ---- Lies. Those about a comparison come with all that follows from them.

JUMPED = (market(), 2 * MARK, NOW)
FELL = (market(), MARK // 2, NOW)
CALM = (market(), MARK + 1, NOW)
EARLY = (market(halted_until=NOW + 1), MARK, NOW)
REDUCING = (market(reduced_until=NOW + 1), MARK, NOW)
FREE = (market(reduced_until=NOW), MARK, NOW)
RESTRICTED = (market(), MARK, NOW, True)
SETTLED = (market(settled=True), MARK, NOW)
SETTLED_AND_HALTED = (market(halted_until=NOW + 1, settled=True), MARK, NOW)
NO_JUMP = {"jump": 0, "haltedUntil": 0, "over": 1, "open": 1, "status": 1}
HALTED = {"jump": 1, "haltedUntil": NOW + HALT, "over": 0, "open": 0, "status": 2}
OPENED = {"open": 1, "status": 1}
CLOSED = {"open": 0, "status": 2}
REDUCES = {"reduceOnly": 1, "status": 3}
TAKES_ALL = {"reduceOnly": 0, "status": 1}


@pytest.mark.parametrize(
    ("batch", "lies"),
    [
        (JUMPED, OPENED),
        (JUMPED, {"over": 1, **OPENED}),
        (JUMPED, {"haltedUntil": 0}),
        (JUMPED, {"haltedUntil": NOW, "over": 1, **OPENED}),
        (JUMPED, {"haltedUntil": NOW + HALT - 1}),
        (JUMPED, {"haltedUntil": NOW + HALT + 1}),
        (JUMPED, NO_JUMP),
        (JUMPED, {"within": 1, **NO_JUMP}),
        (JUMPED, {"isFirst": 1, **NO_JUMP}),
        (JUMPED, {"limit": MARK * c.PPM_UNIT, "within": 1, **NO_JUMP}),
        (JUMPED, {"move": 0, "within": 1, **NO_JUMP}),
        (JUMPED, {"rises": 0, "move": -MARK, "within": 1, **NO_JUMP}),
        (FELL, {"rises": 1, "move": -MARK // 2, "within": 1, **NO_JUMP}),
        (FELL, {"rises": 1, **NO_JUMP}),
        (CALM, CLOSED),
        (CALM, {"over": 0, **CLOSED}),
        (CALM, {"haltedUntil": NOW + HALT, "over": 0, **CLOSED}),
        (CALM, HALTED),
        (CALM, {"within": 0, **HALTED}),
        (CALM, {"limit": 0, "within": 0, **HALTED}),
        (CALM, {"move": MARK, "within": 0, **HALTED}),
        (EARLY, OPENED),
        (EARLY, {"over": 1, **OPENED}),
        (EARLY, {"haltedUntil": NOW, "over": 1, **OPENED}),
        ((market(0), MARK, NOW), {"isFirst": 0, **HALTED}),
        (REDUCING, TAKES_ALL),
        (REDUCING, {"free": 1, **TAKES_ALL}),
        (REDUCING, {"uncharged": 1, "free": 1, **TAKES_ALL}),
        (FREE, REDUCES),
        (FREE, {"free": 0, **REDUCES}),
        (FREE, {"uncharged": 0, "free": 0, **REDUCES}),
        (FREE, {"unrestricted": 0, "free": 0, **REDUCES}),
        (EARLY, {"reduceOnly": 1, "status": 4}),
        (EARLY, {"free": 0, "reduceOnly": 1, "status": 4}),
        (RESTRICTED, TAKES_ALL),
        (RESTRICTED, {"free": 1, **TAKES_ALL}),
        (RESTRICTED, {"unrestricted": 1, "free": 1, **TAKES_ALL}),
        (SETTLED, {"reduceOnly": 0, "status": 2}),
        (SETTLED, {"free": 1, "reduceOnly": 0, "status": 2}),
        (SETTLED, {"unrestricted": 1, "free": 1, "reduceOnly": 0, "status": 2}),
        (SETTLED, {"openSettled": 0, "status": 3}),
        (SETTLED_AND_HALTED, {"openSettled": 1, "status": 3}),
        (FREE, {"openSettled": 1, "status": 2}),
        *((batch, {"status": lie}) for batch in (FREE, SETTLED, JUMPED) for lie in (0, 3, 5)),
    ],
    ids=str,
)
def test_no_halt_can_be_lied_about(
    breaker: CircuitTester,
    batch: tuple[Market, int, int] | tuple[Market, int, int, bool],
    lies: dict[str, int],
) -> None:
    told = inputs(*batch)
    assert breaker.accepts(told)
    assert not breaker.accepts_witness_with(told, {f"main.{name}": lie for name, lie in lies.items()})


@pytest.mark.parametrize(
    ("calm", "change", "first"),
    [
        (market(1), "mark", 1 + (1 << c.PRICE_BITS)),
        (market(1 << 32), "maxMovePpm", 1 << 20),
        (market(), "haltedUntilBefore", NOW + (1 << c.TIME_BITS + 1) + 1),
        (market(), "reducedUntil", NOW + (1 << c.TIME_BITS) + 1),
    ],
    ids=["rises", "within", "over", "uncharged"],
)
def test_no_difference_is_larger_than_its_fields_make_it(
    breaker: CircuitTester, calm: Market, change: str, first: int
) -> None:
    """Each comparison refuses by itself what would wrap around the field."""
    told = inputs(calm, calm.mark)
    assert breaker.accepts(told | {change: first - 1})
    assert breaker.rejects(told | {change: first})
