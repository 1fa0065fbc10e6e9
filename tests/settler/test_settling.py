"""What the journal closes becomes final, and the settlement log tells it."""

from pathlib import Path
from threading import Event, Thread

import pytest

from prover.farm.job import PRIORITY_MAX
from sequencer.records.entries import Confirmed
from sequencer.settler.errors import ProofFailedError
from sequencer.state.genesis import genesis
from sequencer.store.life import BatchState
from sequencer.submitter.submitter import Step
from tests.e2e.exchange import TAKER
from tests.settler.journals import NOWHERE, create, follow, read, roots, settler
from tests.settler.venue import TRADE, Venue, drive

MORE = 1_000_000


def test_batches_become_final_and_the_log_says_each_step_once(venue: Venue) -> None:
    nonce = venue.nonce
    venue.trade(*TRADE)
    venue.trade(*TRADE)
    with venue.settler() as running:
        venue.carry(running, 2)
        while running.step() is Step.MOVED:
            continue
    venue.require_all_final(2, nonce)


def test_requests_are_confirmed_in_the_order_of_the_queue_once_they_are_deep_enough(venue: Venue) -> None:
    with venue.settler() as running:
        follow(running)
        first = venue.confirmed_by_log
        venue.deposit(TAKER, MORE)
        venue.roll_back(venue.height - 1)
        follow(running)
        assert venue.confirmed_by_log == first
        venue.mine()
        follow(running)
        assert venue.confirmed_by_log == venue.watcher.requests()
    assert len(venue.confirmed_by_log) == len(first) + 1
    with venue.settler() as running:
        follow(running)
    assert read(venue.directories.settlement) == [Confirmed(each) for each in venue.watcher.requests()]


def test_batches_are_given_to_the_farm_at_once_and_the_oldest_is_the_most_urgent(venue: Venue) -> None:
    venue.farm.is_idle = True
    for _ in range(3):
        venue.trade(*TRADE)
    with venue.settler() as running:
        drive(running, venue.mine, lambda: len(venue.farm.priorities) == 3)
        assert list(venue.farm.priorities.values()) == [PRIORITY_MAX - number for number in (1, 2, 3)]
        assert running.batch == 3
        assert not venue.progress
        venue.farm.is_idle = False
        venue.carry(running, 3)


def test_while_the_farm_is_idle_the_ledger_goes_on(venue: Venue) -> None:
    venue.farm.is_idle = True
    with venue.settler() as running:
        for number in (1, 2):
            venue.trade(*TRADE)
            follow(running)
            assert running.batch == number
    assert not venue.progress


def test_a_farm_that_has_lost_its_jobs_gets_them_again(venue: Venue) -> None:
    venue.farm.is_idle = True
    venue.trade(*TRADE)
    with venue.settler() as running:
        follow(running)
        venue.farm.forget()
        venue.farm.is_idle = False
        venue.carry(running, 1)


def test_a_job_that_the_farm_has_given_up_stops_the_settler_and_names_it(venue: Venue) -> None:
    venue.trade(*TRADE)
    venue.farm.poisoned = True
    with venue.settler() as running, pytest.raises(ProofFailedError, match=r"small-\d+ is poisoned: no mem"):
        follow(running)
    venue.farm.poisoned = False
    with venue.settler() as running:
        venue.carry(running, 1)


def test_without_l1_the_ledger_follows_the_journal(venue: Venue) -> None:
    venue.trade(*TRADE)
    with venue.settler(url=NOWHERE) as running:
        follow(running)
        assert running.batch == 1


def test_the_journal_alone_leads_to_the_roots_that_l1_has(venue: Venue, tmp_path: Path) -> None:
    for _ in range(3):
        venue.trade(*TRADE)
    with venue.settler() as running:
        venue.carry(running, 3, BatchState.MINED)
    start = genesis(venue.ledger.configuration, venue.ledger.domain)
    again = create(tmp_path / "again", start)
    venue.directories.journal.rename(again.journal)
    with settler(again) as running:
        follow(running)
    assert roots(again) == roots(venue.directories)
    assert roots(again)[-1] == venue.rollup.state_root


def test_a_running_settler_ends_when_it_is_told_to(venue: Venue) -> None:
    stop = Event()
    with venue.settler() as running:
        thread = Thread(target=running.run, args=(stop,))
        thread.start()
        venue.trade(*TRADE)
        while not venue.progress:
            venue.mine()
        stop.set()
        thread.join()
