"""The ledger follows the journal: the same batches, whatever stands between them, or a typed refusal."""

from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from msgspec.structs import replace

from sequencer.batch.sealed import SealedBatch
from sequencer.journal.writer import LogWriter
from sequencer.model.message import Message
from sequencer.records.directories import Directories
from sequencer.records.entries import (
    Armed,
    Closed,
    Confirmed,
    Consumed,
    Decided,
    Disarmed,
    JournalEntry,
    Opened,
    Progressed,
    Refused,
    Sequenced,
    Unwound,
)
from sequencer.settler.errors import (
    JournalMismatchError,
    SettlementMismatchError,
    UnreadableEntryError,
)
from sequencer.snapshot.files import newest_snapshot, snapshot_batches
from sequencer.snapshot.snapshot import Place, Snapshot
from sequencer.store.errors import StoreLockedError
from sequencer.store.ledger_store import LedgerStore
from sequencer.store.life import BatchState
from tests import strategies
from tests.settler.journals import create, follow, read, roots, settler, start, trading, write

BATCHES = 12
SIGNED = strategies.signed_message(Message(1, 1, 1))


@cache
def scripted() -> list[tuple[list[JournalEntry], SealedBatch]]:
    return list(trading(BATCHES))


def entries(first: int = 1, last: int = BATCHES) -> list[JournalEntry]:
    """The journal's entries of some batches."""
    return list(chain.from_iterable(each for each, _ in scripted()[first - 1 : last]))


def expected(last: int = BATCHES) -> list[int]:
    """The state root after each batch."""
    return [batch.new_roots.state for _, batch in scripted()[:last]]


@pytest.fixture
def venue(tmp_path: Path) -> Directories:
    return create(tmp_path / "data", start())


def settled(venue: Directories, journal: list[JournalEntry]) -> list[int]:
    """The roots of a ledger that has followed a journal as far as it goes."""
    write(venue.journal, journal)
    with settler(venue) as running:
        follow(running)
    return list(roots(venue))


def refused(venue: Directories, journal: list[JournalEntry], message: str) -> None:
    with pytest.raises(JournalMismatchError, match=message):
        settled(venue, journal)


def test_the_journal_has_everything_that_a_batch_can_have() -> None:
    kinds = {type(entry) for entry in entries()}
    assert kinds == {Opened, Consumed, Sequenced, Decided, Closed}


def test_the_ledger_becomes_what_the_journal_says(venue: Directories) -> None:
    assert settled(venue, entries()) == expected()


def test_a_second_settler_comes_to_the_same_roots(venue: Directories, tmp_path: Path) -> None:
    write(venue.journal, entries())
    with settler(venue) as running:
        follow(running)
    again = create(tmp_path / "again", start())
    venue.journal.rename(again.journal)
    with settler(again) as running:
        follow(running)
    assert roots(again) == roots(venue) == expected()


def test_a_settler_that_is_started_again_and_again_goes_on(venue: Directories) -> None:
    for number in range(1, BATCHES + 1):
        assert settled(venue, entries(number, number)) == expected(number)


def test_a_batch_that_is_still_open_waits(venue: Directories) -> None:
    assert settled(venue, entries()[:-1]) == expected(BATCHES - 1)
    assert settled(venue, entries()[-1:]) == expected()


def test_an_empty_batch_gives_way_to_one_of_the_same_number(venue: Directories) -> None:
    opened, *rest = entries()
    assert isinstance(opened, Opened)
    abandoned = Opened(1, replace(opened.opening, timestamp=opened.opening.timestamp - 1))
    assert settled(venue, [abandoned, opened, *rest]) == expected()


def test_what_is_not_of_a_batch_changes_nothing(venue: Directories) -> None:
    aside: list[JournalEntry] = [Armed(SIGNED, 7), Disarmed(1), Progressed(1, BatchState.PROVEN)]
    between: list[JournalEntry] = [each for entry in entries() for each in (entry, *aside)]
    assert settled(venue, aside + between) == expected()


def test_what_was_refused_after_an_unwinding_is_kept_with_the_next_batch(venue: Directories) -> None:
    assert settled(venue, [Refused(SIGNED, "replayed_nonce"), *entries(1, 2)]) == expected(2)
    with LedgerStore.open(venue.ledger) as store:
        (refusal,) = store.returned.refused()
    assert (refusal.signed, refusal.code) == (SIGNED, "replayed_nonce")


def test_snapshots_are_written_now_and_then(venue: Directories) -> None:
    write(venue.journal, entries())
    with settler(venue, snapshot_every=3, snapshots_kept=2) as running:
        follow(running)
    assert snapshot_batches(venue.snapshots) == [0, 9, 12]
    with LedgerStore.open(venue.ledger) as store:
        place = Place(len(entries()))
        assert newest_snapshot(venue.snapshots) == Snapshot.of(store.load(), place)


def test_a_snapshot_that_a_killed_settler_has_not_written_is_made_up_for(venue: Directories) -> None:
    write(venue.journal, entries())
    with settler(venue, snapshot_every=BATCHES + 1) as running:
        while running.batch < 7:
            running.step()
    assert snapshot_batches(venue.snapshots) == [0]
    with settler(venue, snapshot_every=4) as running:
        follow(running)
    assert snapshot_batches(venue.snapshots) == [0, 7, 11]


def test_batches_are_not_left_out(venue: Directories) -> None:
    refused(venue, entries(1, 2) + entries(4), "opens batch 4 where batch 3 is the next")


