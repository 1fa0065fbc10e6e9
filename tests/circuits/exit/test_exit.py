"""An exit proves what its account is worth under the exit root, and nothing else."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sequencer.crypto import poseidon
from sequencer.engine.funding import settled
from sequencer.engine.margin import health
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.market import Market, MarketParameters
from sequencer.model.words import from_field, to_field
from sequencer.state.exit import exit_claim, exit_inputs
from sequencer.state.published import PublishedState
from sequencer.state.record import Signal
from tests.circuits.exit.cases import (
    HELD,
    INSOLVENT,
    LAST_ACCOUNT,
    LONG,
    MARKETS,
    forged,
    inputs_with,
    state_of,
)
from tests.circuits.harness import CircuitTester
from tests.circuits.state.buses import INDICES, PERPETUAL, TRADER, accounts

OWNER, COLLATERAL, POSITION = 0, 1, 2
WORTHLESS = (replace(PERPETUAL, mark=0, long_index=0, short_index=0),) * c.MARKETS
NO_POSITIONS = dict.fromkeys(range(POSITION, POSITION + c.MARKETS), 0)
UNIT = c.INDEX_UNIT
EQUITY_END = 1 << c.AMOUNT_BITS
HIGHEST = (1 << c.INDEX_BITS) - 1
FLAT = replace(TRADER, collateral=5, positions=(0,) * c.MARKETS, indices=(0,) * c.MARKETS)


@pytest.fixture(scope="module")
def leaving() -> CircuitTester:
    return CircuitTester("Exit", (c.ACCOUNT_DEPTH,))


def markets() -> st.SearchStrategy[Market]:
    """Markets whose positions are worth what a state allows, 2^60 at most, and empty slots."""
    parameters = st.builds(MarketParameters, quote_per_tick_lot=st.integers(0, 1 << 10))
    fields = {"mark": st.integers(0, 100), "long_index": INDICES, "short_index": INDICES}
    return st.builds(replace, st.just(PERPETUAL), parameters=parameters, **fields) | st.just(Market())


@st.composite
def unsettled_accounts(draw: st.DrawFn, slots: tuple[Market, ...]) -> Account:
    """Accounts that owe, or are owed, what leaves a collateral within its bounds."""
    account = draw(accounts().filter(lambda each: each.exists))
    positions = tuple(size >> 5 for size in account.positions)
    away = [draw(st.integers(-(1 << 50), 1 << 50)) for _ in slots]
    indices = tuple(
        min(HIGHEST, max(-HIGHEST, market.index(size) + each))
        for market, size, each in zip(slots, positions, away, strict=True)
    )
    return replace(account, collateral=account.collateral >> 1, positions=positions, indices=indices)


@given(data=st.data(), account=st.integers(1, LAST_ACCOUNT), slots=st.tuples(*[markets()] * c.MARKETS))
@settings(max_examples=15)
def test_what_the_engine_calls_equity_can_be_proven(
    leaving: CircuitTester, data: st.DataObject, account: int, slots: tuple[Market, ...]
) -> None:
    owned = data.draw(unsettled_accounts(slots))
    inputs = exit_inputs(state_of(HELD | {account: owned}, slots), account)
    assert inputs["equity"] == max(0, health(settled(owned, slots), slots).equity)
    assert leaving.accepts(inputs)


@pytest.mark.parametrize("account", [number for number in HELD if number])
def test_every_account_of_a_state_can_leave(leaving: CircuitTester, account: int) -> None:
    slots = (replace(PERPETUAL, mark=3),) * c.MARKETS if account == LAST_ACCOUNT else MARKETS
    assert leaving.accepts(exit_inputs(state_of(markets=slots), account))


@pytest.mark.parametrize("name", ["exitRoot", "account", "owner", "equity"])
def test_no_public_value_can_be_lied_about(leaving: CircuitTester, name: str) -> None:
    honest = exit_inputs(state_of(), 6)
    value = honest[name]
    assert isinstance(value, int)
    assert value > 0
    for lie in (value + 1, value - 1, 0, -value):
        assert leaving.rejects(honest | {name: lie})


def test_the_root_of_another_state_is_rejected(leaving: CircuitTester) -> None:
    richer = state_of(HELD | {6: replace(LONG, collateral=LONG.collateral + 1)})
    assert leaving.accepts(exit_inputs(richer, 6))
    assert leaving.rejects(exit_inputs(richer, 6) | {"exitRoot": state_of().exit_root()})


def test_an_account_leaves_from_its_own_place_only(leaving: CircuitTester) -> None:
    """6 and 8 hold the same, for two owners: each proves with its own id and its own path."""
    six, eight = exit_inputs(state_of(), 6), exit_inputs(state_of(), 8)
    assert six["equity"] == eight["equity"]
    for names in (("account",), ("path",), ("account", "path")):
        assert leaving.rejects(six | {name: eight[name] for name in names})
    assert leaving.rejects(six | {"owner": eight["owner"]})
    assert leaving.rejects(six | {"owner": eight["owner"], "account": 8})


@pytest.mark.parametrize("alias", [1 << c.ACCOUNT_BITS, -(1 << c.ACCOUNT_BITS), 3 << c.ACCOUNT_BITS])
def test_an_account_has_one_id(leaving: CircuitTester, alias: int) -> None:
    """An id beyond the tree would pass the contract's register of exits a second time."""
    assert leaving.rejects(exit_inputs(state_of(), 6) | {"account": 6 + alias})


