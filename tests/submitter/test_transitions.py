"""The rules of the submitter as plain values: what follows from what is stored and what the chain shows."""

import pytest
from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.state.record import BatchRecord
from sequencer.store.life import BatchLife, BatchState, Inclusion, SignedTransaction
from sequencer.submitter.errors import BatchRefusedError, FinalityBrokenError, StateForkedError
from sequencer.submitter.policy import Fees, Policy
from sequencer.submitter.transitions import NoteMined, Prove, Resend, Sign, Stop, Unwind, Wait, decide, review
from sequencer.submitter.view import BatchView, Block, Landing

OLD_ROOT, NEW_ROOT = 11, 12
TIME, MAX_AGE = 10_000, 3_600
POLICY = Policy(confirmations=3, fee_cap=1_000, priority_fee=10, bump_after_blocks=2, attempts=2)
HEAD = Block(number=50, hash=b"h" * 32, base_fee=100, timestamp=TIME + 60)
WORDS = {c.HEADER_TIMESTAMP: TIME, c.HEADER_OLD_STATE_ROOT: OLD_ROOT}
RECORD = BatchRecord(
    number=7,
    size="small",
    state_root=NEW_ROOT,
    inputs={"c": 13},
    contract_words=tuple(WORDS.get(place, 0) for place in range(c.HEADER_WORDS)),
    log_leaves=(),
    requests=(),
    messages=(),
)
SENT = SignedTransaction(b"raw", b"t" * 32, nonce=4, max_fee=210, priority_fee=10, height=49)
CANCELLATION = replace(SENT, cancels=True)
INCLUSION = Inclusion(SENT.hash, b"b" * 32, block_number=50, gas_used=1)
SEQUENCED = BatchLife(7)
PROVEN = SEQUENCED.proving().proven((1,) * 8)
SUBMITTED = PROVEN.submitted(SENT)
VIEW = BatchView(
    head=HEAD,
    batch_count=6,
    state_root=OLD_ROOT,
    nonce=4,
    buried_nonce=4,
    max_age=MAX_AGE,
    missing_since=None,
    inclusion=None,
    landing=None,
    is_known=True,
)
LANDED = replace(VIEW, batch_count=7, state_root=NEW_ROOT, nonce=5, inclusion=INCLUSION)
FOUND = Landing(INCLUSION, RECORD.contract_words, RECORD.commitment, (1,) * 8)
FOREIGN_COMMITMENT = replace(FOUND, commitment=14)
FOREIGN_WORDS = replace(FOUND, words=(*FOUND.words, 0))
NOT_SENT = replace(LANDED, inclusion=None, landing=FOUND)
LATER = replace(HEAD, number=51)
TOO_LATE = replace(HEAD, timestamp=TIME + MAX_AGE + 1)
OFFER = Fees(210, 10)
DEARER = Fees(237, 12)


@pytest.mark.parametrize(
    ("life", "view", "action"),
    [
        (SEQUENCED, VIEW, Prove()),
        (SEQUENCED.proving(), VIEW, Prove()),
        (PROVEN, VIEW, Sign(4, OFFER, cancels=False)),
        (SUBMITTED, VIEW, Wait("a transaction of the batch is on its way")),
        (SUBMITTED, replace(VIEW, is_known=False), Resend()),
        (SUBMITTED, replace(VIEW, head=LATER), Sign(4, DEARER, cancels=False)),
        (SUBMITTED, replace(VIEW, nonce=5), Sign(5, OFFER, cancels=False)),
        (SUBMITTED, LANDED, NoteMined(INCLUSION)),
    ],
)
def test_a_batch_without_trouble(life: BatchLife, view: BatchView, action: object) -> None:
    assert decide(life, RECORD, view, POLICY) == action


@pytest.mark.parametrize(
    ("life", "view", "action"),
    [
        (SEQUENCED, replace(VIEW, missing_since=48), Wait),
        (PROVEN, replace(VIEW, missing_since=48), Wait),
        (SUBMITTED, replace(VIEW, missing_since=48), Wait),
        (SEQUENCED, replace(VIEW, missing_since=47), Unwind),
        (PROVEN, replace(VIEW, missing_since=47), Unwind),
        (PROVEN, replace(VIEW, head=TOO_LATE), Unwind),
        (PROVEN, replace(VIEW, head=replace(TOO_LATE, timestamp=TIME + MAX_AGE)), Sign),
        (SUBMITTED, replace(VIEW, nonce=5, buried_nonce=4, missing_since=47), Wait),
        (SUBMITTED, replace(VIEW, nonce=5, buried_nonce=5, missing_since=47), Unwind),
        (SUBMITTED.submitted(CANCELLATION), VIEW, Wait),
        (SUBMITTED.submitted(CANCELLATION), replace(VIEW, nonce=5, buried_nonce=5), Unwind),
        (SUBMITTED.submitted(CANCELLATION), replace(VIEW, is_known=False), Resend),
        (SUBMITTED.submitted(CANCELLATION), LANDED, NoteMined),
        (SUBMITTED, replace(VIEW, batch_count=5), Wait),
        (SUBMITTED, replace(LANDED, inclusion=None), Wait),
    ],
)
def test_a_batch_in_trouble(life: BatchLife, view: BatchView, action: type) -> None:
    assert isinstance(decide(life, RECORD, view, POLICY), action)


@pytest.mark.parametrize(
    "view", [replace(VIEW, missing_since=47), replace(VIEW, head=TOO_LATE)], ids=["vanished", "old"]
)
def test_a_void_batch_that_was_sent_is_cancelled_with_its_own_nonce(view: BatchView) -> None:
    assert decide(SUBMITTED, RECORD, view, POLICY) == Sign(4, DEARER, cancels=True)


