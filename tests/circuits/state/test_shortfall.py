"""What the winning side is charged for the debt of the insurance fund."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.engine.shortfall import charge_shortfall, losing_side
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Side
from sequencer.model.market import Market
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester
from tests.circuits.state.buses import PERPETUAL
from tests.strategies import DOMAIN, configuration

SLOTS = 2
UNIT = c.INDEX_UNIT
MARKETS = range(c.MARKETS)
TRADES = [(market, side) for market in MARKETS for side in Side]
LARGEST_INTEREST, DEAREST = (1 << c.SIZE_BITS) - 1, (1 << 52) - 1
LOWEST_EQUITY = -(1 << 63)
STEP_BITS = 88
Four = tuple[int, int, int, int]


@pytest.fixture(scope="module")
def shortfall() -> CircuitTester:
    return CircuitTester("Shortfall", (SLOTS,))


class Case(Struct, frozen=True):
    """The end of a batch: the fund's equity in two parts, the side that lost, and the markets.

    The other slot is of an account that owes much more.
    """

    collateral: int
    value: int = 0
    trade: tuple[int, int] | None = (2, Side.SELL)
    interest: Four = (3, 5, 7, 9)
    lot_value: Four = (10, 20, 100, 40)
    slot: int | None = 1

    @property
    def amount(self) -> int:
        if self.trade is None or self.slot is None:
            return 0
        market, _ = self.trade
        missing = max(0, -self.collateral - self.value)
        return min(missing, self.interest[market] * self.lot_value[market])

    @property
    def index_step(self) -> int:
        if self.amount == 0 or self.trade is None:
            return 0
        return -(-self.amount * UNIT // self.interest[self.trade[0]])

    def inputs(self) -> dict[str, Nested]:
        held = [self.slot == place for place in range(SLOTS)]
        return {
            "losing": 0 if self.trade is None else 8 + 2 * self.trade[0] + self.trade[1],
            "isFund": [int(each) for each in held],
            "collateral": [self.collateral if each else -777_777 for each in held],
            "value": [self.value if each else -888_888 for each in held],
            "openInterest": self.interest,
            "lotValue": self.lot_value,
            "indexStep": self.index_step,
        }

    @property
    def equity(self) -> int:
        """Of the fund once it is credited."""
        return 0 if self.slot is None else self.collateral + self.value + self.amount

    def outputs(self) -> dict[str, Nested]:
        def steps_of(loser: int) -> list[int]:
            return [self.index_step if self.trade == (market, loser) else 0 for market in MARKETS]

        charged = [
            self.trade is not None and self.trade[0] == market and self.amount > 0 for market in MARKETS
        ]
        return {
            "charged": list(map(int, charged)),
            "amount": self.amount,
            "equity": to_field(self.equity),
            "longStep": steps_of(Side.BUY),
            "shortStep": steps_of(Side.SELL),
        }


def check(circuit: CircuitTester, case: Case) -> None:
    assert circuit.accepts(case.inputs())
    assert circuit.witness(case.inputs()) == case.outputs()


def at_end_of(state: State) -> Case:
    """What the circuit is told of the fund and the markets when a batch ends."""
    fund, slots = state.account(c.INSURANCE_ACCOUNT), state.markets
    value = sum(market.value(size) for market, size in zip(slots, fund.positions, strict=True))
    return Case(
        fund.collateral,
        value,
        losing_side(state),
        tuple(market.open_interest for market in slots),  # type: ignore[arg-type]
        tuple(market.value(1) for market in slots),  # type: ignore[arg-type]
    )


def markets() -> st.SearchStrategy[Market]:
    return st.builds(
        lambda mark, interest: replace(PERPETUAL, mark=mark, open_interest=interest),
        st.integers(1, 2_000) | st.integers(1, c.RANK_MAX),
        st.integers(0, 3) | st.integers(0, 1 << 30),
    )


@given(
    slots=st.tuples(*[markets()] * c.MARKETS),
    positions=st.tuples(*[st.integers(-3, 3) | st.integers(-(1 << 21), 1 << 21)] * c.MARKETS),
    equity=st.integers(-9, 9) | st.integers(-(1 << 61), 1 << 61),
    trade=st.sampled_from(TRADES) | st.none(),
)
@settings(max_examples=80)
def test_the_winning_side_is_charged_as_by_the_engine(
    shortfall: CircuitTester,
    slots: tuple[Market, ...],
    positions: Four,
    equity: int,
    trade: tuple[int, int] | None,
) -> None:
    value = sum(market.value(size) for market, size in zip(slots, positions, strict=True))
    indices = tuple(market.index(size) for market, size in zip(slots, positions, strict=True))
    fund = Account(c.INSURANCE_OWNER, equity - value, positions, indices)
    terms = configuration(tuple(market.parameters for market in slots))
    state = State(terms, DOMAIN, {c.INSURANCE_ACCOUNT: fund}, slots)
    if trade is not None:
        state.note_fund_trade(*trade)
    case = at_end_of(state)
    event = charge_shortfall(state)
    if event is None:
        assert (case.amount, case.index_step) == (0, 0)
    else:
        assert ((event.market, event.side), event.amount) == (case.trade, case.amount)
        assert event.index == case.index_step
    check(shortfall, case)
    after = state.markets
    told = shortfall.witness(case.inputs())
    assert told["charged"] == [
        int(new.reduced_until != old.reduced_until) for old, new in zip(slots, after, strict=True)
    ]
    assert told["longStep"] == [
        new.long_index - old.long_index for old, new in zip(slots, after, strict=True)
    ]
    assert told["shortStep"] == [
        new.short_index - old.short_index for old, new in zip(slots, after, strict=True)
    ]


DEBT = Case(-500, 100)
"""The fund sold lots of the third market and is short of 400; its 7 lots are worth 100 each."""
CAPPED = replace(DEBT, lot_value=(10, 20, 50, 40))
"""They are worth 50 each, less than the debt."""
EDGES = {
    "debt": DEBT,
    "capped": CAPPED,
    "exactly what the side is worth": replace(DEBT, collateral=-800),
    "one more than it is worth": replace(DEBT, collateral=-801),
    "nothing missing": replace(DEBT, collateral=-100),
    "one unit missing": replace(DEBT, collateral=-101),
    "one unit left": replace(DEBT, collateral=-99),
    "a position that is worth less than nothing": Case(100, -101),
    "a lot for each unit": replace(DEBT, collateral=-107),
    "no open interest": replace(DEBT, interest=(3, 5, 0, 9)),
    "lots without a value": replace(DEBT, lot_value=(10, 20, 0, 40)),
    "one lot": replace(DEBT, interest=(3, 5, 1, 9), lot_value=(0, 0, 1_000, 0)),
    "lots by the unit": replace(DEBT, interest=(0, 0, UNIT, 0)),
    "lots by the unit and one": replace(DEBT, interest=(0, 0, UNIT + 1, 0)),
    "no trade": replace(DEBT, trade=None),
    "no fund": replace(DEBT, slot=None),
    "the first slot": replace(DEBT, slot=0),
    "the lowest equity": Case(
        -(1 << 62), -(1 << 62), interest=(0, 0, 1 << 12, 0), lot_value=(0, 0, DEAREST, 0)
    ),
    "the largest side": Case(
        -(1 << 62), -(1 << 62), interest=(0, 0, LARGEST_INTEREST, 0), lot_value=(0, 0, DEAREST, 0)
    ),
    "the largest step": Case(-(1 << 62), 0, interest=(0, 0, 1, 0), lot_value=(0, 0, DEAREST, 0)),
}


@pytest.mark.parametrize("case", EDGES.values(), ids=EDGES)
def test_nothing_is_charged_but_what_is_missing_and_can_be_borne(
    shortfall: CircuitTester, case: Case
) -> None:
    check(shortfall, case)


@pytest.mark.parametrize(
    ("name", "equity"),
    [
        ("debt", 0),
        ("capped", -50),
        ("one unit left", 1),
        ("nothing missing", 0),
        ("no trade", -400),
        ("no fund", 0),
    ],
)
def test_the_equity_of_the_fund_is_that_after_the_charge(
    shortfall: CircuitTester, name: str, equity: int
) -> None:
    told = EDGES[name]
    assert told.equity == equity
    assert shortfall.witness(told.inputs())["equity"] == to_field(equity)
    for lie in (equity + 1, equity - 1, told.collateral + told.value, 77):
        if lie != equity:
            assert not shortfall.accepts_witness_with(told.inputs(), {"main.equity": to_field(lie)})


@pytest.mark.parametrize("trade", TRADES)
def test_the_winning_side_of_the_market_pays(shortfall: CircuitTester, trade: tuple[int, int]) -> None:
    """Who sells gets rid of longs, so shorts have won."""
    case = replace(DEBT, trade=trade, lot_value=(1_000,) * 4)
    check(shortfall, case)
    assert case.amount == 400


@pytest.mark.parametrize("code", range(8))
def test_without_the_bit_of_a_trade_nothing_is_charged(shortfall: CircuitTester, code: int) -> None:
    told = replace(DEBT, trade=None).inputs() | {"losing": code}
    assert shortfall.accepts(told)
    assert shortfall.witness(told)["amount"] == 0


@pytest.mark.parametrize("code", [16, 16 + 13, -1])
def test_a_trade_has_four_bits(shortfall: CircuitTester, code: int) -> None:
    solvent = replace(DEBT, collateral=0).inputs()
    assert shortfall.accepts(solvent)
    assert shortfall.rejects(solvent | {"losing": code})


@pytest.mark.parametrize("case", EDGES.values(), ids=EDGES)
def test_the_step_is_the_share_rounded_up(shortfall: CircuitTester, case: Case) -> None:
    """With open interest or without: where nothing is charged no index moves."""
    told = case.inputs()
    for error in (-2, -1, 1, 2, 1 << 40, 1 << STEP_BITS):
        assert shortfall.rejects(told | {"indexStep": (case.index_step + error) % c.FIELD_MODULUS})
    if case.index_step:
        assert shortfall.rejects(told | {"indexStep": 0})


@pytest.mark.parametrize("rest", [0, 1, 2, 6])
def test_a_step_is_no_fraction(shortfall: CircuitTester, rest: int) -> None:
    """Seven lots leave 5; each other rest is that of some field element."""
    assert DEBT.index_step * 7 - DEBT.amount * UNIT == 5
    step = (DEBT.amount * UNIT + rest) * pow(7, -1, c.FIELD_MODULUS) % c.FIELD_MODULUS
    assert shortfall.rejects(DEBT.inputs() | {"indexStep": step})


def test_a_step_has_88_bits(shortfall: CircuitTester) -> None:
    """One lot pays it all; what it is worth is for the caller to bound."""
    last = ((1 << STEP_BITS) - 1) // UNIT
    within = Case(-last, interest=(0, 0, 1, 0), lot_value=(0, 0, 1 << 60, 0))
    beyond = replace(within, collateral=-last - 1)
    assert within.index_step < 1 << STEP_BITS <= beyond.index_step
    check(shortfall, within)
    assert shortfall.rejects(beyond.inputs())


@pytest.mark.parametrize(("equity", "fits"), [(LOWEST_EQUITY, True), (LOWEST_EQUITY - 1, False)])
def test_the_equity_of_the_fund_has_a_sign(shortfall: CircuitTester, equity: int, fits: bool) -> None:
    told = replace(DEBT, collateral=equity - 1, value=1, trade=None).inputs()
    assert shortfall.rejects(told) != fits
    highest = replace(DEBT, collateral=-1 - equity, value=0).inputs()
    assert shortfall.rejects(highest) != fits


def test_what_can_be_borne_has_100_bits(shortfall: CircuitTester) -> None:
    """The bounds of open interest and of a lot's value say so; beyond them the comparison would wrap."""
    solvent = replace(DEBT, collateral=0)
    largest = replace(solvent, interest=(0, 0, 1 << 48, 0), lot_value=(0, 0, DEAREST, 0))
    assert shortfall.accepts(largest.inputs())
    assert shortfall.rejects(replace(largest, lot_value=(0, 0, 1 << 52, 0)).inputs())


