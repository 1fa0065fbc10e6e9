"""The batches that the contract has, as transactions brought them that this ledger did not send."""

from collections.abc import Callable
from typing import Any

from hexbytes import HexBytes

from sequencer.chain.client import RollupClient
from sequencer.chain.errors import ForeignLogError
from sequencer.chain.logs import Log, LogReader
from sequencer.store.life import Inclusion
from sequencer.submitter.view import Block, Landing

_EVENT = "BatchFinalized"


class Landings:
    """Finds batches by the contract's logs, in the order of their numbers: no block is read twice for it.

    Parameters
    ----------
    block
        Gives a block of the node's chain by its number.
    """

    def __init__(self, rollup: RollupClient, block: Callable[[int], Block]) -> None:
        self._rollup, self._block = rollup, block
        self._logs = LogReader(rollup.connection, rollup.artifact, rollup.address)
        self._found: dict[int, Log] = {}
        self._next: int | None = None

    def find(self, number: int, timestamp: int, head: Block) -> Landing | None:
        """Return how a batch came to the contract, None while the node does not show it.

        An operator with a key calls the contract itself: its calldata has the batch.

        Parameters
        ----------
        timestamp
            Of the batch: its block cannot be much older.

        Raises
        ------
        ForeignLogError
            If the batch came through another contract.
        """
        log = self._search(number, timestamp, head)
        landing = None if log is None else self._landing(log)
        if landing is None:
            # The chain may be another one than that which was searched.
            self._found.clear()
            self._next = None
        return landing

    def _search(self, number: int, timestamp: int, head: Block) -> Log | None:
        self._found = {other: log for other, log in self._found.items() if other >= number}
        begin = self._first_block(timestamp, head) if self._next is None else self._next
        pages = self._logs.pages(begin, head.number)
        while number not in self._found:
            page = next(pages, None)
            if page is None:
                return None
            self._found |= {log.arguments["batchNumber"]: log for log in page.logs if log.event == _EVENT}
            self._next = page.end + 1
        return self._found[number]

    def _first_block(self, timestamp: int, head: Block) -> int:
        """Return the number of the first block that may have the batch, by bisection over the clock."""
        earliest = timestamp - int(self._rollup.read("MAX_TIMESTAMP_LEAD_SECONDS"))
        low, high = 0, head.number
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self._block(middle).timestamp >= earliest else (middle + 1, high)
        return low

    def _landing(self, log: Log) -> Landing | None:
        """Return what the transaction of a log says, None if it is not in the log's block any more."""
        transaction = self._ask("eth_getTransactionByHash", log.transaction_hash)
        receipt = self._ask("eth_getTransactionReceipt", log.transaction_hash)
        block_hash = bytes(HexBytes(log.block_hash))
        stands = self._block(log.block_number).hash == block_hash
        if transaction is None or receipt is None or not stands or receipt["blockHash"] != log.block_hash:
            return None
        try:
            batch = self._rollup.submission(bytes(HexBytes(transaction["input"])))
        except ValueError as error:
            raise ForeignLogError(f"{log.transaction_hash} brought a batch and is no call for it") from error
        a, (b0, b1), c = batch.proof
        return Landing(
            inclusion=Inclusion(
                transaction_hash=bytes(HexBytes(log.transaction_hash)),
                block_hash=block_hash,
                block_number=log.block_number,
                gas_used=int(receipt["gasUsed"], 16),
            ),
            words=tuple(batch.words),
            commitment=batch.commitment,
            proof=(*a, *b0, *b1, *c),
        )

    def _ask(self, method: str, hash_: str) -> Any:
        return self._rollup.connection.request(method, [hash_])
