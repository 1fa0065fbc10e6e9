"""Whom a liquidation may reduce, by how much and at what price: the taker's health decides, exactly."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.model.message import Message
from sequencer.model.words import to_field
from tests.circuits.book.lies import Tables
from tests.circuits.harness import CircuitTester
from tests.circuits.step.micro_steps import message_bus
from tests.circuits.step.test_margin import (
    EQUITY,
    EQUITY_AFTER,
    INITIAL_AFTER,
    MARGIN,
    MARGIN_AFTER,
    SLACK_BITS,
)
from tests.strategies import MARK

UNIT = c.PPM_UNIT
LARGEST_LOT = (1 << 72) - 1


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("TakerMargin")


BARE = {side: message_bus(Message.liquidation(5, 3, side, 7)) for side in Side}
OTHER_WORDS = [
    *(
        (name, 1)
        for name in ("keyEpoch", "nonce", "ioc", "postOnly", "reduceOnly", "expiry", "maxFee", "target")
    ),
    ("nonce", (1 << c.NONCE_BITS) - 1),
    ("target", (1 << c.SEQUENCE_BITS) - 1),
]


@pytest.fixture(scope="module")
def is_unsigned() -> CircuitTester:
    return CircuitTester("IsUnsigned")


@pytest.mark.parametrize("side", Side)
def test_a_liquidation_has_four_words_of_its_own(is_unsigned: CircuitTester, side: Side) -> None:
    told: Tables = {"message": BARE[side], "isThird": 1, "ofFund": 0}
    assert is_unsigned.witness(told) == {"out": 1}
    assert is_unsigned.witness(told | {"isThird": 0}) == {"out": 0}
    for name, value in (("account", 0), ("market", 0), ("size", 0)):
        assert is_unsigned.witness(told | {"message": BARE[side] | {name: value}}) == {"out": 1}
    for name, value in OTHER_WORDS:
        other = told | {"message": BARE[side] | {name: value}}
        assert is_unsigned.witness(other) == {"out": 0}
        assert not is_unsigned.accepts_witness_with(other, {"main.out": 1})


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("price", [1, c.RANK_MAX - 1, 1 << 31])
def test_every_order_crosses_the_limit_of_a_liquidation(
    is_unsigned: CircuitTester, side: Side, price: int
) -> None:
    told: Tables = {"message": BARE[side] | {"price": price}, "isThird": 1, "ofFund": 0}
    assert is_unsigned.witness(told) == {"out": 0}
    for signal in ("out", "distance", "isBare"):
        assert not is_unsigned.accepts_witness_with(told, {f"main.{signal}": 123})
    opposite = BARE[side] | {"price": BARE[Side(1 - side)]["price"]}
    assert is_unsigned.witness(told | {"message": opposite}) == {"out": 0}


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("price", [0, 1, MARK, c.RANK_MAX])
def test_the_fund_chooses_its_price_and_no_other_word(
    is_unsigned: CircuitTester, side: Side, price: int
) -> None:
    message = message_bus(Message.unwinding(3, side, 7, price))
    told: Tables = {"message": message, "isThird": 1, "ofFund": 1}
    assert is_unsigned.witness(told) == {"out": 1}
    for name, value in OTHER_WORDS:
        assert is_unsigned.witness(told | {"message": message | {name: value}}) == {"out": 0}
    worst = BARE[side]["price"]
    assert is_unsigned.witness(told | {"ofFund": 0}) == {"out": int(price == worst)}
    if price != worst:
        for lie in ({"main.out": 1}, {"main.isBare": 1}, {"main.forcedPrice": 0}):
            assert not is_unsigned.accepts_witness_with(told | {"ofFund": 0}, lie)


def test_no_word_makes_up_for_another(is_unsigned: CircuitTester) -> None:
    flags = ("ioc", "postOnly", "reduceOnly")
    for pair in combinations(flags, 2):
        words = BARE[Side.SELL] | dict.fromkeys(pair, 1)
        assert is_unsigned.witness({"message": words, "isThird": 1, "ofFund": 0}) == {"out": 0}
    for flag in flags:
        words = BARE[Side.SELL] | {"price": 1, flag: 1}
        assert is_unsigned.witness({"message": words, "isThird": 1, "ofFund": 0}) == {"out": 0}
    # A price that is 5 short of the limit, and what would be 5 too many elsewhere.
    for name in ("keyEpoch", "nonce", "expiry", "maxFee", "target"):
        words = BARE[Side.BUY] | {"price": c.RANK_MAX - 5, name: 5}
        assert is_unsigned.witness({"message": words, "isThird": 1, "ofFund": 0}) == {"out": 0}
        words = BARE[Side.SELL] | {"price": 5, name: 5}
        assert is_unsigned.witness({"message": words, "isThird": 1, "ofFund": 0}) == {"out": 0}


class Case(Struct, frozen=True):
    """A taker before and after a candidate of so many lots: equity, maintenance margin, and both again."""

    equity: int
    maintenance: int
    equity_after: int
    maintenance_after: int
    initial_after: int = 0
    reduces: bool = True
    reserved: int = 0
    lots: int = 1
    lot: int = 0
    liquidates: bool = True
    takes_over: bool = False
    judged: bool = True
    quiet: bool = False

    def inputs(self) -> Tables:
        health = {
            "equity": self.equity,
            "maintenance": self.maintenance,
            "equityAfter": self.equity_after,
            "initialAfter": max(self.initial_after, self.maintenance_after),
            "maintenanceAfter": self.maintenance_after,
            "reduces": int(self.reduces),
            "reserved": self.reserved,
        }
        return {
            "health": health,
            "liquidates": int(self.liquidates),
            "takesOver": int(self.takes_over),
            "judged": int(self.judged),
            "quiet": int(self.quiet),
            "quantity": self.lots if self.judged else 0,
            "lotMaintenance": self.lot,
        }

    @property
    def orderly(self) -> bool:
        return self.equity_after * self.maintenance >= self.equity * self.maintenance_after

    @property
    def priced(self) -> bool:
        return self.judged and (self.orderly or not self.liquidates)

    @property
    def exhausted(self) -> bool:
        return self.liquidates and (self.quiet or (self.judged and not self.orderly))

    @property
    def allowed(self) -> bool:
        equity = self.equity * UNIT
        if not self.liquidates:
            initial = max(self.initial_after, self.maintenance_after)
            relieved = self.reduces and self.orderly
            required = self.maintenance_after if relieved else initial
            return self.equity_after * UNIT >= required + self.reserved
        if self.exhausted:
            return 2 * equity < self.maintenance
        others = (self.lots - 1) * self.lot if self.priced else 0
        return others < self.maintenance - equity


def check(circuit: CircuitTester, case: Case) -> dict[str, int]:
    expected = {
        "priced": int(case.priced),
        "exhausted": int(case.exhausted),
        "allowed": int(case.allowed),
        "bound": int(case.takes_over and case.reduces),
    }
    assert circuit.accepts(case.inputs())
    assert circuit.witness(case.inputs()) == expected
    return expected


@given(
    equity=st.integers(-9, 9) | st.integers(-EQUITY, EQUITY - 1),
    maintenance=st.integers(0, 9 * UNIT) | st.integers(0, MARGIN),
    equity_after=st.integers(-9, 9) | st.integers(-EQUITY_AFTER, EQUITY_AFTER),
    maintenance_after=st.integers(0, 9 * UNIT) | st.integers(0, MARGIN_AFTER),
    lots=st.integers(1, 256),
    lot=st.integers(0, 2 * UNIT) | st.integers(0, LARGEST_LOT),
    liquidates=st.booleans(),
    look=st.sampled_from([(True, False), (False, True), (False, False)]),
)
@settings(max_examples=150)
def test_the_taker_is_judged_by_the_rule_alone(
    circuit: CircuitTester,
    equity: int,
    maintenance: int,
    equity_after: int,
    maintenance_after: int,
    lots: int,
    lot: int,
    liquidates: bool,
    look: tuple[bool, bool],
) -> None:
    case = Case(equity, maintenance, equity_after, maintenance_after, lots=lots, lot=lot)
    check(circuit, replace(case, liquidates=liquidates, judged=look[0], quiet=look[1]))


HELD = Case(3, 4 * UNIT, 3, 3 * UNIT, lot=UNIT)
"""Four lots of a margin of 1 each, an equity of 3: one lot is due, at a quarter of the equity."""


@pytest.mark.parametrize(
    ("equity", "allowed"), [(3, True), (4, False), (5, False), (0, True), (-1, True)], ids=str
)
def test_only_below_the_maintenance_margin_is_a_liquidation_due(
    circuit: CircuitTester, equity: int, allowed: bool
) -> None:
    idle = replace(HELD, equity=equity, equity_after=equity, maintenance_after=4 * UNIT, judged=False)
    assert check(circuit, idle)["allowed"] == allowed


@pytest.mark.parametrize(("lots", "allowed"), [(1, True), (2, True), (3, False)])
def test_no_more_lots_than_are_due(circuit: CircuitTester, lots: int, allowed: bool) -> None:
    short = replace(HELD, equity=2, equity_after=2, lots=lots, maintenance_after=(4 - lots) * UNIT)
    assert check(circuit, short)["allowed"] == allowed
    # A millionth of a unit more is due, and so is another lot.
    owing = replace(short, maintenance=4 * UNIT + 1)
    assert check(circuit, owing)["allowed"] == (lots <= 3)


@pytest.mark.parametrize(
    ("equity_after", "priced"), [(3, True), (2, False), (4, True)], ids=["above", "below", "better"]
)
def test_equity_per_margin_never_falls(circuit: CircuitTester, equity_after: int, priced: bool) -> None:
    # Three quarters of 3 are 2.25.
    seen = check(circuit, replace(HELD, equity_after=equity_after))
    assert (seen["priced"], seen["exhausted"]) == (priced, not priced)


@pytest.mark.parametrize(("equity", "allowed"), [(1, True), (2, False), (3, False), (0, True), (-5, True)])
@pytest.mark.parametrize("quiet", [False, True])
def test_the_fund_waits_for_half_of_the_margin(
    circuit: CircuitTester, equity: int, allowed: bool, quiet: bool
) -> None:
    worse = replace(HELD, equity=equity, equity_after=-9, judged=not quiet, quiet=quiet)
    assert check(circuit, worse) == {"priced": 0, "exhausted": 1, "allowed": int(allowed), "bound": 0}


def taking_over(equity: int, maintenance: int, equity_after: int, maintenance_after: int) -> Case:
    case = Case(equity, maintenance, equity_after, maintenance_after)
    return replace(case, takes_over=True, judged=False)


@given(
    equity=st.integers(-9, 9) | st.integers(-EQUITY, EQUITY - 1),
    margins=st.tuples(st.integers(1, 9) | st.integers(1, MARGIN), st.integers(0, MARGIN)),
    error=st.sampled_from([-2, -1, 1, 2, 1 << 40]),
)
@settings(max_examples=80)
def test_the_fund_leaves_the_share_rounded_down_and_nothing_else(
    circuit: CircuitTester, equity: int, margins: tuple[int, int], error: int
) -> None:
    maintenance, after = margins[0], margins[1] % (margins[0] + 1)
    exact = equity * after // maintenance
    told = taking_over(equity, maintenance, exact, after)
    assert circuit.witness(told.inputs()) == {"priced": 0, "exhausted": 0, "allowed": 1, "bound": 1}
    assert circuit.accepts(told.inputs())
    assert circuit.rejects(replace(told, equity_after=exact + error).inputs())


@pytest.mark.parametrize("equity", [-EQUITY, -5, 0, 5])
@pytest.mark.parametrize("equity_after", [-EQUITY_AFTER, -5, 0, 5, EQUITY_AFTER])
def test_lots_that_do_not_reduce_have_no_price(
    circuit: CircuitTester, equity: int, equity_after: int
) -> None:
    # A margin of thousands of lots that nobody has would share out a debt beyond all bounds.
    told = replace(taking_over(equity, UNIT, equity_after, MARGIN_AFTER), reduces=False)
    check(circuit, told)
    exact = equity * MARGIN_AFTER // UNIT
    assert circuit.accepts(replace(told, reduces=True).inputs()) == (equity_after == exact)


SIGNALS = ["change", "compared", "notWorse", "worse", "priced", "exhausted", "otherLots", "relief", "buffer"]
SIGNALS += ["rule.relieved", "rule.required", "owed", "taken", "exact", "allowed", "bound"]


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize(
    "case",
    [
        replace(HELD, equity=2, equity_after=2, lots=3),
        replace(HELD, equity=3, equity_after=2),
        replace(HELD, quiet=True, judged=False),
        replace(HELD, liquidates=False, equity_after=1),
        taking_over(-3, 4 * UNIT, -3, 3 * UNIT),
    ],
    ids=["too many", "worse", "nobody", "order", "fund"],
)
def test_nothing_on_the_way_can_be_lied_about(circuit: CircuitTester, case: Case, signal: str) -> None:
    told = case.inputs()
    assert circuit.accepts(told)
    assert not circuit.accepts_witness_with(told, {f"main.{signal}": 123_456_789})


@pytest.mark.parametrize("equity", [EQUITY - 1, -EQUITY])
@pytest.mark.parametrize("equity_after", [EQUITY_AFTER, -EQUITY_AFTER])
@pytest.mark.parametrize("maintenance", [0, MARGIN])
@pytest.mark.parametrize("maintenance_after", [0, MARGIN_AFTER])
@pytest.mark.parametrize("look", [(True, False), (False, True), (False, False)])
def test_the_largest_accounts_do_not_wrap(
    circuit: CircuitTester,
    equity: int,
    equity_after: int,
    maintenance: int,
    maintenance_after: int,
    look: tuple[bool, bool],
) -> None:
    case = Case(
        equity, maintenance, equity_after, maintenance_after, INITIAL_AFTER, lots=257, lot=LARGEST_LOT
    )
    for liquidates in (True, False):
        check(circuit, replace(case, judged=look[0], quiet=look[1], liquidates=liquidates, reserved=MARGIN))


@pytest.mark.parametrize(
    ("case", "first"),
    [
        (Case(0, 1 << 100, 0, 0, liquidates=False), {"equityAfter": 1 << 47}),
        (Case(0, 0, 0, 0, liquidates=False), {"reserved": -(1 << SLACK_BITS)}),
        (Case(0, 0, 0, 0), {"maintenance": (1 << SLACK_BITS) + 1}),
    ],
    ids=["health", "slack of an order", "slack of a liquidation"],
)
def test_neither_comparison_takes_what_would_wrap(
    circuit: CircuitTester, case: Case, first: dict[str, int]
) -> None:
    told = case.inputs()
    health = told["health"]
    last = {name: value - 1 if value > 0 else value + 1 for name, value in first.items()}
    assert circuit.accepts(told | {"health": health | last})
    assert circuit.rejects(told | {"health": health | {k: to_field(v) for k, v in first.items()}})