def test_an_open_interest_beyond_its_bits_is_not_shared_out(shortfall: CircuitTester) -> None:
    """With nothing to share, and with a rest that has one bit more than open interest."""
    beyond = (1 << c.SIZE_BITS) + 1
    solvent = replace(DEBT, collateral=0, lot_value=(0, 0, 1, 0))
    assert shortfall.accepts(replace(solvent, interest=(0, 0, beyond - 1, 0)).inputs())
    assert shortfall.rejects(replace(solvent, interest=(0, 0, beyond, 0)).inputs())
    amount = pow(UNIT, -1, beyond)
    wide = Case(-amount, interest=(0, 0, beyond, 0), lot_value=(0, 0, 1, 0))
    assert wide.index_step * beyond - wide.amount * UNIT == beyond - 1
    assert shortfall.rejects(wide.inputs())


@pytest.mark.parametrize("slot", [0, 1, None])
def test_nobody_elses_debt_is_charged(shortfall: CircuitTester, slot: int | None) -> None:
    rich = replace(DEBT, collateral=1_000_000, slot=slot)
    check(shortfall, rich)
    assert rich.amount == 0


# ---- Lies about what it computes, followed up as far as they lead.

NOTHING_MISSING = EDGES["nothing missing"]
LAST_MARKET = replace(DEBT, trade=(3, Side.BUY))
LIES = {
    "the other side": (DEBT, {"bits[0]": 0, "shortStep[2]": 0, "longStep[2]": DEBT.index_step}),
    "another market": (DEBT, {"step[0]": 5, "shortStep[0]": 5}),
    "another market's other side": (DEBT, {"step[3]": -5, "shortStep[3]": -5}),
    "not that market": (DEBT, {"step[2]": 0, "shortStep[2]": 0}),
    "more of it": (DEBT, {"step[2]": DEBT.index_step + 1, "shortStep[2]": DEBT.index_step + 1}),
    "the other side of the step": (DEBT, {"shortStep[2]": 0, "longStep[2]": DEBT.index_step}),
    "both sides": (DEBT, {"longStep[2]": DEBT.index_step}),
    "neither side": (DEBT, {"shortStep[2]": 0}),
    "another amount": (DEBT, {"amount": 399, "equity": -1}),
    "another's debt": (DEBT, {"held[0]": -777_777 - 888_888}),
    "half of it another's": (DEBT, {"held[0]": -200, "held[1]": -200}),
    "a debt of nothing": (NOTHING_MISSING, {"indebted": 1}),
    "without a trade": (replace(DEBT, trade=None), {"indebted": 1}),
    "solvent": (DEBT, {"solvent": 1}),
    "insolvent without a trade": (replace(NOTHING_MISSING, trade=None), {"solvent": 0}),
    "covered": (CAPPED, {"covered": 1, "amount": 400, "equity": 0}),
    "not covered": (EDGES["exactly what the side is worth"], {"covered": 0}),
    "capped": (DEBT, {"covered": 0, "amount": 700, "equity": 300}),
    "another's open interest": (LAST_MARKET, {"openInterest[3]": 10}),
    "another's value": (LAST_MARKET, {"lotValue[3]": 41}),
    "a value that is not borne": (LAST_MARKET, {"lotValue[3]": 41, "worth": 41}),
    "worth something to nobody": (EDGES["no open interest"], {"worth": 7}),
    "worth something": (EDGES["no open interest"], {"bearable": 400, "amount": 400, "equity": 0}),
    "open interest": (EDGES["no open interest"], {"interest": 7}),
    "nobody": (DEBT, {"nobody": 1}),
    "somebody": (EDGES["no open interest"], {"nobody": 0}),
    "missing": (DEBT, {"missing": 399, "amount": 399, "equity": -1}),
    "rest": (DEBT, {"rest": 4}),
    "no third market": (DEBT, {"isThird": 1}),
    "no trade": (DEBT, {"bits[3]": 0}),
    "first market": (DEBT, {"bits[2]": 0}),
    "nobody charged": (DEBT, {"charged[2]": 0}),
    "nothing moved": (DEBT, {"unmoved": 1, "charged[2]": 0}),
    "another charged": (DEBT, {"charged[0]": 1}),
    "charged for nothing": (NOTHING_MISSING, {"charged[2]": 1}),
    "moved by nothing": (NOTHING_MISSING, {"unmoved": 0, "charged[2]": 1}),
    "charged with nobody there": (EDGES["no open interest"], {"unmoved": 0, "charged[2]": 1}),
}


@pytest.mark.parametrize(("case", "lie"), LIES.values(), ids=LIES)
def test_what_is_charged_cannot_be_lied_about(
    shortfall: CircuitTester, case: Case, lie: dict[str, int]
) -> None:
    told = {f"main.{signal}": to_field(value) for signal, value in lie.items()}
    assert not shortfall.accepts_witness_with(case.inputs(), told)
