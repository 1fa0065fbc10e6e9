"""A chain that changes its mind: the log says so, and what cannot stand is undone and built again."""

import pytest

from sequencer.records.entries import Unwound
from sequencer.settler.errors import JournalMismatchError
from sequencer.snapshot.files import snapshot_batches
from sequencer.store.ledger_store import LedgerStore
from sequencer.store.life import BatchState
from tests.e2e.exchange import MAKER, TAKER
from tests.settler.journals import follow
from tests.settler.venue import TRADE, Venue

MORE, OTHER = 1_000_000, 2_000_000


def test_a_batch_that_is_taken_back_is_submitted_again_and_the_log_says_so(venue: Venue) -> None:
    venue.trade(*TRADE)
    with venue.settler() as running:
        venue.carry(running, 1)
        venue.trade(*TRADE)
        before = venue.height
        venue.carry(running, 2, BatchState.MINED)
        venue.reorganise(before)
        venue.carry(running, 2)
    way = ["PROVEN", "SUBMITTED", "MINED", "SUBMITTED", "MINED", "FINAL"]
    assert [state.name for state in venue.states(2)] == way
    transactions = [entry.transaction for entry in venue.progress if entry.batch == 2]
    assert [len(transaction) for transaction in transactions] == [0, 0, 32, 0, 32, 32]


def test_batches_on_a_request_that_vanished_are_undone_and_built_again_on_the_new_queue(
    venue: Venue,
) -> None:
    venue.trade(*TRADE)
    with venue.settler() as running:
        venue.carry(running, 1)
        before = venue.height
        venue.deposit(TAKER, MORE)
        follow(running)
        venue.farm.is_idle = True
        lost, later = venue.trade(*TRADE), venue.trade(*TRADE)
        follow(running)
        assert snapshot_batches(venue.directories.snapshots) == [0, 1, 2, 3]
        venue.reorganise(before)
        venue.settle_unwinding(running)

        assert [entry.to_batch for entry in venue.unwound] == [1]
        assert "a request that it consumes is not in the chain" in venue.unwound[0].cause
        assert snapshot_batches(venue.directories.snapshots) == [0, 1]
        assert running.batch == 1
        assert venue.confirmed_by_log == venue.watcher.requests()

        venue.deposit(MAKER, OTHER)
        follow(running)
        assert venue.confirmed_by_log == venue.watcher.requests()
        assert venue.confirmed_by_log[-1].amount == OTHER
        venue.start_anew()
        rebuilt = venue.resequence_all(lost.messages + later.messages)
        venue.farm.is_idle = False
        venue.carry(running, 2)
    assert [event.request.amount for event in rebuilt.requests] == [OTHER]
    assert venue.rollup.state_root == rebuilt.new_roots.state
    with LedgerStore.open(venue.directories.ledger) as store:
        assert not store.returned.waiting()


def test_the_jobs_of_undone_batches_are_cancelled(venue: Venue) -> None:
    venue.trade(*TRADE)
    venue.farm.is_idle = True
    with venue.settler() as running:
        follow(running)
        venue.chain.advance(venue.chain.time + 2 * 3_600)
        venue.settle_unwinding(running)
    assert venue.farm.cancelled == list(venue.farm.priorities)


def test_until_the_node_says_that_batches_are_undone_its_journal_is_passed_over(venue: Venue) -> None:
    lost = venue.trade(*TRADE)
    venue.farm.is_idle = True
    with venue.settler() as running:
        follow(running)
        venue.chain.advance(venue.chain.time + 2 * 3_600)
        venue.settle_unwinding(running)
        venue.trade(*TRADE)
        follow(running)
        assert running.batch == 0
    with venue.settler() as running:
        follow(running)
        assert running.batch == 0
        venue.start_anew()
        venue.resequence_all(lost.messages)
        venue.farm.is_idle = False
        venue.carry(running, 1)
    assert len(venue.unwound) == 1


def test_a_node_that_undoes_other_batches_stops_the_settler(venue: Venue) -> None:
    venue.trade(*TRADE)
    with venue.settler() as running:
        venue.carry(running, 1)
        venue.farm.is_idle = True
        venue.trade(*TRADE)
        follow(running)
        venue.chain.advance(venue.chain.time + 2 * 3_600)
        venue.settle_unwinding(running)
        venue.journal([Unwound(0, "")])
        with pytest.raises(JournalMismatchError, match="undoes the batches after 0"):
            follow(running)
