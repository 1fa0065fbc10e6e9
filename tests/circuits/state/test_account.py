"""The leaf of an account, and what the loader demands of one."""

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.model import constants as c
from sequencer.model.account import Account
from tests.circuits.harness import CircuitTester
from tests.circuits.state.buses import LARGEST, TRADER, account_bus, accounts

PACKED = {
    "nonce": c.NONCE_BITS,
    "keyEpoch": c.KEY_EPOCH_BITS,
    "tier": c.TIER_BITS,
    "deadBelow": c.SEQUENCE_BITS,
    "orders": c.ORDERS_BITS,
}
ABSENT = Account()
DEFAULT_X, DEFAULT_Y = c.DEFAULT_KEY


@pytest.fixture(scope="module")
def leaf() -> CircuitTester:
    return CircuitTester("AccountLeaf")


@pytest.fixture(scope="module")
def loaded() -> CircuitTester:
    return CircuitTester("LoadedAccount")


def loaded_inputs(account: Account, **lies: Nested) -> dict[str, Nested]:
    words = account.position_words()
    return {"account": account_bus(account) | lies, "exists": int(account.exists), "positionWord": words}


def check_leaf(circuit: CircuitTester, account: Account) -> None:
    inputs: dict[str, Nested] = {"account": account_bus(account)}
    assert circuit.accepts(inputs)
    assert circuit.witness(inputs) == {
        "exists": int(account.exists),
        "positionWord": list(account.position_words()),
        "tradingLeaf": account.trading_leaf(),
        "leaf": account.leaf(),
    }


@given(account=accounts())
@settings(max_examples=25)
def test_the_leaf_is_that_of_the_sequencer(leaf: CircuitTester, account: Account) -> None:
    check_leaf(leaf, account)


@pytest.mark.parametrize("account", [ABSENT, TRADER, LARGEST, replace(TRADER, owner=0), Account(owner=1)])
def test_the_leaf_is_0_without_an_owner_only(leaf: CircuitTester, account: Account) -> None:
    check_leaf(leaf, account)


def test_an_account_that_exists_cannot_be_hidden(leaf: CircuitTester) -> None:
    inputs: dict[str, Nested] = {"account": account_bus(TRADER)}
    assert not leaf.accepts_witness_with(inputs, {"main.exists": 0, "main.leaf": 0})
    assert not leaf.accepts_witness_with(inputs, {"main.leaf": 0})


def test_an_account_that_does_not_exist_has_no_other_leaf(leaf: CircuitTester) -> None:
    inputs: dict[str, Nested] = {"account": account_bus(ABSENT)}
    assert not leaf.accepts_witness_with(inputs, {"main.exists": 1})
    assert not leaf.accepts_witness_with(inputs, {"main.leaf": TRADER.leaf()})


@pytest.mark.parametrize("account", [ABSENT, TRADER, LARGEST, Account(owner=1)])
def test_any_account_of_the_state_can_be_loaded(loaded: CircuitTester, account: Account) -> None:
    assert loaded.accepts(loaded_inputs(account))


@pytest.mark.parametrize(("field", "bits"), list(PACKED.items()))
def test_a_packed_field_has_one_reading(loaded: CircuitTester, field: str, bits: int) -> None:
    """Beyond its width it would spill into its neighbour, and the leaf would have two readings."""
    assert loaded.rejects(loaded_inputs(TRADER, **{field: 1 << bits}))
    assert loaded.rejects(loaded_inputs(TRADER, **{field: -1}))


def test_a_loaded_account_has_no_more_orders_than_it_may_have(loaded: CircuitTester) -> None:
    assert loaded.accepts(loaded_inputs(TRADER, orders=c.ACCOUNT_ORDERS_MAX))
    assert loaded.rejects(loaded_inputs(TRADER, orders=c.ACCOUNT_ORDERS_MAX + 1))


def test_two_readings_of_one_leaf_are_not_both_accepted(leaf: CircuitTester, loaded: CircuitTester) -> None:
    """One more key epoch in exchange for 2^48 nonces: the same leaf."""
    other = {"nonce": TRADER.nonce + (1 << c.NONCE_BITS), "keyEpoch": TRADER.key_epoch - 1}
    told = leaf.witness({"account": account_bus(TRADER) | other})
    assert told["leaf"] == TRADER.leaf()
    assert loaded.rejects(loaded_inputs(TRADER, **other))


@pytest.mark.parametrize(
    "field", ["collateral", "nonce", "keyEpoch", "tier", "deadBelow", "orders", "openNotional"]
)
@pytest.mark.parametrize("value", [1, 7])
def test_an_account_that_does_not_exist_holds_nothing(loaded: CircuitTester, field: str, value: int) -> None:
    assert loaded.rejects(loaded_inputs(ABSENT, **{field: value}))


@pytest.mark.parametrize("market", range(c.MARKETS))
@pytest.mark.parametrize("word", [-3, 1, 1 << c.POSITION_INDEX_AT])
def test_an_account_that_does_not_exist_has_no_position(
    loaded: CircuitTester, market: int, word: int
) -> None:
    words = [word if slot == market else 0 for slot in range(c.MARKETS)]
    assert loaded.rejects(loaded_inputs(ABSENT) | {"positionWord": words})


@pytest.mark.parametrize("market", range(c.MARKETS))
def test_size_and_index_are_both_in_the_word_of_a_position(leaf: CircuitTester, market: int) -> None:
    """One more index is 2^64 more lots: what it is read as, Settlement forces."""
    told = leaf.witness({"account": account_bus(TRADER)})
    positions, indices = list(TRADER.positions), list(TRADER.indices)
    positions[market] += 1 << c.POSITION_INDEX_AT
    assert leaf.witness({"account": account_bus(TRADER) | {"position": positions}})["leaf"] != told["leaf"]
    indices[market] -= 1
    other = account_bus(TRADER) | {"position": positions, "index": indices}
    assert leaf.witness({"account": other}) == told
    assert not leaf.accepts_witness_with(
        {"account": account_bus(TRADER)}, {f"main.positionWord[{market}]": 1}
    )


@pytest.mark.parametrize(
    "key", [(DEFAULT_X, DEFAULT_Y + 1), (DEFAULT_X + 1, DEFAULT_Y), (-DEFAULT_X, DEFAULT_Y)]
)
def test_an_account_that_does_not_exist_has_the_default_key(
    loaded: CircuitTester, key: tuple[int, int]
) -> None:
    assert loaded.rejects(loaded_inputs(ABSENT, key=key))
