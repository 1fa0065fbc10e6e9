"""A batch's header is read from the words that the batch builder wrote."""

import pytest

from sequencer.batch.sizes import batch_size
from sequencer.model import constants as c
from sequencer.model.header import BatchHeader
from sequencer.model.words import to_field
from tests import strategies
from tests.batch.fixtures import ledger_of, sealed_batch


def test_the_header_names_what_the_batch_did() -> None:
    state = strategies.genesis(accounts=4, markets=2, resting=3)
    ledger = ledger_of(state)
    old = ledger.roots()
    (commands,) = strategies.batches(1, 1, accounts=4, markets=2, resting=3, newcomers=2, messages=12)
    batch = sealed_batch(ledger, state, batch_size("reference"), commands)
    header = BatchHeader.from_words(batch.contract_words)
    assert (header.old_state_root, header.new_state_root) == (old.state, batch.new_roots.state)
    assert header.new_exit_root == batch.new_roots.exit
    assert (header.requests, header.messages) == (len(batch.requests), len(batch.log_leaves))
    assert header.words == len(batch.contract_words) + c.REQUEST_WORDS * header.requests
    assert (header.timestamp, header.fee_pool) == (ledger.counters.timestamp, ledger.counters.fee_pool)
    assert header.funding_pool == ledger.counters.funding_pool
    assert header.requests_begin + header.requests == ledger.counters.requests_consumed


@pytest.mark.parametrize("pool", [-(1 << 80), -1, 0, 1, 1 << 80])
def test_the_funding_pool_is_signed(pool: int) -> None:
    words = [0] * c.HEADER_WORDS
    words[c.HEADER_FUNDING_POOL] = to_field(pool)
    header = BatchHeader.from_words(words)
    assert (header.funding_pool, header.fee_pool) == (pool, 0)


def test_fewer_words_are_no_header() -> None:
    with pytest.raises(ValueError, match="a stream of 13 words has no header of 14"):
        BatchHeader.from_words([0] * (c.HEADER_WORDS - 1))