def test_a_hash_without_an_owner_is_no_account(leaving: CircuitTester) -> None:
    state = forged(6, {OWNER: 0})
    told: dict[str, Signal] = {
        "owner": 0,
        "path": state.account_tree().path(6),
        "exitRoot": state.exit_root(),
    }
    assert leaving.rejects(exit_inputs(state_of(), 6) | told)


def test_an_empty_place_is_no_account(leaving: CircuitTester) -> None:
    """Its leaf is 0, and no account hashes to that."""
    empty = state_of().account_tree().path(9)
    assert leaving.rejects(exit_inputs(state_of(), 6) | {"account": 9, "path": empty})
    nothing: dict[str, Signal] = {"owner": 0, "collateral": 0, "settled": 0, "tradingLeaf": 0}
    nothing |= {"position": [0] * c.MARKETS, "index": [0] * c.MARKETS}
    claim: dict[str, Signal] = {"account": 9, "path": empty, "equity": 0}
    assert leaving.rejects(exit_inputs(state_of(), 6) | nothing | claim)


def test_debts_cannot_be_claimed(leaving: CircuitTester) -> None:
    """What a proof pays is the equity as an unsigned number: a debt of 1 would be p - 1."""
    debt = health(settled(INSOLVENT, MARKETS), MARKETS).equity
    assert debt < 0
    assert leaving.accepts(inputs_with(state_of(), 7, 0))
    for lie in (debt, -debt, 1, debt + EQUITY_END):
        assert leaving.rejects(inputs_with(state_of(), 7, lie))
    assert not leaving.accepts_witness_with(
        inputs_with(state_of(), 7, 0), {"main.solvent": 1, "main.equity": debt}
    )


def test_a_solvent_account_is_not_cut_to_0(leaving: CircuitTester) -> None:
    honest = exit_inputs(state_of(), 6)
    assert leaving.rejects(honest | {"equity": 0})
    assert not leaving.accepts_witness_with(honest, {"main.solvent": 0, "main.equity": 0})


def worth_of(sum_of_all: int) -> PublishedState:
    """A state in which account 6 has lots that are worth 2^16 each, as many as there are, and the rest."""
    most = 1 << c.SIZE_BITS
    lots = min(most - 1, max(-most, sum_of_all >> 16))
    collateral = sum_of_all - (lots << 16)
    dear = replace(WORTHLESS[0], mark=1 << 16, parameters=replace(PERPETUAL.parameters, quote_per_tick_lot=1))
    return forged(6, NO_POSITIONS | {COLLATERAL: collateral, POSITION: lots}, (dear, *WORTHLESS[1:]))


@pytest.mark.parametrize(("worth", "fits"), [(EQUITY_END - 1, True), (EQUITY_END, False)])
def test_an_equity_has_64_bits(leaving: CircuitTester, worth: int, fits: bool) -> None:
    state = worth_of(worth)
    assert leaving.accepts(inputs_with(state, 6, worth)) == fits
    assert fits or leaving.rejects(inputs_with(state, 6, worth))


@pytest.mark.parametrize(("worth", "fits"), [(-EQUITY_END, True), (-EQUITY_END - 1, False)])
def test_a_worth_has_one_sign(leaving: CircuitTester, worth: int, fits: bool) -> None:
    assert leaving.rejects(inputs_with(worth_of(worth), 6, 0)) != fits


@pytest.mark.parametrize(
    ("collateral", "fits"),
    [
        (-c.COLLATERAL_BOUND, True),
        (-c.COLLATERAL_BOUND - 1, False),
        (c.COLLATERAL_BOUND - 1, True),
        (c.COLLATERAL_BOUND, False),
    ],
)
def test_a_settled_collateral_has_62_bits_and_a_sign(
    leaving: CircuitTester, collateral: int, fits: bool
) -> None:
    state = forged(6, NO_POSITIONS | {COLLATERAL: collateral}, WORTHLESS)
    assert leaving.rejects(inputs_with(state, 6, max(0, collateral))) != fits


