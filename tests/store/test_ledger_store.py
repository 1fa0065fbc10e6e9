"""What is committed comes back, and a damaged store says so."""

from collections.abc import Iterator
from pathlib import Path

import plyvel  # type: ignore[import-untyped]
import pytest

from sequencer.store import errors
from sequencer.store.ledger_store import LedgerStore
from tests.store.exchange import CHANGED, CHANGING_BATCH, start, trading

BATCHES = 8


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


@pytest.fixture
def store(path: Path) -> Iterator[LedgerStore]:
    with LedgerStore.create(path, start()) as store:
        yield store


def committed(path: Path) -> None:
    """A store with some batches, closed."""
    with LedgerStore.create(path, start()) as store:
        for batch, _ in trading(BATCHES):
            store.commit(batch.change, batch.record())


def damage(path: Path, prefix: bytes) -> None:
    """Flip a bit of the first entry with a prefix, behind the store's back."""
    database = plyvel.DB(str(path))
    key, value = next(database.iterator(prefix=prefix))
    database.put(key, value[:-1] + bytes([value[-1] ^ 1]))
    database.close()


def test_the_genesis_comes_back(store: LedgerStore) -> None:
    loaded, genesis = store.load(), start()
    assert loaded.roots() == genesis.roots()
    assert loaded.state() == genesis.state()
    assert loaded.configuration == genesis.configuration
    assert loaded.domain == genesis.domain


def test_the_ledger_comes_back_after_every_batch(store: LedgerStore) -> None:
    for batch, ledger in trading(BATCHES):
        store.commit(batch.change, batch.record())
        loaded = store.load()
        assert loaded.roots() == batch.new_roots
        assert loaded.counters == ledger.counters
        assert dict(loaded.layout) == dict(ledger.layout)
        assert loaded.state() == ledger.state()


def test_a_change_is_in_the_store_from_the_batch_that_consumes_it(store: LedgerStore) -> None:
    for number, (batch, _) in enumerate(trading(CHANGING_BATCH + 1), 1):
        store.commit(batch.change, batch.record())
        ledger = store.load()
        assert (ledger.configuration == CHANGED) == (number > CHANGING_BATCH)
        assert (ledger.counters.configuration_hash == CHANGED.hash()) == (number >= CHANGING_BATCH)


def test_a_reopened_store_has_the_record_of_each_batch(path: Path) -> None:
    committed(path)
    with LedgerStore.open(path) as store:
        for batch, _ in trading(BATCHES):
            record = store.record(batch.number)
            assert record == batch.record()
            assert record.inputs["y"] == batch.y
        with pytest.raises(errors.RecordMissingError):
            store.record(BATCHES + 1)


def test_a_batch_is_committed_once_and_in_its_turn(store: LedgerStore) -> None:
    (first, _), (second, _) = trading(2)
    with pytest.raises(errors.BatchOutOfOrderError):
        store.commit(second.change, second.record())
    store.commit(first.change, first.record())
    with pytest.raises(errors.BatchOutOfOrderError):
        store.commit(first.change, first.record())
    assert store.load().roots() == first.new_roots


@pytest.mark.parametrize("prefix", [b"account/", b"market/", b"page/", b"counters", b"deployment"])
def test_a_store_that_does_not_hash_to_its_root_is_refused(path: Path, prefix: bytes) -> None:
    committed(path)
    damage(path, prefix)
    with LedgerStore.open(path) as store, pytest.raises(errors.StoreCorruptedError, match=str(path)):
        store.load()


def test_a_store_with_a_missing_entry_is_refused(path: Path) -> None:
    committed(path)
    database = plyvel.DB(str(path))
    database.delete(next(database.iterator(prefix=b"page/"))[0])
    database.close()
    with LedgerStore.open(path) as store, pytest.raises(errors.StoreCorruptedError):
        store.load()


def test_a_store_of_another_schema_is_refused(path: Path) -> None:
    committed(path)
    damage(path, b"schema")
    with pytest.raises(errors.StoreVersionError, match="schema 6, not 7"):
        LedgerStore.open(path)


def test_a_store_is_created_once(path: Path) -> None:
    committed(path)
    with pytest.raises(errors.StoreExistsError, match=str(path)):
        LedgerStore.create(path, start())


def test_a_store_that_is_not_there_is_not_made_by_opening_it(path: Path) -> None:
    with pytest.raises(errors.StoreMissingError, match=str(path)):
        LedgerStore.open(path)
    assert not path.exists()


def test_a_store_is_open_once_in_a_process(store: LedgerStore, path: Path) -> None:
    with pytest.raises(errors.StoreLockedError, match="store_locked"):
        LedgerStore.open(path)


def test_a_store_whose_files_are_damaged_is_refused(path: Path) -> None:
    committed(path)
    (path / "CURRENT").write_text("MANIFEST-999999\n")
    with pytest.raises(errors.StoreCorruptedError, match=str(path)):
        LedgerStore.open(path)
