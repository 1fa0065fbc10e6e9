"""What the submitter reads from the chain."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from hexbytes import HexBytes

from sequencer.chain.client import RollupClient
from sequencer.chain.errors import NodeRefusedError
from sequencer.model.request import Request
from sequencer.state.record import BatchRecord
from sequencer.store.life import BatchLife, Inclusion, SignedTransaction
from sequencer.submitter.landings import Landings
from sequencer.submitter.view import BatchView, Block


class ChainReader:
    """One rollup and its operator's account on one node; a view is read at named blocks, not at the latest.

    Every method raises ChainUnreachableError where the node does not answer, and NodeRefusedError where it
    does not have the block.
    """

    def __init__(self, rollup: RollupClient, operator: str) -> None:
        self._rollup, self._operator = rollup, operator
        self._connection = rollup.connection
        self._landings = Landings(rollup, self.block)

    def block(self, number: int | None = None) -> Block:
        """Return a block of the node's chain, the newest if none is named."""
        name = "latest" if number is None else hex(number)
        header = self._connection.request("eth_getBlockByNumber", [name, False])
        if header is None:
            raise NodeRefusedError(f"{self._connection.url} has no block {name}")
        return Block(
            number=int(header["number"], 16),
            hash=bytes(HexBytes(header["hash"])),
            base_fee=int(header["baseFeePerGas"], 16),
            timestamp=int(header["timestamp"], 16),
        )

    def buried(self, head: Block, confirmations: int) -> Block:
        """Return the newest block that has so many confirmations, itself included; the genesis at least."""
        return self.block(max(0, head.number - confirmations + 1)) if confirmations > 1 else head

    def requests(self, block: Block, begin: int) -> list[Request]:
        """Return the requests of the queue from a place on, as a block leaves it."""
        end = int(self._rollup.read_at(block.hash, "requestCount"))
        return [Request.from_words(*self._request_words(block, index)) for index in range(begin, end)]

    def batch_count(self, block: Block) -> int:
        """Return how many batches the contract has, as a block leaves it."""
        return int(self._rollup.read_at(block.hash, "batchCount"))

    def view(
        self, life: BatchLife, record: BatchRecord, head: Block, buried: Block, missing_since: int | None
    ) -> BatchView:
        """Return what the chain shows of a batch.

        Parameters
        ----------
        missing_since
            Of the last view of this batch.
        """
        batch_count, inclusion = self.batch_count(head), self._inclusion(life.sent, head)
        has_landed = batch_count >= life.number and inclusion is None
        return BatchView(
            head=head,
            batch_count=batch_count,
            state_root=int(self._rollup.read_at(head.hash, "stateRoot")),
            nonce=self._nonce(head),
            buried_nonce=self._nonce(buried),
            max_age=self._max_age,
            missing_since=None if self._has_requests(record, head) else missing_since or head.number,
            inclusion=inclusion,
            landing=self._landings.find(life.number, record.timestamp, head) if has_landed else None,
            is_known=bool(life.sent) and self._knows(life.sent[-1]),
        )

    @cached_property
    def _max_age(self) -> int:
        return int(self._rollup.read("MAX_TIMESTAMP_LAG_SECONDS"))

    def _nonce(self, block: Block) -> int:
        place = {"blockHash": "0x" + block.hash.hex()}
        return int(self._connection.request("eth_getTransactionCount", [self._operator, place]), 16)

    def _request_words(self, block: Block, index: int) -> tuple[int, int, int]:
        head, first, second = self._rollup.read_at(block.hash, "requestWords", index)
        return head, first, second

    def _has_requests(self, record: BatchRecord, block: Block) -> bool:
        return all(
            self._request_words(block, index) == request.words()
            for index, request in enumerate(record.requests, start=record.requests_begin)
        )

    def _inclusion(self, sent: Sequence[SignedTransaction], head: Block) -> Inclusion | None:
        """Return where one of the transactions made the batch final, if the node says so."""
        receipts = (self._receipt(transaction) for transaction in sent if not transaction.cancels)
        for receipt in receipts:
            if receipt and int(receipt["status"], 16) and int(receipt["blockNumber"], 16) <= head.number:
                return Inclusion(
                    transaction_hash=bytes(HexBytes(receipt["transactionHash"])),
                    block_hash=bytes(HexBytes(receipt["blockHash"])),
                    block_number=int(receipt["blockNumber"], 16),
                    gas_used=int(receipt["gasUsed"], 16),
                )
        return None

    def _receipt(self, transaction: SignedTransaction) -> Any:
        return self._connection.request("eth_getTransactionReceipt", ["0x" + transaction.hash.hex()])

    def _knows(self, transaction: SignedTransaction) -> bool:
        name = "0x" + transaction.hash.hex()
        return self._connection.request("eth_getTransactionByHash", [name]) is not None
