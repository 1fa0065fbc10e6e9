"""A chain that changes its mind: batches are sent again or, where a request is gone, rebuilt."""

from collections.abc import Iterator

import pytest

from sequencer.chain.errors import NodeRefusedError
from sequencer.model.message import SignedMessage
from sequencer.store.ledger_store import LedgerStore
from sequencer.store.life import BatchState
from sequencer.submitter.errors import BatchUnwoundError, FinalityBrokenError
from sequencer.submitter.moments import Moment
from sequencer.submitter.policy import Policy
from tests.e2e.exchange import DEPOSIT, TAKER
from tests.submitter.desk import POLICY, TRADE, Desk

MORE = 1_000_000
PATIENT = Policy(confirmations=4)


@pytest.fixture
def store(desk: Desk) -> Iterator[LedgerStore]:
    """One final batch."""
    desk.create(TRADE)
    with desk.store() as store:
        desk.submitter(store).settle(1, BatchState.FINAL)
        yield store


def all_messages(store: LedgerStore) -> list[SignedMessage]:
    """What the batches of the store have, in sequence order."""
    return [m for life in store.outbox.lives() for m in store.record(life.number).messages]


def test_a_batch_that_is_taken_back_is_mined_again_by_the_same_transaction(
    desk: Desk, store: LedgerStore
) -> None:
    desk.seal(store, *TRADE)
    before, told = desk.height, []
    submitter = desk.submitter(store, lambda moment, number, _: told.append(moment))
    submitter.settle(2)
    desk.reorganise(before)
    assert desk.rollup.batch_count == 1

    life = submitter.settle(2, BatchState.FINAL)

    assert told.count(Moment.TAKEN_BACK) == 1
    assert told.count(Moment.SIGNED) == len(life.sent) == 1
    assert desk.rollup.batch_count == 2


def test_batches_that_are_taken_back_together_come_back_in_order(desk: Desk, store: LedgerStore) -> None:
    for _ in range(2):
        desk.seal(store, *TRADE)
    before = desk.height
    submitter = desk.submitter(store, policy=PATIENT)
    submitter.settle(3)
    nonce = desk.nonce
    desk.reorganise(before)
    assert desk.rollup.batch_count == 1

    submitter.settle(3, BatchState.FINAL)

    assert [len(life.sent) for life in store.outbox.lives()] == [1, 1, 1]
    assert desk.nonce == nonce
    assert desk.rollup.state_root == store.load().roots().state


def test_a_chain_that_became_shorter_is_not_believed_until_it_has_grown(
    desk: Desk, store: LedgerStore
) -> None:
    desk.seal(store, *TRADE)
    before, told = desk.height, []
    submitter = desk.submitter(store, lambda moment, *_: told.append(moment))
    life = submitter.settle(2)
    (sent,) = life.sent
    desk.roll_back(before)
    submitter.advance()
    assert told[-1] is Moment.WAITING
    assert store.outbox.life(2) == life

    (again,) = submitter.settle(2, BatchState.FINAL).sent
    assert again.raw == sent.raw


def test_a_final_batch_that_is_taken_back_stops_the_operator(desk: Desk, store: LedgerStore) -> None:
    desk.seal(store, *TRADE)
    before = desk.height
    submitter = desk.submitter(store)
    submitter.settle(2, BatchState.FINAL)
    desk.seal(store, *TRADE)
    desk.reorganise(before)
    with pytest.raises(FinalityBrokenError, match="batch 2 was final"):
        submitter.settle(3)


def test_a_deposit_counts_once_it_is_deep_enough(desk: Desk, store: LedgerStore) -> None:
    assert not desk.confirmed(store)
    desk.deposit(TAKER, MORE)
    (deposit,) = desk.confirmed(store)
    assert deposit.amount == MORE
    desk.roll_back(desk.height - 1)
    assert not desk.confirmed(store)
    desk.mine()
    assert list(desk.confirmed(store)) == [deposit]


def test_a_batch_whose_deposit_vanished_is_rebuilt_with_all_messages(desk: Desk, store: LedgerStore) -> None:
    before = desk.height
    desk.deposit(TAKER, MORE)
    lost = desk.seal(store, *TRADE)
    later = desk.seal(store, *TRADE)
    signed = all_messages(store)
    assert [event.request.amount for event in lost.requests] == [MORE]
    nonce = desk.nonce
    submitter = desk.submitter(store)
    desk.reorganise(before)

    with pytest.raises(BatchUnwoundError, match="batch 2 and all after it are undone") as undone:
        submitter.settle(3)
    assert undone.value.number == 2
    assert store.returned.waiting() == list(lost.messages + later.messages)
    rebuilt = desk.resequence(store)
    submitter.settle(rebuilt[-1].number, BatchState.FINAL)

    assert all_messages(store) == signed
    assert not store.returned.waiting()
    assert not store.returned.refused()
    assert desk.nonce == nonce + len(rebuilt)
    assert desk.rollup.state_root == store.load().roots().state
    ledger = store.load()
    collateral = sum(account.collateral for account in ledger.accounts.values())
    assert collateral + ledger.counters.fee_pool + ledger.counters.funding_pool == 2 * DEPOSIT


def test_a_batch_whose_deposit_comes_back_is_not_touched(desk: Desk, store: LedgerStore) -> None:
    deposit = desk.deposit(TAKER, MORE)
    before = desk.height - POLICY.confirmations
    sealed = desk.seal(store, *TRADE)
    submitter = desk.submitter(store)
    desk.reorganise(before)
    submitter.advance()
    assert desk.rollup.request_count == desk.rollup.requests_consumed
    desk.send_raw(deposit)

    submitter.settle(2, BatchState.FINAL)

    assert desk.rollup.state_root == sealed.new_roots.state


def test_a_batch_that_was_mined_on_a_vanished_deposit_is_cancelled_first(
    desk: Desk, store: LedgerStore
) -> None:
    before = desk.height
    desk.deposit(TAKER, MORE)
    sealed = desk.seal(store, *TRADE)
    submitter = desk.submitter(store)
    (old,) = submitter.settle(2).sent
    desk.reorganise(before)

    with pytest.raises(BatchUnwoundError):
        submitter.settle(2, BatchState.FINAL)
    with pytest.raises(NodeRefusedError, match="nonce too low"):
        desk.send_raw(old.raw)
    (rebuilt,) = desk.resequence(store)
    life = submitter.settle(2, BatchState.FINAL)

    assert rebuilt.messages == sealed.messages
    assert life.sent[-1].nonce == old.nonce + 1
    assert desk.rollup.state_root == rebuilt.new_roots.state


def test_an_order_of_an_account_that_is_gone_is_reported(desk: Desk) -> None:
    """Both deposits of the onboarding go: no order of either trader can be admitted again."""
    sealed = desk.create(TRADE)
    with desk.store() as store:
        submitter = desk.submitter(store)
        desk.reorganise(desk.deployed)
        with pytest.raises(BatchUnwoundError):
            submitter.settle(1)
        (rebuilt,) = desk.resequence(store)
        refused = store.returned.refused()
    assert not rebuilt.messages
    assert [refusal.signed for refusal in refused] == list(sealed[0].messages)
    assert {refusal.code for refusal in refused} == {"unknown_account"}
