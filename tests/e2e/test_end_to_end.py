"""From deposit to claim on L1: a batch that snarkjs proved becomes final as it is, and in no other form."""

from dataclasses import replace

import pytest

from sequencer.chain.client import BatchSubmission
from sequencer.chain.errors import ContractRevertedError
from sequencer.engine.margin import free_collateral
from sequencer.model import constants as c
from sequencer.model.constants import PPM_UNIT
from sequencer.replay.terms import MARKET
from tests.e2e.conftest import Proven
from tests.e2e.exchange import DEPOSIT, LOTS, MAKER, PRICE, TAKER, submission

HOUR = 3_600
FIRST_OUTCOME = c.HEADER_WORDS


def honest(proven: Proven) -> BatchSubmission:
    proven.exchange.wait_for(proven.batch)
    return submission(proven.batch, proven.proof)


def with_word(batch: BatchSubmission, place: int, word: int) -> BatchSubmission:
    words = list(batch.words)
    words[place] = word
    return replace(batch, words=words)


def refusal(proven: Proven, batch: BatchSubmission) -> ContractRevertedError:
    """Submit, be refused, and leave the chain as it was."""
    rollup = proven.exchange.rollup
    before = (rollup.state_root, rollup.batch_count, rollup.requests_consumed, rollup.total_claimable)
    with pytest.raises(ContractRevertedError) as refused:
        rollup.submit_batch(proven.exchange.operator, batch)
    assert before == (
        rollup.state_root,
        rollup.batch_count,
        rollup.requests_consumed,
        rollup.total_claimable,
    )
    return refused.value


def test_a_trade_is_settled_and_paid_out_on_l1(proven: Proven) -> None:
    exchange = proven.exchange
    exchange.submit(proven.batch, proven.proof)
    maker, taker = exchange.ledger.account(MAKER), exchange.ledger.account(TAKER)
    assert exchange.rollup.requests_consumed == exchange.rollup.request_count == 4
    assert (maker.positions[MARKET], taker.positions[MARKET]) == (-LOTS, LOTS)
    assert maker.collateral == DEPOSIT + PRICE * LOTS + PRICE * LOTS * 50 // PPM_UNIT
    assert taker.collateral == DEPOSIT - PRICE * LOTS - PRICE * LOTS * 400 // PPM_UNIT
    exchange.require_settled(paid=0)

    paid = exchange.withdraw_everything(TAKER)

    left = exchange.ledger.account(TAKER)
    assert paid == taker.collateral - left.collateral > 0
    assert free_collateral(left, exchange.ledger.markets) == 0
    exchange.require_settled(paid)


@pytest.mark.parametrize(
    "place",
    [
        c.HEADER_NEW_STATE_ROOT,
        c.HEADER_NEW_EXIT_ROOT,
        c.HEADER_EPOCH_HASH,
        c.HEADER_LOG_ROOT,
        c.HEADER_FEE_POOL,
    ],
)
def test_a_tampered_header_word_has_no_proof(proven: Proven, place: int) -> None:
    batch = honest(proven)
    assert refusal(proven, with_word(batch, place, batch.words[place] ^ 1)).name == "InvalidProof"


def test_a_tampered_balance_has_no_proof(proven: Proven) -> None:
    batch = honest(proven)
    maker = proven.batch.change.accounts[1]
    place = list(batch.words).index(maker.collateral)
    assert refusal(proven, with_word(batch, place, maker.collateral + 1)).name == "InvalidProof"


def test_a_claim_that_the_operator_invents_has_no_proof(proven: Proven) -> None:
    batch = honest(proven)
    stolen = 1_000_000 << c.OUTCOME_PAID_AT
    assert refusal(proven, with_word(batch, FIRST_OUTCOME, stolen)).name == "InvalidProof"


def test_a_word_more_or_less_is_a_wrong_count(proven: Proven) -> None:
    batch = honest(proven)
    assert refusal(proven, replace(batch, words=[*batch.words, 0])).name == "WrongWordCount"
    assert refusal(proven, replace(batch, words=batch.words[:-1])).name == "WrongWordCount"


def test_a_tampered_count_of_messages_has_no_proof(proven: Proven) -> None:
    batch = honest(proven)
    counts = batch.words[c.HEADER_COUNTS] + (1 << c.COUNTS_MESSAGES_AT)
    assert refusal(proven, with_word(batch, c.HEADER_COUNTS, counts)).name == "InvalidProof"


def test_more_requests_than_are_queued_are_refused(proven: Proven) -> None:
    batch = honest(proven)
    assert (
        refusal(proven, with_word(batch, c.HEADER_COUNTS, batch.words[c.HEADER_COUNTS] + 1)).name
        == "TooManyRequests"
    )


def test_another_commitment_has_no_proof(proven: Proven) -> None:
    batch = honest(proven)
    assert refusal(proven, replace(batch, commitment=batch.commitment ^ 1)).name == "InvalidProof"


def test_a_commitment_or_a_word_has_one_form_only(proven: Proven) -> None:
    batch = honest(proven)
    shifted = replace(batch, commitment=batch.commitment + c.FIELD_MODULUS)
    assert refusal(proven, shifted).name == "CommitmentNotInField"
    place = c.HEADER_FEE_POOL
    error = refusal(proven, with_word(batch, place, batch.words[place] + c.FIELD_MODULUS))
    assert (error.name, error.arguments) == ("WordNotInField", {"index": place})


def test_a_proof_of_something_else_is_refused(proven: Proven) -> None:
    batch = honest(proven)
    a, b, end = batch.proof
    assert refusal(proven, replace(batch, proof=(end, b, a))).name == "InvalidProof"


def test_a_stale_batch_is_refused(proven: Proven) -> None:
    batch = honest(proven)
    proven.exchange.chain.advance(proven.batch.change.counters.timestamp + HOUR + 1)
    assert refusal(proven, batch).name == "StaleTimestamp"


def test_a_batch_from_the_future_is_refused(proven: Proven) -> None:
    assert refusal(proven, submission(proven.batch, proven.proof)).name == "FutureTimestamp"


def test_a_batch_counts_once(proven: Proven) -> None:
    batch = honest(proven)
    proven.exchange.rollup.submit_batch(proven.exchange.operator, batch)
    assert refusal(proven, batch).name == "WrongBatchNumber"


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (c.HEADER_DOMAIN, "WrongDomain"),
        (c.HEADER_CONFIG_HASH, "WrongConfigurationHash"),
        (c.HEADER_BATCH_NUMBER, "WrongBatchNumber"),
        (c.HEADER_OLD_STATE_ROOT, "WrongOldStateRoot"),
        (c.HEADER_FIRST_SEQUENCE, "WrongFirstSequence"),
        (c.HEADER_REQUESTS_BEGIN, "WrongRequestsBegin"),
    ],
)
def test_a_batch_that_does_not_continue_the_chain_is_refused(proven: Proven, place: int, name: str) -> None:
    batch = honest(proven)
    assert refusal(proven, with_word(batch, place, batch.words[place] + 1)).name == name


def test_a_stranger_cannot_submit_even_a_good_batch(proven: Proven) -> None:
    batch = honest(proven)
    with pytest.raises(ContractRevertedError) as refused:
        proven.exchange.rollup.submit_batch(proven.exchange.stranger, batch)
    assert refused.value.name == "NotOperator"
