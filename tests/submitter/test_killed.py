"""An operator that is killed, at whatever point, sends no batch twice and loses none."""

from collections import Counter
from multiprocessing import get_context
from typing import Final

import pytest

from sequencer.store.life import BatchState
from sequencer.submitter.errors import BatchUnwoundError
from sequencer.submitter.moments import Moment
from tests.submitter.desk import TRADE, Desk

KILLED: Final = 9
# Not forked from here, where the native core may have threads, which a fork does not have.
OPERATORS: Final = get_context("forkserver")
OPERATORS.set_forkserver_preload(["tests.submitter.desk"])
# Of a batch that meets no trouble: the second of two, so that the first has left traces.
MOMENTS = (
    Moment.PROVING,
    Moment.PROOF_MADE,
    Moment.PROVEN,
    Moment.SIGNED,
    Moment.SUBMITTING,
    Moment.SENT,
    Moment.FOUND,
    Moment.MINED,
    Moment.BURIED,
    Moment.FINAL,
)
UNDOING = (Moment.UNWINDING, Moment.UNWOUND)
HOURS = 2 * 3_600


def killed_at(desk: Desk, *deaths: Moment) -> None:
    """One operator after the other works on the store; each dies when batch 2 comes to a moment."""
    for moment in deaths:
        process = OPERATORS.Process(target=desk.place.settle_until, args=(moment, 2, KILLED))
        process.start()
        process.join()
        assert process.exitcode == KILLED


def finish(desk: Desk, nonce: int) -> None:
    """Let an operator end the work; there must have been one transaction a batch."""
    with desk.store() as store:
        desk.submitter(store).settle(2, BatchState.FINAL)
        assert [len(life.sent) for life in store.outbox.lives()] == [1, 1]
        assert store.load().roots().state == desk.rollup.state_root
    assert desk.rollup.batch_count == 2
    assert desk.nonce == nonce + 2


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name.lower())
def test_a_killed_operator_goes_on_where_it_was(desk: Desk, moment: Moment) -> None:
    desk.create(TRADE, TRADE)
    nonce = desk.nonce
    killed_at(desk, moment)
    finish(desk, nonce)


def test_an_operator_that_is_killed_again_and_again_gets_there(desk: Desk) -> None:
    desk.create(TRADE, TRADE)
    nonce = desk.nonce
    twice = {Moment.PROVING, Moment.PROOF_MADE, Moment.SIGNED, Moment.FOUND, Moment.BURIED}
    killed_at(desk, *[death for moment in MOMENTS for death in [moment] * (1 + (moment in twice))])
    finish(desk, nonce)


def test_a_batch_that_waits_in_the_pool_is_not_signed_again_after_a_restart(desk: Desk) -> None:
    desk.create(TRADE, TRADE)
    nonce = desk.nonce
    killed_at(desk, Moment.PROVEN)
    desk.automine(False)
    killed_at(desk, Moment.SENT)
    with desk.store() as store:
        pooled = store.outbox.life(2).sent
    killed_at(desk, Moment.FOUND)
    with desk.store() as store:
        assert store.outbox.life(2).sent == pooled
    finish(desk, nonce)


@pytest.mark.parametrize("moment", UNDOING, ids=lambda moment: moment.name.lower())
def test_an_operator_that_is_killed_while_it_undoes_a_batch_loses_no_message(
    desk: Desk, moment: Moment
) -> None:
    batches = desk.create(TRADE, TRADE)
    with desk.store() as store:
        desk.submitter(store).settle(1)
    desk.chain.advance(desk.chain.time + HOURS)
    killed_at(desk, moment)
    with desk.store() as store:
        if moment is Moment.UNWINDING:
            with pytest.raises(BatchUnwoundError):
                desk.submitter(store).settle(2)
        assert store.returned.waiting() == list(batches[1].messages)
        (rebuilt,) = desk.resequence(store)
    assert rebuilt.messages == batches[1].messages
    with desk.store() as store:
        desk.submitter(store).settle(2, BatchState.FINAL)
    assert desk.rollup.state_root == rebuilt.new_roots.state


def test_no_moment_is_left_out() -> None:
    assert Counter((*MOMENTS, *UNDOING)) == Counter(set(Moment) - {Moment.TAKEN_BACK, Moment.WAITING})
