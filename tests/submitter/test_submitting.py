"""Sealed batches become final, each by one transaction."""

from sequencer.store.life import BatchState
from sequencer.submitter.moments import Moment
from sequencer.submitter.submitter import Step
from tests.submitter.desk import TRADE, Desk


def test_batches_go_all_the_way_each_with_one_transaction(desk: Desk) -> None:
    batches = desk.create(TRADE, TRADE)
    nonce, told = desk.nonce, []

    with desk.store() as store:
        submitter = desk.submitter(store, lambda moment, number, _: told.append((number, moment)))
        submitter.settle(2, BatchState.FINAL)
        lives = store.outbox.lives()
        assert submitter.advance() is Step.IDLE

    assert desk.nonce == nonce + 2
    assert desk.rollup.state_root == batches[-1].new_roots.state
    assert [life.state for life in lives] == [BatchState.FINAL] * 2
    for life in lives:
        (transaction,) = life.sent
        assert life.inclusion is not None
        assert life.inclusion.transaction_hash == transaction.hash
        receipt = desk.chain.request("eth_getTransactionReceipt", ["0x" + transaction.hash.hex()])
        assert int(receipt["blockNumber"], 16) == life.inclusion.block_number
    way = [Moment.PROVING, Moment.PROOF_MADE, Moment.PROVEN, Moment.SIGNED, Moment.SUBMITTING, Moment.SENT]
    way += [Moment.FOUND, Moment.MINED, Moment.BURIED, Moment.FINAL]
    for number in (1, 2):
        assert [moment for told_of, moment in told if told_of == number and moment in way] == way
