"""What an account may claim when it leaves, from published words alone."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sequencer.batch.sizes import batch_size
from sequencer.crypto import SparseTree, poseidon
from sequencer.engine.funding import settled
from sequencer.engine.margin import health
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.market import Market
from sequencer.model.words import to_field
from sequencer.state.errors import InsuranceFundExitError, NoAccountError
from sequencer.state.exit import exit_claim, exit_inputs
from sequencer.state.roots import exit_root
from tests import strategies
from tests.batch.fixtures import ledger_of, sealed_batch
from tests.circuits.state.buses import LARGEST, TRADER, accounts
from tests.state.published import published
from tests.store.exchange import CHANGED, CHANGING_BATCH, start, trading

INSURANCE = Account(owner=c.INSURANCE_OWNER)
SMALL = batch_size("small")
OPEN = strategies.open_market(strategies.PARAMETERS[0])
WIDEST = strategies.open_market(strategies.PARAMETERS[3], mark=(1 << c.PRICE_BITS) - 1)
UNIT = c.INDEX_UNIT
INDICES = st.integers(-(1 << 80), 1 << 80)


@st.composite
def markets(draw: st.DrawFn) -> Market:
    if draw(st.booleans()):
        return Market()
    parameters, mark = st.sampled_from(strategies.PARAMETERS), st.integers(0, (1 << c.PRICE_BITS) - 1)
    live = strategies.open_market(draw(parameters), draw(mark))
    return replace(live, long_index=draw(INDICES), short_index=draw(INDICES))


@st.composite
def owners(draw: st.DrawFn) -> Account:
    """Accounts that were settled at any indices."""
    held = draw(accounts().filter(lambda each: each.exists))
    indices = (draw(INDICES) if size else 0 for size in held.positions)
    return replace(held, indices=tuple(indices))


def require_claim(accounts: Mapping[int, Account], slots: tuple[Market, ...], account: int) -> None:
    owned = accounts[account]
    tree = SparseTree(c.ACCOUNT_DEPTH)
    tree.set_many([(number, each.leaf()) for number, each in accounts.items()])
    equity = max(0, health(settled(owned, slots), slots).equity)
    claim = exit_claim(published(accounts, slots, 5, 6, funding_pool=-7), account)
    assert claim == (exit_root(tree.root, slots, 5, -7, 6), account, owned.owner, equity)


@given(owned=owners(), slots=st.tuples(*[markets()] * c.MARKETS))
@settings(max_examples=60)
def test_an_account_claims_what_the_engine_says_that_it_is_worth(
    owned: Account, slots: tuple[Market, ...]
) -> None:
    require_claim({0: INSURANCE, 7: owned, (1 << c.ACCOUNT_BITS) - 1: TRADER}, slots, 7)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=8)
def test_calldata_tells_every_claim_that_the_engine_would_grant(seed: int) -> None:
    state = strategies.genesis(accounts=3, markets=2, resting=2, leverage=8)
    ledger = ledger_of(state)
    told = published(state.accounts, state.markets, state.fee_pool, state.requests_consumed)
    for commands in strategies.batches(seed, 4, accounts=3, markets=2, resting=2, leverage=8):
        batch = sealed_batch(ledger, state, SMALL, commands)
        told.apply(batch.contract_words)
        for number in (1, 2, 3):
            equity = max(0, health(state.account(number), state.markets).equity)
            owner = strategies.owner_of(number)
            assert exit_claim(told, number) == (batch.new_roots.exit, number, owner, equity)


def test_calldata_tells_the_parameters_that_a_change_brings() -> None:
    ledger = start()
    told = published(ledger.accounts, ledger.markets)
    (before,) = ledger.configuration.markets
    (after,) = CHANGED.markets
    for number, (batch, ledger) in enumerate(trading(CHANGING_BATCH + 2), 1):
        told.apply(batch.contract_words)
        assert told.markets == [market.words() for market in ledger.markets]
        assert told.exit_root() == batch.new_roots.exit
        assert told.markets[0][3] == (after if number > CHANGING_BATCH else before).word()


@pytest.mark.parametrize(
    ("size", "collateral", "equity"),
    [(0, 7, 7), (3, -300_000, 0), (3, -300_001, 0), (3, -299_999, 1), (-3, 300_000, 0), (-3, 300_005, 5)],
)
def test_who_owes_more_than_it_has_claims_nothing(size: int, collateral: int, equity: int) -> None:
    owned = replace(TRADER, collateral=collateral, positions=(size, 0, 0, 0), indices=(0,) * c.MARKETS)
    assert OPEN.mark * OPEN.parameters.quote_per_tick_lot == 100_000
    assert exit_claim(published({7: owned}, (OPEN,) + (Market(),) * 3), 7).equity == equity


@pytest.mark.parametrize(
    ("size", "index", "longs", "shorts", "charge"),
    [
        (3, 0, 2 * UNIT, 5 * UNIT, 6),
        (-3, 0, 2 * UNIT, 5 * UNIT, 15),
        (3, UNIT, 2 * UNIT, 0, 3),
        (3, 0, -2 * UNIT, 0, -6),
        (1, UNIT - 1, UNIT, 0, 1),
        (1, UNIT, UNIT - 1, 0, 0),
        (-1, -UNIT, 0, -2 * UNIT, -1),
        (0, 0, UNIT, UNIT, 0),
    ],
)
def test_a_claim_is_less_by_what_settling_would_take(
    size: int, index: int, longs: int, shorts: int, charge: int
) -> None:
    owned = replace(TRADER, collateral=1_000_000, positions=(size, 0, 0, 0), indices=(index, 0, 0, 0))
    slots = (replace(OPEN, long_index=longs, short_index=shorts), Market(), Market(), Market())
    told = published({7: owned}, slots)
    assert told.charge(7) == charge
    assert exit_claim(told, 7).equity == told.equity(7) == 1_000_000 + OPEN.value(size) - charge
    inputs = exit_inputs(told, 7)
    assert inputs["settled"] == to_field(1_000_000 - charge)
    assert (inputs["position"], inputs["index"]) == ([to_field(size), 0, 0, 0], [to_field(index), 0, 0, 0])


def test_what_an_account_is_owed_covers_what_it_owes() -> None:
    owned = replace(TRADER, collateral=-300_006, positions=(3, 0, 0, 0), indices=(2 * UNIT, 0, 0, 0))
    slots = (OPEN, Market(), Market(), Market())
    assert exit_claim(published({7: owned}, slots), 7).equity == 0
    assert exit_claim(published({7: replace(owned, collateral=-300_005)}, slots), 7).equity == 1


def test_the_largest_claim_of_a_state_fits_64_bits() -> None:
    """Every position at its bound, every product at 2^60."""
    largest = replace(OPEN, mark=1 << 31, parameters=replace(OPEN.parameters, quote_per_tick_lot=1 << 19))
    owned = replace(LARGEST, positions=(1 << 10,) * c.MARKETS, indices=(0,) * c.MARKETS)
    claim = exit_claim(published({7: owned}, (largest,) * c.MARKETS), 7)
    assert claim.equity == c.COLLATERAL_BOUND - 1 + c.MARKETS * c.NOTIONAL_BOUND
    assert claim.equity < 1 << c.AMOUNT_BITS


@pytest.mark.parametrize("missing", [8, -1, 1 << c.ACCOUNT_BITS])
def test_an_account_that_nobody_opened_claims_nothing(missing: int) -> None:
    state = published({0: INSURANCE, 7: TRADER}, (OPEN,) * c.MARKETS)
    with pytest.raises(NoAccountError, match=f"account {missing} does not exist"):
        exit_claim(state, missing)
    with pytest.raises(NoAccountError):
        exit_inputs(state, missing)


def test_an_account_without_an_owner_does_not_exist() -> None:
    with pytest.raises(NoAccountError):
        exit_claim(published({7: Account()}, (OPEN,) * c.MARKETS), 7)


def test_nobody_takes_the_insurance_fund() -> None:
    with pytest.raises(InsuranceFundExitError):
        exit_claim(published({0: INSURANCE}, (OPEN,) * c.MARKETS), c.INSURANCE_ACCOUNT)


def test_the_path_of_an_exit_leads_from_its_leaf_to_the_root() -> None:
    state = published(
        {0: INSURANCE, 7: TRADER, 700_000: LARGEST}, (OPEN, WIDEST, Market(), Market()), 1, 2, -3
    )
    inputs = exit_inputs(state, 700_000)
    place, node = 700_000, LARGEST.leaf()
    path = inputs["path"]
    assert isinstance(path, list)
    for children in path:
        assert children[place % 4] == node
        place, node = place // 4, poseidon(children)
    assert node == state.account_tree().root
    assert (inputs["globals"], inputs["tradingLeaf"]) == (
        poseidon((1, to_field(-3), 2)),
        LARGEST.trading_leaf(),
    )


def test_the_words_of_an_exit_are_those_of_the_leaves() -> None:
    slots = (replace(OPEN, long_index=-5, short_index=6, open_interest=7), WIDEST, Market(), Market())
    inputs = exit_inputs(published({7: TRADER}, slots), 7)
    names = ("priceWord", "longIndex", "shortIndex", "parameterWord", "riskWord")
    assert list(zip(*(inputs[name] for name in names), strict=True)) == [slot.words() for slot in slots]
    assert inputs["longIndex"] == [to_field(-5), 0, 0, 0]
    assert inputs["collateral"] == to_field(TRADER.collateral)
    assert inputs["position"] == [to_field(size) for size in TRADER.positions]
    assert inputs["index"] == [to_field(index) for index in TRADER.indices]
