"""A settler that is killed, at whatever point, settles each batch once and says so once."""

from multiprocessing import get_context
from pathlib import Path
from typing import Final

import pytest

from sequencer.settler.moments import Moment
from sequencer.state.genesis import genesis
from sequencer.submitter.moments import Moment as SubmitterMoment
from tests.settler.journals import create, follow, roots, settler
from tests.settler.venue import TRADE, Venue, drive

KILLED: Final = 9
# Not forked from here, where the native core may have threads, which a fork does not have.
SETTLERS: Final = get_context("forkserver")
SETTLERS.set_forkserver_preload(["tests.settler.venue"])
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


def killed_at(venue: Venue, moment: Moment | SubmitterMoment, number: int = 2) -> None:
    """Let a settler work until a batch comes to a moment at which it dies."""
    process = SETTLERS.Process(target=venue.settling.settle_until, args=(moment, number, KILLED))
    process.start()
    process.join()
    assert process.exitcode == KILLED


def require_the_same_again(venue: Venue, path: Path) -> None:
    """A second settler makes the same of the journal."""
    again = create(path, genesis(venue.ledger.configuration, venue.ledger.domain))
    venue.directories.journal.rename(again.journal)
    with settler(again) as running:
        follow(running)
    assert roots(again) == roots(venue.directories)


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name.lower())
def test_a_killed_settler_goes_on_where_it_was(
    venue: Venue, tmp_path: Path, moment: Moment | SubmitterMoment
) -> None:
    nonce = venue.nonce
    venue.trade(*TRADE)
    venue.trade(*TRADE)
    killed_at(venue, moment)
    with venue.settler() as running:
        venue.carry(running, 2)
    venue.require_all_final(2, nonce)
    require_the_same_again(venue, tmp_path / "again")


def test_a_settler_that_is_killed_again_and_again_gets_there(venue: Venue) -> None:
    nonce = venue.nonce
    venue.trade(*TRADE)
    venue.trade(*TRADE)
    for moment in MOMENTS:
        if moment is not Moment.PROGRESSED:
            killed_at(venue, moment)
    with venue.settler() as running:
        venue.carry(running, 2)
    venue.require_all_final(2, nonce)


def test_requests_that_were_confirmed_before_the_settler_was_killed_are_not_confirmed_twice(
    venue: Venue,
) -> None:
    killed_at(venue, Moment.CONFIRMED, len(venue.watcher.requests()))
    with venue.settler() as running:
        follow(running)
    assert venue.confirmed_by_log == venue.watcher.requests()


@pytest.mark.parametrize(
    ("moment", "is_told"),
    [*((moment, True) for moment in UNDOING), (SubmitterMoment.UNWOUND, False), (Moment.DROPPED, False)],
)
def test_a_settler_that_is_killed_while_it_undoes_batches_undoes_them_once(
    venue: Venue, moment: Moment | SubmitterMoment, is_told: bool
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
    killed_at(venue, moment, 2 if isinstance(moment, SubmitterMoment) else 1)
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


def test_no_moment_is_left_out() -> None:
    waiting = {Moment.WAITING, SubmitterMoment.WAITING}
    seen = {*MOMENTS, *UNDOING, Moment.CONFIRMED, SubmitterMoment.TAKEN_BACK, *waiting}
    assert seen == {*Moment, *SubmitterMoment}
