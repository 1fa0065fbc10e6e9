"""A settler that is killed, at whatever point, settles each batch once and says so once."""

import time
from pathlib import Path
from random import Random
from typing import Final

import pytest

from sequencer.chain.artifacts import build_contracts
from sequencer.settler.moments import Moment
from sequencer.state.genesis import genesis
from sequencer.store.life import BatchState
from sequencer.submitter.moments import Moment as SubmitterMoment
from tests.chaos.nursery import KILLED, Nursery
from tests.settler.journals import NOWHERE, create, follow, roots, settler
from tests.settler.venue import TRADE, Venue, drive

SEED: Final = 13
KILLS_OF_A_BATCH: Final = 6
LIFE_SECONDS: Final = 0.8
# Of the second batch, so that the first has left traces.
MOMENTS: Final[tuple[Moment | SubmitterMoment, ...]] = (
    Moment.SEALED,
    Moment.COMMITTED,
    Moment.SNAPSHOT,
    Moment.GIVEN,
    SubmitterMoment.PROVING,
    SubmitterMoment.PROOF_MADE,
    SubmitterMoment.PROVEN,
    Moment.PROGRESSED,
    SubmitterMoment.SIGNED,
    SubmitterMoment.SUBMITTING,
    SubmitterMoment.SENT,
    SubmitterMoment.FOUND,
    SubmitterMoment.MINED,
    SubmitterMoment.WAITING,
    SubmitterMoment.BURIED,
    SubmitterMoment.FINAL,
)
UNDOING: Final[tuple[Moment | SubmitterMoment, ...]] = (
    SubmitterMoment.UNWINDING,
    SubmitterMoment.UNWOUND,
    Moment.DROPPED,
    Moment.UNWOUND,
)
HOURS = 2 * 3_600


@pytest.fixture(autouse=True)
def contracts(nursery: Nursery) -> None:
    """Built once for all settlers."""
    nursery.prepare(build_contracts)


def killed_at(
    nursery: Nursery, venue: Venue, moment: Moment | SubmitterMoment, number: int = 2, url: str | None = None
) -> None:
    """Let a settler work until a batch comes to a moment at which it dies."""
    assert nursery.run(venue.settling(url).settle_until, moment, number).status == KILLED


def require_the_same_again(venue: Venue, path: Path) -> None:
    """A second settler makes the same of the journal."""
    again = create(path, genesis(venue.ledger.configuration, venue.ledger.domain))
    venue.directories.journal.rename(again.journal)
    with settler(again) as running:
        follow(running)
    assert roots(again) == roots(venue.directories)


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name.lower())
def test_a_killed_settler_goes_on_where_it_was(
    nursery: Nursery, venue: Venue, tmp_path: Path, moment: Moment | SubmitterMoment
) -> None:
    nonce = venue.nonce
    venue.trade(*TRADE)
    venue.trade(*TRADE)
    killed_at(nursery, venue, moment)
    with venue.settler() as running:
        venue.carry(running, 2)
    venue.require_all_final(2, nonce)
    require_the_same_again(venue, tmp_path / "again")


def test_a_settler_that_is_killed_again_and_again_gets_there(nursery: Nursery, venue: Venue) -> None:
    nonce = venue.nonce
    venue.trade(*TRADE)
    venue.trade(*TRADE)
    for moment in MOMENTS:
        if moment is not Moment.PROGRESSED:
            killed_at(nursery, venue, moment)
    with venue.settler() as running:
        venue.carry(running, 2)
    venue.require_all_final(2, nonce)


def test_requests_that_were_confirmed_before_the_settler_was_killed_are_not_confirmed_twice(
    nursery: Nursery, venue: Venue
) -> None:
    killed_at(nursery, venue, Moment.CONFIRMED, len(venue.watcher.requests()))
    with venue.settler() as running:
        follow(running)
    assert venue.confirmed_by_log == venue.watcher.requests()


