"""Loading the accounts that a batch touches, and writing them back."""

from functools import partial

import pytest
from msgspec.structs import replace

from prover.symbols import Values
from prover.witness import Nested
from sequencer.batch.records import account_record
from sequencer.batch.tables import crown
from sequencer.crypto import SparseTree
from sequencer.model import constants as c
from sequencer.model.account import Account
from tests.circuits.harness import CircuitTester
from tests.circuits.state.buses import LARGEST, TRADER, account_bus, traded, tree_of, write_paths

SLOTS = 2
ABSENT = Account()
LAST = (1 << c.ACCOUNT_BITS) - 1
NOBODY = 1 << c.ACCOUNT_BITS
BELOW = c.ACCOUNT_DEPTH - c.CROWN_LEVELS
EMPTY_PATH = SparseTree(c.ACCOUNT_DEPTH).path(0)[:BELOW]
Slots = list[tuple[int, Account]]


@pytest.fixture(scope="module")
def load() -> CircuitTester:
    return CircuitTester("LoadAccounts", (SLOTS,))


@pytest.fixture(scope="module")
def store() -> CircuitTester:
    return CircuitTester("StoreAccounts", (SLOTS,))


def bits_of(number: int) -> list[int]:
    return [number >> bit & 1 for bit in range(c.ACCOUNT_BITS)]


def load_inputs(slots: Slots, **lies: Nested) -> dict[str, Nested]:
    unused = SLOTS - len(slots)
    honest: dict[str, Nested] = {
        "enabled": [1] * len(slots) + [0] * unused,
        "id": [number for number, _ in slots] + [0] * unused,
        "account": [account_bus(account) for _, account in slots] + [account_bus(ABSENT)] * unused,
    }
    return honest | lies


def store_inputs(
    tree: SparseTree, slots: list[tuple[int, Account, Account]], **lies: Nested
) -> dict[str, Nested]:
    """Slots are (id, before, after); the tree takes what they write."""
    root, top, unused = tree.root, crown(tree), SLOTS - len(slots)
    paths = write_paths(tree, [(number, after.leaf()) for number, _, after in slots])
    numbers = [number for number, _, _ in slots] + [0] * unused
    before = [account for _, account, _ in slots] + [ABSENT] * unused
    after = [account for _, _, account in slots] + [ABSENT] * unused
    honest: dict[str, Nested] = {
        "enabled": [1] * len(slots) + [0] * unused,
        "id": numbers,
        "bits": [bits_of(number) for number in numbers],
        "crown": top,
        "path": paths + [EMPTY_PATH] * unused,
        "leafBefore": [account.leaf() for account in before],
        "positionWordBefore": [account.position_words() for account in before],
        "tradingLeafBefore": [account.trading_leaf() for account in before],
        "before": [account_bus(account) for account in before],
        "after": [account_bus(account) for account in after],
        "rootBefore": root,
    }
    return honest | lies


def words_of(number: int, before: Account, after: Account) -> Values:
    return [word or 0 for word in account_record(number, before, after)]


def flags_of(number: int, before: Account, after: Account) -> Values:
    return [int(word is not None) for word in account_record(number, before, after)]


@pytest.mark.parametrize(
    "slots",
    [[], [(0, TRADER)], [(LAST, ABSENT)], [(0, TRADER), (1, LARGEST)], [(6, ABSENT), (LAST, TRADER)]],
)
def test_loading_tells_leaves_and_who_is_where(load: CircuitTester, slots: Slots) -> None:
    inputs = load_inputs(slots)
    held = slots + [(0, ABSENT)] * (SLOTS - len(slots))
    assert load.accepts(inputs)
    assert load.witness(inputs) == {
        "bits": [bits_of(number) for number, _ in held],
        "slotId": [number for number, _ in slots] + [NOBODY] * (SLOTS - len(slots)),
        "isFund": [int(number == c.INSURANCE_ACCOUNT) for number, _ in slots] + [0] * (SLOTS - len(slots)),
        "positionWord": [list(account.position_words()) for _, account in held],
        "tradingLeaf": [account.trading_leaf() for _, account in held],
        "leaf": [account.leaf() for _, account in held],
    }