def test_fees_never_exceed_the_cap() -> None:
    dear = replace(HEAD, base_fee=991)
    assert decide(PROVEN, RECORD, replace(VIEW, head=dear), POLICY) == Wait("the base fee is above the cap")
    assert decide(PROVEN, RECORD, replace(VIEW, head=replace(dear, base_fee=990)), POLICY) == Sign(
        4, Fees(1_000, 10), cancels=False
    )
    at_cap = PROVEN.submitted(replace(SENT, max_fee=950))
    slow = replace(VIEW, head=LATER)
    assert isinstance(decide(at_cap, RECORD, slow, POLICY), Wait)
    assert decide(at_cap, RECORD, replace(slow, is_known=False), POLICY) == Resend()
    void = replace(slow, missing_since=40, is_known=False)
    assert isinstance(decide(at_cap, RECORD, void, POLICY), Wait)


@pytest.mark.parametrize("base_fee", [0, 1, 7, 100, 333])
def test_a_replacement_is_an_eighth_dearer_and_pays_the_present_base_fee(base_fee: int) -> None:
    fees = POLICY.raised(SENT, base_fee)
    assert fees is not None
    assert 8 * fees.max_fee >= 9 * SENT.max_fee
    assert 8 * fees.priority_fee >= 9 * SENT.priority_fee
    assert fees.max_fee >= 2 * base_fee + POLICY.priority_fee


def test_a_batch_that_fails_again_and_again_is_given_up() -> None:
    failed = SUBMITTED.submitted(replace(SENT, nonce=5))
    given_up = Stop(BatchRefusedError, "2 transactions of batch 7 failed")
    assert decide(failed, RECORD, replace(VIEW, nonce=6), POLICY) == given_up


@pytest.mark.parametrize(
    ("life", "view"),
    [
        (PROVEN, replace(VIEW, state_root=99)),
        (SEQUENCED, replace(NOT_SENT, landing=FOREIGN_COMMITMENT)),
        (PROVEN, replace(NOT_SENT, landing=FOREIGN_WORDS)),
        (SUBMITTED, replace(NOT_SENT, landing=FOREIGN_COMMITMENT)),
    ],
)
def test_a_state_that_this_ledger_never_had_is_a_fork(life: BatchLife, view: BatchView) -> None:
    action = decide(life, RECORD, view, POLICY)
    assert isinstance(action, Stop)
    assert action.error is StateForkedError


@pytest.mark.parametrize("life", [SEQUENCED, SEQUENCED.proving(), PROVEN, SUBMITTED])
def test_a_batch_that_the_contract_has_as_it_is_here_counts_whoever_sent_it(life: BatchLife) -> None:
    action = decide(life, RECORD, NOT_SENT, POLICY)
    assert action == NoteMined(INCLUSION, FOUND.proof)
    assert life.mined(INCLUSION, FOUND.proof).proof == FOUND.proof


def test_both_commitments_are_named_where_they_differ() -> None:
    action = decide(SEQUENCED, RECORD, replace(NOT_SENT, landing=FOREIGN_COMMITMENT), POLICY)
    assert isinstance(action, Stop)
    assert action.cause == "batch 7 of the contract has the commitment 0xe, the one here 0xd"


def test_a_batch_that_others_sent_needs_no_new_proof_when_it_is_taken_back() -> None:
    adopted = replace(SEQUENCED, is_rebuilt=True).mined(INCLUSION, FOUND.proof)
    taken_back = review(adopted, b"x" * 32, 60, POLICY.confirmations)
    assert taken_back == replace(PROVEN, is_rebuilt=True)
    assert decide(taken_back, RECORD, VIEW, POLICY) == Sign(4, OFFER, cancels=False)


@pytest.mark.parametrize(
    "view", [replace(VIEW, missing_since=47), replace(VIEW, head=TOO_LATE)], ids=["vanished", "old"]
)
@pytest.mark.parametrize("state", [SEQUENCED, PROVEN])
def test_a_void_batch_that_a_lost_ledger_may_have_sent_is_cancelled_first(
    view: BatchView, state: BatchLife
) -> None:
    life = replace(state, is_rebuilt=True)
    assert decide(life, RECORD, view, POLICY) == Sign(4, OFFER, cancels=True)
    dear = replace(view, head=replace(view.head, base_fee=991))
    assert isinstance(decide(life, RECORD, dear, POLICY), Wait)
    buried = replace(view, nonce=5, buried_nonce=5)
    assert isinstance(decide(life.submitted(CANCELLATION), RECORD, buried, POLICY), Unwind)


@pytest.mark.parametrize(
    ("height", "state"), [(50, BatchState.MINED), (51, BatchState.MINED), (52, BatchState.FINAL)]
)
def test_a_batch_is_final_once_its_block_is_deep_enough(height: int, state: BatchState) -> None:
    mined = SUBMITTED.mined(INCLUSION)
    assert review(mined, INCLUSION.block_hash, height, POLICY.confirmations).state is state


def test_a_mined_batch_whose_block_is_gone_is_on_its_way_again() -> None:
    taken_back = review(SUBMITTED.mined(INCLUSION), b"x" * 32, 60, POLICY.confirmations)
    assert taken_back == PROVEN.submitted(replace(SENT, height=60))
    with pytest.raises(FinalityBrokenError):
        review(SUBMITTED.mined(INCLUSION).final(), b"x" * 32, 60, POLICY.confirmations)
