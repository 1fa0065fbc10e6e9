"""Every message of a day gets a receipt when it is sequenced, and its batch keeps what was promised."""

import pytest
from msgspec.structs import replace

from sequencer.batch.epoch import Epoch
from sequencer.chain.errors import ReceiptUnanswerableError
from sequencer.chain.queue import QueueHashes
from sequencer.chain.receipts import ReceiptAnswer, ReceiptDomain, ReceiptSigner, SignedReceipt
from sequencer.crypto import poseidon
from sequencer.model import constants as c
from sequencer.replay.bars import Bar
from sequencer.replay.traders import eight_traders, wallet
from tests.replay.conftest import CHAIN_ID, ROLLUP, open_session, queue, trade

PROMISE_SECONDS = 600
SEED = 1


def root_of(leaf: int, answer: ReceiptAnswer) -> int:
    """The root that a path leads to, computed as the contract does."""
    place = answer.place
    for siblings in answer.path:
        position = place % c.TREE_ARITY
        leaf = poseidon((*siblings[:position], leaf, *siblings[position:]))
        place //= c.TREE_ARITY
    return leaf


def test_each_message_has_a_receipt_that_its_batch_keeps(bars: list[Bar]) -> None:
    hashes = QueueHashes()
    hashes.extend(queue(eight_traders(SEED)))
    domain, key = ReceiptDomain(CHAIN_ID, ROLLUP), wallet("receipts")
    signer = ReceiptSigner(key, domain, PROMISE_SECONDS, hashes)
    given: list[SignedReceipt] = []

    def acknowledge(epoch: Epoch, sequence: int, message_hash: int) -> None:
        given.append(signer.issue(epoch, sequence, message_hash))

    batches = trade(open_session(SEED, acknowledge=acknowledge), bars[:2])

    records = {batch.number: batch.record() for batch in batches}
    assert [signed.receipt.message_hash for signed in given] == [
        leaf for record in records.values() for leaf in record.log_leaves
    ]
    assert [signed.receipt.sequence for signed in given] == list(range(1, len(given) + 1))
    for signed in given:
        receipt = signed.receipt
        answer = ReceiptAnswer.of(receipt, records[receipt.batch_number])
        assert answer.keeps(receipt)
        assert root_of(receipt.message_hash, answer) == answer.log_root
        assert receipt.queue_hash == hashes.at(receipt.requests_end)
    assert domain.signer_of(given[-1]) == key.address

    first = given[0].receipt
    for broken in (replace(first, sequence=2), replace(first, epoch_hash=0), replace(first, batch_number=2)):
        assert not ReceiptAnswer.of(broken, records[1]).keeps(broken)
    with pytest.raises(ReceiptUnanswerableError):
        ReceiptAnswer.of(replace(first, message_hash=1), records[1])