@pytest.mark.parametrize("slot", range(c.MARKETS))
@pytest.mark.parametrize(
    ("index", "fits"), [(HIGHEST, True), (HIGHEST + 1, False), (-HIGHEST - 1, True), (-HIGHEST - 2, False)]
)
def test_an_index_has_112_bits_and_a_sign(leaving: CircuitTester, slot: int, index: int, fits: bool) -> None:
    """Even where no lots would owe anything."""
    words = NO_POSITIONS | {COLLATERAL: 7, POSITION + slot: index << c.POSITION_INDEX_AT}
    assert leaving.rejects(inputs_with(forged(6, words, WORTHLESS), 6, 7)) != fits


@pytest.mark.parametrize("slot", range(c.MARKETS))
@pytest.mark.parametrize(
    ("size", "fits"),
    [
        ((1 << c.SIZE_BITS) - 1, True),
        (1 << c.SIZE_BITS, False),
        (-(1 << c.SIZE_BITS), True),
        (-(1 << c.SIZE_BITS) - 1, False),
    ],
)
def test_a_position_has_48_bits_and_a_sign(leaving: CircuitTester, slot: int, size: int, fits: bool) -> None:
    state = forged(6, {POSITION + slot: size}, WORTHLESS)
    assert leaving.rejects(inputs_with(state, 6, 0)) != fits


def test_the_markets_are_those_under_the_root(leaving: CircuitTester) -> None:
    honest = exit_inputs(state_of(), 6)
    higher = replace(PERPETUAL, mark=PERPETUAL.mark + 1)
    lie = exit_inputs(state_of(markets=(higher, *MARKETS[1:])), 6)
    words = ("priceWord", "parameterWord", "equity")
    assert leaving.accepts(lie)
    assert leaving.rejects(honest | {name: lie[name] for name in words})


def test_markets_cannot_change_places(leaving: CircuitTester) -> None:
    """A long of the dear market would be one of the cheap one's."""
    honest = exit_inputs(state_of(), 6)
    swapped = exit_inputs(state_of(markets=(MARKETS[2], MARKETS[1], MARKETS[0], MARKETS[3])), 6)
    assert swapped["equity"] != honest["equity"]
    assert leaving.rejects(swapped | {"exitRoot": honest["exitRoot"]})


def test_a_slot_without_a_market_makes_nobody_richer(leaving: CircuitTester) -> None:
    """Even of a position where no market is: a root over the hash 0 refuses no words."""
    state = forged(6, {POSITION + 1: 3})
    honest = exit_inputs(state, 6)
    equity = exit_claim(state, 6).equity
    price, parameters = honest["priceWord"], honest["parameterWord"]
    assert isinstance(price, list)
    assert isinstance(parameters, list)
    price[1], parameters[1] = 1 << c.MARKET_MARK_AT, 1
    assert leaving.accepts(exit_inputs(state, 6))
    for lie in (0, 3):
        assert leaving.rejects(honest | {"equity": equity + lie})


def test_no_worth_can_be_made_up(leaving: CircuitTester) -> None:
    honest = exit_inputs(state_of(HELD | {6: FLAT}), 6)
    assert not leaving.accepts_witness_with(honest, {"main.worth[0]": -1, "main.equity": 4})


def test_the_globals_bind_what_else_stands_under_the_root(leaving: CircuitTester) -> None:
    honest = exit_inputs(state_of(), 6)
    assert honest["globals"] == poseidon((12, to_field(-56), 34))
    for other in ((13, -56, 34), (12, -55, 34), (12, -56, 35), (12, 34)):
        assert leaving.rejects(honest | {"globals": poseidon([to_field(each) for each in other])})


# ---- What was never settled.


OWED = 7 * UNIT // 2
SIDES = {
    "a long owes": (5, OWED, 0),
    "a long is owed": (5, -OWED, 0),
    "a short owes": (-5, 0, OWED),
    "a short is owed": (-5, 0, -OWED),
}


class Unsettled:
    """Account 6 with lots of the first market, whose indices have moved since it was settled.

    17.5 units change hands.
    """

    def __init__(self, size: int, longs: int, shorts: int, collateral: int = 9_000_000) -> None:
        before = replace(PERPETUAL, long_index=2 * UNIT, short_index=-3 * UNIT)
        now = replace(before, long_index=before.long_index + longs, short_index=before.short_index + shorts)
        account = replace(
            FLAT, collateral=collateral, positions=(size, 0, 0, 0), indices=(before.index(size), 0, 0, 0)
        )
        state = state_of(HELD | {6: account}, (now, *MARKETS[1:]))
        self.honest: dict[str, Any] = dict(exit_inputs(state, 6))
        self.worth = now.value(size)

    def claiming(self, settled_to: int) -> dict[str, Any]:
        """The inputs with another settled collateral, and the equity that follows from it."""
        return {"settled": to_field(settled_to), "equity": settled_to + self.worth}


