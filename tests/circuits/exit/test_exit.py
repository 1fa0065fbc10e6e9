"""An exit proves what its account is worth under the exit root, and nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sequencer.crypto import poseidon
from sequencer.engine.margin import health
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.market import Market, MarketParameters
from sequencer.state.exit import exit_claim, exit_inputs
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
from tests.circuits.state.buses import PERPETUAL, TRADER, accounts

OWNER, COLLATERAL, POSITION = 0, 1, 2
WORTHLESS = (replace(PERPETUAL, mark=0),) * c.MARKETS
EQUITY_END = 1 << c.AMOUNT_BITS
FLAT = replace(TRADER, collateral=5, positions=(0,) * c.MARKETS)


@pytest.fixture(scope="module")
def leaving() -> CircuitTester:
    return CircuitTester("Exit", (c.ACCOUNT_DEPTH,))


def markets() -> st.SearchStrategy[Market]:
    """Markets whose positions are worth what a state allows, 2^60 at most, and empty slots."""
    parameters = st.builds(MarketParameters, quote_per_tick_lot=st.integers(0, 1 << 10))
    return st.builds(replace, st.just(PERPETUAL), mark=st.integers(0, 100), parameters=parameters) | st.just(
        Market()
    )


def sized(account: Account) -> Account:
    return replace(account, positions=tuple(size >> 5 for size in account.positions))


@given(
    owned=accounts().filter(lambda each: each.exists).map(sized),
    account=st.integers(1, LAST_ACCOUNT),
    slots=st.tuples(*[markets()] * c.MARKETS),
)
@settings(max_examples=15)
def test_what_the_engine_calls_equity_can_be_proven(
    leaving: CircuitTester, owned: Account, account: int, slots: tuple[Market, ...]
) -> None:
    inputs = exit_inputs(state_of(HELD | {account: owned}, slots), account)
    assert inputs["equity"] == max(0, health(owned, slots).equity)
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
    state = forged(6, OWNER, 0)
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
    nothing: dict[str, Signal] = {"owner": 0, "collateral": 0, "position": [0] * c.MARKETS, "tradingLeaf": 0}
    claim: dict[str, Signal] = {"account": 9, "path": empty, "equity": 0}
    assert leaving.rejects(exit_inputs(state_of(), 6) | nothing | claim)


def test_debts_cannot_be_claimed(leaving: CircuitTester) -> None:
    """What a proof pays is the equity as an unsigned number: a debt of 1 would be p - 1."""
    debt = health(INSOLVENT, MARKETS).equity
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


@pytest.mark.parametrize(("worth", "fits"), [(EQUITY_END - 1, True), (EQUITY_END, False)])
def test_an_equity_has_64_bits(leaving: CircuitTester, worth: int, fits: bool) -> None:
    state = forged(6, COLLATERAL, worth, WORTHLESS)
    assert leaving.accepts(inputs_with(state, 6, worth)) == fits
    assert fits or leaving.rejects(inputs_with(state, 6, worth))


@pytest.mark.parametrize(("worth", "fits"), [(-EQUITY_END, True), (-EQUITY_END - 1, False)])
def test_a_worth_has_one_sign(leaving: CircuitTester, worth: int, fits: bool) -> None:
    state = forged(6, COLLATERAL, worth, WORTHLESS)
    assert leaving.rejects(inputs_with(state, 6, 0)) != fits


@pytest.mark.parametrize("slot", range(c.MARKETS))
def test_a_position_has_no_settlement_index(leaving: CircuitTester, slot: int) -> None:
    """Nothing settles it yet: it would be 2^64 lots, or negative ones modulo p."""
    for index in (1, -1, 1 << 128):
        state = forged(6, POSITION + slot, 3 + (index << c.POSITION_INDEX_AT), WORTHLESS)
        assert leaving.rejects(inputs_with(state, 6, 0))


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
    state = forged(6, POSITION + slot, size, WORTHLESS)
    assert leaving.rejects(inputs_with(state, 6, 0)) != fits


def test_the_markets_are_those_under_the_root(leaving: CircuitTester) -> None:
    honest = exit_inputs(state_of(), 6)
    higher = replace(PERPETUAL, mark=PERPETUAL.mark + 1)
    lie = exit_inputs(state_of(markets=(higher, *MARKETS[1:])), 6)
    words = ("priceWord", "interestWord", "parameterWord", "equity")
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
    state = forged(6, POSITION + 1, 3)
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
    assert honest["globals"] == poseidon((12, 34))
    assert leaving.rejects(honest | {"globals": poseidon((13, 34))})
