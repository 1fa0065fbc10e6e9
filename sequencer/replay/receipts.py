"""The receipts of a replay: one for each message, and whether the operator can answer for all of them."""

from collections import defaultdict

from sequencer.batch.epoch import Epoch
from sequencer.chain.client import RollupClient
from sequencer.chain.errors import ReceiptUnanswerableError
from sequencer.chain.receipts import Receipt, ReceiptAnswer, ReceiptSigner
from sequencer.state.record import BatchRecord
from sequencer.store.ledger_store import LedgerStore


class ReceiptBook:
    """Every receipt that the operator has given, by batch."""

    def __init__(self, signer: ReceiptSigner) -> None:
        self._signer = signer
        self._receipts: defaultdict[int, list[Receipt]] = defaultdict(list)

    def __len__(self) -> int:
        return sum(len(receipts) for receipts in self._receipts.values())

    def acknowledge(self, epoch: Epoch, sequence: int, message_hash: int) -> None:
        """Give a sequenced message its receipt."""
        receipt = self._signer.issue(epoch, sequence, message_hash).receipt
        self._receipts[epoch.batch_number].append(receipt)

    def count_answerable(self, store: LedgerStore, rollup: RollupClient) -> int:
        """Return how many receipts would survive a challenge, every one held to its full promise.

        Messages are looked up in the operator's store, batches and request queue on L1.
        """
        answerable = 0
        for number, receipts in self._receipts.items():
            record, digest = store.record(number), rollup.batch_digest(number)
            intact = rollup.queue_hash_at(receipts[0].requests_end)
            answerable += sum(
                receipt.queue_hash == intact and _is_kept(receipt, record, digest) for receipt in receipts
            )
        return answerable


def _is_kept(receipt: Receipt, record: BatchRecord, batch_digest: bytes) -> bool:
    try:
        answer = ReceiptAnswer.of(receipt, record)
    except ReceiptUnanswerableError:
        return False
    return answer.keeps(receipt) and answer.batch_digest() == batch_digest