@pytest.mark.parametrize("second", [5, 4, 0])
def test_no_account_is_loaded_twice(load: CircuitTester, second: int) -> None:
    assert load.rejects(load_inputs([(5, TRADER), (second, TRADER)]))


@pytest.mark.parametrize("enabled", [[0, 1], [2, 0], [1, -1]])
def test_enabled_slots_come_first(load: CircuitTester, enabled: list[int]) -> None:
    """An enabled flag that is no Boolean would name an account by a slot id that no leaf was loaded for."""
    assert load.accepts(load_inputs([(3, ABSENT), (5, ABSENT)]))
    assert load.rejects(load_inputs([(3, ABSENT), (5, ABSENT)], enabled=enabled))


@pytest.mark.parametrize("account", [TRADER, replace(ABSENT, owner=1)])
def test_a_slot_that_is_not_enabled_holds_no_account(load: CircuitTester, account: Account) -> None:
    """Made up, it would pay the funding pool or be paid by it, and calldata would tell of it."""
    buses: list[Nested] = [account_bus(TRADER), account_bus(account)]
    assert load.accepts(load_inputs([(3, TRADER), (5, account)]))
    assert load.rejects(load_inputs([(3, TRADER)], account=buses))


@pytest.mark.parametrize("number", [NOBODY, -1])
def test_an_id_outside_the_tree_is_rejected(load: CircuitTester, number: int) -> None:
    assert load.rejects(load_inputs([(number, TRADER)]))


@pytest.mark.parametrize("slot", range(SLOTS))
def test_every_loaded_account_is_checked(load: CircuitTester, slot: int) -> None:
    honest: Slots = [(3, TRADER), (5, ABSENT)]
    buses: list[Nested] = [account_bus(account) for _, account in honest]
    wide = account_bus(TRADER) | {"nonce": 1 << c.NONCE_BITS}
    assert load.accepts(load_inputs(honest))
    assert load.rejects(load_inputs(honest, account=[*buses[:slot], wide, *buses[slot + 1 :]]))
    rich = account_bus(ABSENT) | {"collateral": 1}
    assert load.rejects(load_inputs(honest, account=[*buses[:slot], rich, *buses[slot + 1 :]]))


@pytest.mark.parametrize(
    "signal",
    ["slotId[0]", "slotId[1]", "bits[0][19]", "leaf[0]", "tradingLeaf[1]", "positionWord[0][1]"],
)
def test_what_loading_tells_cannot_be_lied_about(load: CircuitTester, signal: str) -> None:
    assert not load.accepts_witness_with(load_inputs([(3, TRADER)]), {f"main.{signal}": 1})


@pytest.mark.parametrize("slots", [[(3, TRADER)], [(0, TRADER)], [(3, TRADER), (5, ABSENT)]])
def test_no_other_slot_is_the_funds(load: CircuitTester, slots: Slots) -> None:
    """Not one of another id nor, though its id reads 0, one that is not enabled; its own cannot be denied."""
    inputs = load_inputs(slots)
    for slot in range(SLOTS):
        is_fund = slots[slot : slot + 1] == [(c.INSURANCE_ACCOUNT, TRADER)]
        assert not load.accepts_witness_with(inputs, {f"main.isFund[{slot}]": 1 - is_fund})


