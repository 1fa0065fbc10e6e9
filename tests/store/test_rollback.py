"""Batches that L1 can no longer take are undone; their messages are kept until others have them."""

from pathlib import Path

import plyvel  # type: ignore[import-untyped]
import pytest
from msgspec.structs import replace

from sequencer.batch.sealed import SealedBatch
from sequencer.model.message import SignedMessage
from sequencer.model.venue import Venue
from sequencer.store import errors
from sequencer.store.ledger_store import LedgerStore
from sequencer.store.life import BatchLife, BatchState
from sequencer.store.returned import Refusal
from tests.store.exchange import RESTRICTED, RESTRICTING_BATCH, start, trading

BATCHES = 6


@pytest.fixture(scope="module")
def batches() -> list[SealedBatch]:
    return [batch for batch, _ in trading(BATCHES)]


@pytest.fixture
def path(tmp_path: Path, batches: list[SealedBatch]) -> Path:
    path = tmp_path / "ledger"
    with LedgerStore.create(path, start()) as store:
        for batch in batches:
            store.commit(batch.change, batch.record())
    return path


def content(path: Path, prefix: bytes = b"") -> dict[bytes, bytes]:
    database = plyvel.DB(str(path))
    found = dict(database.iterator(prefix=prefix))
    database.close()
    return found


def messages(batches: list[SealedBatch]) -> list[SignedMessage]:
    return [signed for batch in batches for signed in batch.messages]


@pytest.mark.parametrize("kept", range(BATCHES + 1))
def test_the_store_is_as_it_was_before_the_undone_batches(
    path: Path, tmp_path: Path, batches: list[SealedBatch], kept: int
) -> None:
    with LedgerStore.create(tmp_path / "shorter", start()) as shorter:
        for batch in batches[:kept]:
            shorter.commit(batch.change, batch.record())
    with LedgerStore.open(path) as store:
        store.rollback(kept)
        assert store.load().counters.batch_number == kept
        assert store.returned.waiting() == messages(batches[kept:])
    kept_beside = {*content(path, b"returned/"), b"unwindings"}
    assert {key: value for key, value in content(path).items() if key not in kept_beside} == content(
        tmp_path / "shorter"
    )


@pytest.mark.parametrize(
    ("kept", "venue"),
    [
        (RESTRICTING_BATCH - 1, Venue()),
        (RESTRICTING_BATCH, replace(RESTRICTED, uninsured=True)),
        (RESTRICTING_BATCH + 1, RESTRICTED),
    ],
)
def test_what_holds_in_all_markets_is_undone_too(path: Path, kept: int, venue: Venue) -> None:
    with LedgerStore.open(path) as store:
        store.rollback(kept)
        ledger = store.load()
        assert ledger.counters.venue == ledger.state().venue == venue


def test_messages_are_returned_until_a_batch_has_them(path: Path, batches: list[SealedBatch]) -> None:
    with LedgerStore.open(path) as store:
        store.rollback(2)
        for number in range(2, BATCHES):
            assert store.returned.waiting() == messages(batches[number:])
            store.commit(batches[number].change, batches[number].record())
        assert store.returned.waiting() == []
        assert store.load().roots() == batches[-1].new_roots


def test_messages_that_are_undone_twice_keep_their_order(path: Path, batches: list[SealedBatch]) -> None:
    with LedgerStore.open(path) as store:
        store.rollback(1)
        for batch in batches[1:3]:
            store.commit(batch.change, batch.record())
        store.rollback(2)
        assert store.returned.waiting() == messages(batches[2:])


def test_a_message_that_is_refused_in_the_end_is_kept_with_its_cause(
    path: Path, batches: list[SealedBatch]
) -> None:
    with LedgerStore.open(path) as store:
        store.rollback(2)
        refusal = Refusal(messages(batches[3:])[0], "unknown_account")
        store.commit(batches[2].change, batches[2].record(), [refusal])
        assert store.returned.waiting() == messages(batches[3:])[1:]
        assert store.returned.refused() == [refusal]


def test_a_final_batch_is_not_undone(path: Path, batches: list[SealedBatch]) -> None:
    with LedgerStore.open(path) as store:
        store.outbox.put(BatchLife(3, BatchState.FINAL))
        before = content_of(store)
        with pytest.raises(errors.BatchFinalError):
            store.rollback(2)
        assert content_of(store) == before
        store.rollback(3)
        assert store.load().roots() == batches[2].new_roots


def test_only_batches_that_are_there_are_undone(path: Path) -> None:
    with LedgerStore.open(path) as store:
        for number in (-1, BATCHES + 1):
            with pytest.raises(errors.BatchOutOfOrderError):
                store.rollback(number)


def test_a_batch_enters_the_outbox_as_sequenced(path: Path) -> None:
    with LedgerStore.open(path) as store:
        assert store.outbox.lives() == [BatchLife(number) for number in range(1, BATCHES + 1)]
        with pytest.raises(errors.RecordMissingError):
            store.outbox.life(BATCHES + 1)


def test_what_is_not_settled_begins_with_the_last_final_batch(path: Path) -> None:
    with LedgerStore.open(path) as store:
        assert [life.number for life in store.outbox.unsettled()] == list(range(1, BATCHES + 1))
        for number in (1, 2, 3):
            store.outbox.put(BatchLife(number, BatchState.FINAL))
        assert [life.number for life in store.outbox.unsettled()] == list(range(3, BATCHES + 1))


def test_the_height_of_the_chain_never_falls(path: Path) -> None:
    with LedgerStore.open(path) as store:
        heights = []
        for height in (0, 7, 5, 8):
            store.outbox.raise_height(height)
            heights.append(store.outbox.height)
        assert heights == [0, 7, 7, 8]


def content_of(store: LedgerStore) -> tuple[list[BatchLife], list[SignedMessage], int]:
    return store.outbox.lives(), store.returned.waiting(), store.load().roots().state
