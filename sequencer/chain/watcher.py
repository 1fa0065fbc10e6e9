"""Reading the rollup's logs: requests in queue order, final batches with their calldata, the genesis."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sequencer.chain.client import RollupClient
from sequencer.model.request import Request


@dataclass(frozen=True, slots=True)
class GenesisLog:
    """Where the state starts, as the constructor published it.

    Attributes
    ----------
    markets : tuple of tuple of int
        The four words of each market leaf.
    """

    domain: int
    configuration_hash: int
    state_root: int
    exit_root: int
    markets: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class BatchLog:
    """A final batch.

    Attributes
    ----------
    words : tuple of int
        The operator's words, from the calldata: the data stream without the queue words.
    """

    batch_number: int
    state_root: int
    exit_root: int
    timestamp: int
    words: tuple[int, ...]


class FreezeReason(IntEnum):
    """Why the rollup froze, in the contract's order."""

    REQUEST_OVERDUE = 0
    OPERATOR_SILENT = 1
    RECEIPT_UNANSWERED = 2
    RECEIPTS_CONTRADICT = 3


@dataclass(frozen=True, slots=True)
class FreezeLog:
    """The end of the exchange.

    Attributes
    ----------
    exit_root, batch_count : int
        What exits are proven against: the root, and the batch that it comes from.
    exit_pot : int
        What they share, in token units.
    """

    reason: FreezeReason
    exit_root: int
    batch_count: int
    exit_pot: int


class Watcher:
    """Follows one rollup from its first block; nothing but logs and calldata is read."""

    def __init__(self, rollup: RollupClient) -> None:
        self.rollup = rollup

    def genesis(self) -> GenesisLog:
        """Return what the constructor published."""
        (log,) = self._logs("Genesis")
        return GenesisLog(
            domain=log["domain"],
            configuration_hash=log["configurationHash"],
            state_root=log["stateRoot"],
            exit_root=log["exitRoot"],
            markets=tuple(tuple(words) for words in log["markets"]),
        )

    def requests(self, begin: int = 0) -> list[Request]:
        """Return the requests of the queue from place `begin` on, in order, consumed or not."""
        queued = {log["index"]: log for log in self._logs("RequestQueued")}
        return [
            Request(
                kind=queued[index]["kind"],
                account=queued[index]["account"],
                owner=int(queued[index]["owner"], 16),
                amount=queued[index]["amount"],
                key=(queued[index]["keyX"], queued[index]["keyY"]),
            )
            for index in range(begin, len(queued))
        ]

    def batches(self) -> list[BatchLog]:
        """Return the final batches in order."""
        return sorted(
            (
                BatchLog(
                    batch_number=log["batchNumber"],
                    state_root=log["stateRoot"],
                    exit_root=log["exitRoot"],
                    timestamp=log["timestamp"],
                    words=self._words(log["transaction"]),
                )
                for log in self._logs("BatchFinalized")
            ),
            key=lambda batch: batch.batch_number,
        )

    def freeze(self) -> FreezeLog | None:
        """Return how the rollup froze; None while it is live."""
        for log in self._logs("Frozen"):
            reason = FreezeReason(log["reason"])
            return FreezeLog(reason, log["exitRoot"], log["batchCount"], log["exitPot"])
        return None

    def _logs(self, event: str) -> Iterator[dict[str, Any]]:
        """Yield the arguments of each log of an event, with its transaction's hash."""
        for log in self.rollup.contract.events[event]().get_logs(from_block=0):
            yield {**log["args"], "transaction": log["transactionHash"]}

    def _words(self, transaction_hash: bytes) -> tuple[int, ...]:
        """Return the words that the operator, which has no code, sent straight to `submitBatch`."""
        transaction = self.rollup.connection.web3.eth.get_transaction(transaction_hash)  # type: ignore[arg-type]
        _, arguments = self.rollup.contract.decode_function_input(transaction["input"])
        return tuple(arguments["words"])