@pytest.mark.parametrize(
    ("accounts", "writes"),
    [
        ({3: TRADER, 9: LARGEST}, {3: traded(TRADER), 9: replace(LARGEST, orders=0)}),
        ({3: TRADER}, {3: traded(TRADER)}),
        ({3: TRADER}, {3: TRADER, LAST: Account(owner=7, collateral=1)}),
        ({3: TRADER}, {0: ABSENT, 3: replace(TRADER, key_epoch=4)}),
        ({3: TRADER}, {}),
    ],
)
def test_storing_moves_the_root_and_tells_what_changed(
    store: CircuitTester, accounts: dict[int, Account], writes: dict[int, Account]
) -> None:
    slots = [(number, accounts.get(number, ABSENT), after) for number, after in writes.items()]
    tree = tree_of(accounts)
    inputs = store_inputs(tree, slots)
    held = slots + [(0, ABSENT, ABSENT)] * (SLOTS - len(slots))
    assert store.accepts(inputs)
    assert store.witness(inputs) == {
        "rootAfter": tree.root,
        "word": [words_of(*slot) for slot in held],
        "present": [flags_of(*slot) for slot in held],
    }


@pytest.mark.parametrize("slot", range(SLOTS))
def test_an_account_that_the_tree_does_not_hold_cannot_be_written(store: CircuitTester, slot: int) -> None:
    """As it was, it would be richer than its leaf, or not there at all."""
    rich = replace(TRADER, collateral=1 << 60)
    honest = partial(store_inputs, slots=[(3, TRADER, traded(TRADER)), (9, LARGEST, LARGEST)])
    leaves = [TRADER.leaf(), LARGEST.leaf()]
    assert store.accepts(honest(tree_of({3: TRADER, 9: LARGEST})))
    for leaf in (rich.leaf(), 0):
        lie = [*leaves[:slot], leaf, *leaves[slot + 1 :]]
        assert store.rejects(honest(tree_of({3: TRADER, 9: LARGEST}), leafBefore=lie))


def test_a_tree_of_the_prover_is_not_that_of_the_state(store: CircuitTester) -> None:
    forged = tree_of({3: replace(TRADER, collateral=1 << 60)})
    slots = [(3, replace(TRADER, collateral=1 << 60), TRADER)]
    assert store.accepts(store_inputs(forged.copy(), slots))
    assert store.rejects(store_inputs(forged, slots, rootBefore=tree_of({3: TRADER}).root))


def test_the_second_slot_writes_into_the_tree_that_the_first_one_left(store: CircuitTester) -> None:
    tree = tree_of({3: TRADER, 9: LARGEST})
    stale = [tree.path(number)[:BELOW] for number in (3, 9)]
    slots = [(3, TRADER, traded(TRADER)), (9, LARGEST, LARGEST)]
    assert store.rejects(store_inputs(tree, slots, path=stale))


def test_an_account_is_written_at_its_own_index(store: CircuitTester) -> None:
    tree = tree_of({3: TRADER})
    slots = [(3, TRADER, traded(TRADER))]
    assert store.rejects(store_inputs(tree, slots, bits=[bits_of(2), bits_of(0)]))


def test_a_slot_that_is_not_enabled_writes_nothing(store: CircuitTester) -> None:
    """Not even if it holds an account of the prover's own tree."""
    tree, forged = tree_of({3: TRADER}), tree_of({3: LARGEST})
    root, path = tree.root, forged.path(3)[:BELOW]
    inputs = store_inputs(tree, [(3, LARGEST, TRADER)], enabled=[0, 0], rootBefore=root)
    inputs["path"] = [path, EMPTY_PATH]
    assert store.accepts(inputs)
    assert store.witness(inputs)["rootAfter"] == root


@pytest.mark.parametrize(
    ("signal", "lie"),
    [
        ("rootAfter", 1),
        ("word[0][2]", 1),
        ("word[0][3]", 1),
        ("word[1][0]", 1),
        ("present[0][2]", 0),
        ("present[0][3]", 0),
        ("present[1][0]", 1),
    ],
)
def test_what_storing_tells_cannot_be_lied_about(store: CircuitTester, signal: str, lie: int) -> None:
    inputs = store_inputs(tree_of({3: TRADER}), [(3, TRADER, traded(TRADER))])
    assert not store.accepts_witness_with(inputs, {f"main.{signal}": lie})