@pytest.mark.parametrize(("size", "longs", "shorts"), SIDES.values(), ids=SIDES)
def test_what_was_never_settled_is_settled(
    leaving: CircuitTester, size: int, longs: int, shorts: int
) -> None:
    told = Unsettled(size, longs, shorts)
    charge = 18 if longs + shorts > 0 else -17
    assert told.honest["settled"] == 9_000_000 - charge
    assert told.honest["equity"] == 9_000_000 - charge + told.worth
    assert leaving.accepts(told.honest)
    assert told.honest | told.claiming(9_000_000 - charge) == told.honest
    for lie in (charge + 1, charge - 1, 0, -charge, charge + (1 << 40)):
        assert leaving.rejects(told.honest | told.claiming(9_000_000 - lie))


@pytest.mark.parametrize(("size", "longs", "shorts"), SIDES.values(), ids=SIDES)
def test_another_index_is_not_that_of_the_leaf(
    leaving: CircuitTester, size: int, longs: int, shorts: int
) -> None:
    """Of the account or of the market: whatever it would owe then, the root refuses it."""
    told = Unsettled(size, longs, shorts)
    held, long, short = (told.honest[name] for name in ("index", "longIndex", "shortIndex"))
    sides = {"index": held, "longIndex": long, "shortIndex": short}
    for name, indices in sides.items():
        for away in (UNIT, -UNIT, 1, OWED):
            other = sides | {name: [to_field(indices[0] + away), *indices[1:]]}
            side = "longIndex" if size > 0 else "shortIndex"
            owed = abs(size) * (from_field(other[side][0]) - from_field(other["index"][0]))
            claim = told.claiming(9_000_000 + -owed // UNIT)
            assert leaving.rejects(told.honest | other | claim)
            assert leaving.rejects(told.honest | other)


@pytest.mark.parametrize(("size", "longs", "shorts"), SIDES.values(), ids=SIDES)
@pytest.mark.parametrize("lots", [1 << c.POSITION_INDEX_AT, 5, -5])
def test_the_word_of_a_position_has_one_reading(
    leaving: CircuitTester, size: int, longs: int, shorts: int, lots: int
) -> None:
    """As another size with another index it would owe something else, and be worth something else."""
    told = Unsettled(size, longs, shorts)
    share = lots * pow(1 << c.POSITION_INDEX_AT, -1, c.FIELD_MODULUS)
    held = (told.honest["index"][0] - share) % c.FIELD_MODULUS
    other = {"position": [to_field(size + lots), 0, 0, 0], "index": [held, 0, 0, 0]}
    assert leaving.rejects(told.honest | other)
    if size + lots == 0:
        assert leaving.rejects(told.honest | other | {"settled": 9_000_000, "equity": 9_000_000})


@pytest.mark.parametrize("away", [1, -1, 1 << 48])
def test_the_risk_word_is_that_of_the_leaf(leaving: CircuitTester, away: int) -> None:
    told = Unsettled(5, OWED, 0).honest
    word = told["riskWord"]
    assert leaving.rejects(told | {"riskWord": [word[0] + away, *word[1:]]})


def test_a_charge_may_leave_nothing(leaving: CircuitTester) -> None:
    """What the positions are worth is not enough for 18 units more."""
    for collateral, equity in ((-500_000 + 18, 0), (-500_000 + 17, 0), (-500_000 + 19, 1)):
        told = Unsettled(5, OWED, 0, collateral)
        assert told.worth == 500_000
        assert told.honest["equity"] == equity
        assert leaving.accepts(told.honest)
        assert leaving.rejects(told.honest | {"equity": equity + 1})
    assert not leaving.accepts_witness_with(Unsettled(5, OWED, 0, -500_000 + 17).honest, {"main.solvent": 1})


def test_a_settled_collateral_is_no_fraction(leaving: CircuitTester) -> None:
    """Any rest but 14.4 thousand millions, that of half a unit, is that of some field element."""
    told = Unsettled(5, OWED, 0)
    for rest in (0, 1, 12_345):
        share = (5 * OWED + rest) * pow(UNIT, -1, c.FIELD_MODULUS) % c.FIELD_MODULUS
        settled_to = (9_000_000 - share) % c.FIELD_MODULUS
        claim = {"settled": settled_to, "equity": (settled_to + told.worth) % c.FIELD_MODULUS}
        assert leaving.rejects(told.honest | claim)
        assert leaving.rejects(told.honest | claim | {"equity": 0})