def test_a_batch_is_not_opened_within_another(venue: Directories) -> None:
    journal = entries(1, 3)
    closing = next(at for at, entry in enumerate(journal) if entry == Closed(3))
    assert not isinstance(journal[closing - 1], Opened)
    refused(venue, [*journal[:closing], entries(3, 3)[0]], "opens batch 3 where")


def test_nothing_joins_a_batch_that_is_not_open(venue: Directories) -> None:
    refused(venue, [Sequenced(SIGNED, 1)], "none is open")


def test_only_the_open_batch_is_closed(venue: Directories) -> None:
    refused(venue, [entries()[0], Closed(2)], "closes batch 2")


def test_what_fits_no_batch_is_not_built(venue: Directories) -> None:
    opened, *_ = entries()
    many = [Sequenced(strategies.signed_message(Message(1, 1, 1 + at)), 1) for at in range(99)]
    refused(venue, [opened, *many, Closed(1)], "no room")


def test_a_round_that_is_not_newer_opens_no_batch(venue: Directories) -> None:
    opened, *rest = entries(2, 2)
    assert isinstance(opened, Opened)
    stale = replace(opened.opening, timestamp=0)
    refused(venue, [*entries(1, 1), Opened(2, stale), *rest], "batch 2 cannot be built")


def test_a_message_that_somebody_must_sign_is_not_decided(venue: Directories) -> None:
    refused(venue, [entries()[0], Decided(SIGNED.message), Closed(1)], "no room")


def test_an_unwinding_that_the_settler_has_not_asked_for_stops_it(venue: Directories) -> None:
    settled(venue, entries(1, 1))
    refused(venue, [*entries(2, 2), Unwound(1, "?")], "which the settlement log does not say")


def test_a_journal_of_another_venue_stops_the_settler(venue: Directories, tmp_path: Path) -> None:
    assert settled(venue, entries(1, 3)) == expected(3)
    other = create(tmp_path / "other", start())
    foreign = list(chain.from_iterable(each for each, _ in trading(4, seed=8)))
    write(other.journal, foreign)
    venue.journal.rename(tmp_path / "lost")
    other.journal.rename(venue.journal)
    with settler(venue) as running, pytest.raises(JournalMismatchError, match="another batch 3"):
        follow(running)
    assert list(roots(venue)) == expected(3)


@pytest.mark.parametrize("payload", [b"", b"\xff", b"\3\0"])
def test_an_entry_that_is_none_stops_the_settler(venue: Directories, payload: bytes) -> None:
    with LogWriter(venue.journal) as writer:
        writer.append(payload)
        writer.commit()
    with pytest.raises(UnreadableEntryError, match="entry 1 of"), settler(venue) as running:
        follow(running)


def test_two_settlers_cannot_have_one_venue(venue: Directories) -> None:
    with settler(venue), pytest.raises(StoreLockedError):
        settler(venue)
    with settler(venue):
        pass


def test_what_is_no_settlement_log_stops_the_settler(venue: Directories) -> None:
    write(venue.settlement, [Sequenced(SIGNED, 1)])
    with pytest.raises(SettlementMismatchError, match="no settlement log"):
        settler(venue)


def test_an_unwinding_that_was_not_told_is_told_at_the_next_start(venue: Directories) -> None:
    """The settler was killed when the ledger had undone batches 6 and later, of which 6 was proven."""
    assert settled(venue, entries(1, 7)) == expected(7)
    write(venue.settlement, [Progressed(6, BatchState.PROVEN)])
    with LedgerStore.open(venue.ledger) as store:
        store.rollback(5)
    for _ in range(2):
        with settler(venue, snapshot_every=1, snapshots_kept=9) as running:
            said = [entry for entry in read(venue.settlement) if not isinstance(entry, Confirmed)]
            assert said[1:] == [Unwound(5, "the settler was stopped while it undid them")]
            follow(running)
            assert running.batch == 5
    write(venue.journal, [Unwound(5, ""), *entries(6)])
    with settler(venue) as running:
        follow(running)
    assert list(roots(venue)) == expected()


def test_a_settlement_log_that_lacks_unwindings_of_the_ledger_stops_the_settler(venue: Directories) -> None:
    settled(venue, entries(1, 7))
    with LedgerStore.open(venue.ledger) as store:
        store.rollback(5)
        store.rollback(4)
    with pytest.raises(SettlementMismatchError, match="undone batches 2 times, the settlement log says 0"):
        settler(venue)


def test_a_ledger_from_before_an_unwinding_that_undid_its_batches_stops_the_settler(
    venue: Directories,
) -> None:
    settled(venue, entries(1, 4))
    write(venue.settlement, [Unwound(2, "")])
    with pytest.raises(JournalMismatchError, match="batches after 2 that were undone since"):
        settler(venue)


def test_what_was_undone_comes_again_behind_the_nodes_unwinding(venue: Directories) -> None:
    assert settled(venue, entries(1, 9)) == expected(9)
    with LedgerStore.open(venue.ledger) as store:
        store.rollback(5)
    with settler(venue) as running:
        assert snapshot_batches(venue.snapshots) == [0, 4]
        follow(running)
        assert running.batch == 5
    with settler(venue) as running:
        follow(running)
        assert running.batch == 5
        write(venue.journal, [*entries(10, 10), Unwound(5, ""), *entries(6)])
        follow(running)
    assert list(roots(venue)) == expected()
    with LedgerStore.open(venue.ledger) as store:
        assert not store.returned.waiting()
    with settler(venue) as running:
        follow(running)
        assert running.batch == BATCHES
