"""One batch, one nonce: slow transactions are replaced, void ones are cancelled, fees stay below the cap."""

import pytest

from sequencer.chain.client import BatchSubmission, ProofPoints
from sequencer.state.genesis import genesis
from sequencer.store.ledger_store import LedgerStore
from sequencer.store.life import BatchState
from sequencer.submitter.errors import BatchRefusedError, BatchUnwoundError, StateForkedError
from sequencer.submitter.moments import Moment
from sequencer.submitter.policy import GWEI
from sequencer.submitter.submitter import Step, Submitter
from tests.submitter.desk import POLICY, TRADE, Desk

HOURS = 2 * 3_600


def overheard(desk: Desk, store: LedgerStore) -> tuple[Submitter, list[Moment]]:
    told: list[Moment] = []
    return desk.submitter(store, lambda moment, *_: told.append(moment)), told


def advance_until(submitter: Submitter, told: list[Moment], moment: Moment) -> None:
    """Take steps, without a block between them, until a moment has come."""
    while moment not in told:
        assert submitter.advance() is Step.MOVED


def set_base_fee(desk: Desk, gwei: int) -> None:
    desk.chain.request("anvil_setNextBlockBaseFeePerGas", [hex(gwei * GWEI)])
    desk.mine()


def test_a_transaction_that_pays_too_little_is_replaced_by_a_dearer_one(desk: Desk) -> None:
    desk.create(TRADE)
    nonce = desk.nonce
    desk.automine(False)
    with desk.store() as store:
        submitter, told = overheard(desk, store)
        advance_until(submitter, told, Moment.SENT)
        for _ in range(POLICY.bump_after_blocks):
            set_base_fee(desk, 20)
        life = submitter.settle(1, BatchState.FINAL)
    first, second = life.sent
    assert first.nonce == second.nonce == nonce
    assert second.max_fee * 8 >= first.max_fee * 9
    assert second.priority_fee * 8 >= first.priority_fee * 9
    assert life.inclusion is not None
    assert life.inclusion.transaction_hash == second.hash
    assert desk.nonce == nonce + 1


def test_nothing_is_signed_while_the_base_fee_is_above_the_cap(desk: Desk) -> None:
    desk.create(TRADE)
    desk.automine(False)
    set_base_fee(desk, 100)
    with desk.store() as store:
        submitter = desk.submitter(store)
        while submitter.advance() is Step.MOVED:
            continue
        assert store.outbox.life(1).state is BatchState.PROVEN
        set_base_fee(desk, 50)
        life = submitter.settle(1)
    assert life.sent[0].max_fee == POLICY.fee_cap


def test_a_nonce_that_something_else_used_up_is_replaced_by_the_next(desk: Desk) -> None:
    desk.create(TRADE)
    nonce = desk.nonce
    desk.automine(False)
    with desk.store() as store:
        submitter, told = overheard(desk, store)
        advance_until(submitter, told, Moment.SENT)
        (dropped,) = store.outbox.life(1).sent
        desk.chain.request("anvil_dropTransaction", ["0x" + dropped.hash.hex()])
        desk.automine(True)
        desk.token.mint(desk.operator, desk.operator.address, 1)
        life = submitter.settle(1, BatchState.FINAL)
    assert [sent.nonce for sent in life.sent] == [nonce, nonce + 1]
    assert desk.rollup.batch_count == 1


def test_a_batch_that_grew_too_old_is_rebuilt_at_the_present_time(desk: Desk) -> None:
    (old,) = desk.create(TRADE)
    desk.chain.advance(desk.chain.time + HOURS)
    nonce = desk.nonce
    with desk.store() as store:
        submitter = desk.submitter(store)
        with pytest.raises(BatchUnwoundError, match="3600 seconds old"):
            submitter.settle(1)
        (rebuilt,) = desk.resequence(store)
        submitter.settle(1, BatchState.FINAL)
    assert rebuilt.messages == old.messages
    assert desk.nonce == nonce + 1
    assert desk.rollup.state_root == rebuilt.new_roots.state


def test_a_batch_that_grows_too_old_in_the_pool_is_cancelled_and_rebuilt(desk: Desk) -> None:
    (old,) = desk.create(TRADE)
    nonce = desk.nonce
    desk.automine(False)
    with desk.store() as store:
        submitter, told = overheard(desk, store)
        advance_until(submitter, told, Moment.SENT)
        (sent,) = store.outbox.life(1).sent
        desk.chain.request("anvil_dropTransaction", ["0x" + sent.hash.hex()])
        desk.chain.advance(desk.chain.time + HOURS)
        told.clear()
        advance_until(submitter, told, Moment.SENT)
        cancelled = store.outbox.life(1)
        with pytest.raises(BatchUnwoundError):
            submitter.settle(1)
        (rebuilt,) = desk.resequence(store)
        life = submitter.settle(1, BatchState.FINAL)
    assert [(sent.nonce, sent.cancels) for sent in cancelled.sent] == [(nonce, False), (nonce, True)]
    assert [(sent.nonce, sent.cancels) for sent in life.sent] == [(nonce + 1, False)]
    assert rebuilt.messages == old.messages


def test_a_batch_that_fails_in_its_block_is_rebuilt(desk: Desk) -> None:
    """The estimate was right, but the block is an hour later than the one before."""
    (old,) = desk.create(TRADE)
    nonce = desk.nonce
    desk.automine(False)
    with desk.store() as store:
        submitter, told = overheard(desk, store)
        advance_until(submitter, told, Moment.SENT)
        desk.chain.advance(desk.chain.time + HOURS)
        assert desk.nonce == nonce + 1
        assert desk.rollup.batch_count == 0
        with pytest.raises(BatchUnwoundError):
            submitter.settle(1)
        (rebuilt,) = desk.resequence(store)
        submitter.settle(1, BatchState.FINAL)
    assert rebuilt.messages == old.messages
    assert desk.rollup.batch_count == 1


def test_a_wrong_proof_stops_the_operator_before_it_pays(desk: Desk) -> None:
    desk.create(TRADE)
    nonce = desk.nonce
    with desk.store() as store:

        def forge(inputs: object) -> ProofPoints:
            a, b, _ = desk.proofs(store.record(1).inputs)
            return a, b, a

        submitter = Submitter(store, desk.rollup, desk.operator, forge, POLICY)
        with pytest.raises(BatchRefusedError) as refusal:
            submitter.settle(1)
        assert not store.outbox.life(1).sent
    assert refusal.value.revert is not None
    assert refusal.value.revert.name == "InvalidProof"
    assert desk.nonce == nonce


def test_a_batch_of_another_sequencer_stops_the_operator(desk: Desk) -> None:
    """Somebody has the operator's key, and another ledger."""
    desk.create(TRADE)
    desk.ledger = genesis(desk.ledger.configuration, desk.ledger.domain)
    desk.state = desk.ledger.state()
    foreign = desk.batch()
    points = desk.proofs(foreign.inputs)
    desk.rollup.submit_batch(desk.operator, BatchSubmission.of(foreign, points))
    with desk.store() as store, pytest.raises(StateForkedError, match="batch 1"):
        desk.submitter(store).settle(1)