@pytest.mark.parametrize(
    ("moment", "is_told"),
    [*((moment, True) for moment in UNDOING), (SubmitterMoment.UNWOUND, False), (Moment.DROPPED, False)],
)
def test_a_settler_that_is_killed_while_it_undoes_batches_undoes_them_once(
    nursery: Nursery, venue: Venue, moment: Moment | SubmitterMoment, is_told: bool
) -> None:
    """Whether the log says that the batch was proven, or nothing of it."""
    nonce = venue.nonce
    venue.trade(*TRADE)
    with venue.settler() as running:
        venue.carry(running, 1)
    lost = venue.trade(*TRADE)
    venue.farm.is_idle = not is_told
    with venue.settler() as running:
        drive(running, venue.mine, lambda: running.batch == 2 and bool(venue.states(2)) is is_told)
    venue.farm.is_idle = False
    venue.chain.advance(venue.chain.time + HOURS)
    killed_at(nursery, venue, moment, 2 if isinstance(moment, SubmitterMoment) else 1)
    with venue.settler() as running:
        venue.settle_unwinding(running)
        assert running.batch == 1
        venue.start_anew()
        rebuilt = venue.resequence_all(lost.messages)
        venue.carry(running, 2)
    assert [entry.to_batch for entry in venue.unwound] == [1]
    assert rebuilt.messages == lost.messages
    assert venue.nonce == nonce + 2
    assert venue.rollup.state_root == rebuilt.new_roots.state


def test_a_settler_that_is_killed_when_a_batch_was_taken_back_carries_it_once_more(
    nursery: Nursery, venue: Venue
) -> None:
    venue.trade(*TRADE)
    with venue.settler() as running:
        venue.carry(running, 1)
        venue.trade(*TRADE)
        nonce, before = venue.nonce, venue.height
        venue.carry(running, 2, BatchState.MINED)
    venue.reorganise(before)
    killed_at(nursery, venue, SubmitterMoment.TAKEN_BACK)
    with venue.settler() as running:
        venue.carry(running, 2)
    assert venue.nonce == nonce + 1
    assert venue.rollup.state_root == roots(venue.directories)[-1]
    way = [state.name for state in venue.states(2)]
    assert way in (
        ["PROVEN", "SUBMITTED", "MINED", "SUBMITTED", "MINED", "FINAL"],
        ["PROVEN", "SUBMITTED", "MINED", "FINAL"],
    )


def test_a_settler_that_is_killed_while_l1_does_not_answer_goes_on(nursery: Nursery, venue: Venue) -> None:
    nonce = venue.nonce
    venue.trade(*TRADE)
    venue.trade(*TRADE)
    killed_at(nursery, venue, Moment.WAITING, url=NOWHERE)
    killed_at(nursery, venue, SubmitterMoment.WAITING, 1, url=NOWHERE)
    with venue.settler() as running:
        venue.carry(running, 2)
    venue.require_all_final(2, nonce)


def test_a_settler_that_is_killed_at_any_moments_settles_each_batch_once(
    nursery: Nursery, venue: Venue, tmp_path: Path, kills: int
) -> None:
    chance, nonce, last = Random(SEED), venue.nonce, 0
    for kill in range(kills):
        if kill % KILLS_OF_A_BATCH == 0:
            venue.proofs(venue.trade(*TRADE).inputs)
            last += 1
        process = nursery.start(venue.settling().settle)
        time.sleep(chance.uniform(0, LIFE_SECONDS))
        process.kill()
        assert process.wait().status == KILLED
    with venue.settler() as running:
        venue.carry(running, last)
    venue.require_all_final(last, nonce)
    require_the_same_again(venue, tmp_path / "again")


def test_no_moment_is_left_out() -> None:
    seen = {*MOMENTS, *UNDOING, Moment.CONFIRMED, Moment.WAITING, SubmitterMoment.TAKEN_BACK}
    assert seen == {*Moment, *SubmitterMoment}
