"""What a rollup's logs tell: the markets that it began with, the requests of its queue, how it froze."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from sequencer.chain.client import RollupClient
from sequencer.chain.errors import NoGenesisError
from sequencer.chain.logs import Log, LogReader
from sequencer.model.market import MarketParameters, live_markets
from sequencer.model.request import Request


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
    """Follows one rollup by its logs."""

    def __init__(self, rollup: RollupClient) -> None:
        self.rollup = rollup
        self._reader = LogReader(rollup.connection, rollup.artifact, rollup.address)

    def first_markets(self, from_block: int = 0) -> tuple[MarketParameters, ...]:
        """Return the markets as deployed; their number and units are the same ever after.

        Raises
        ------
        NoGenesisError
            If the deployment is not found from the block on.
        """
        return live_markets([words[3] for words in self._genesis(from_block).arguments["markets"]])

    def genesis(self, from_block: int = 0) -> tuple[int, int]:
        """Return state root and configuration hash as deployed; NoGenesisError as `first_markets`."""
        told = self._genesis(from_block).arguments
        return told["stateRoot"], told["configurationHash"]

    def requests(self, begin: int = 0) -> list[Request]:
        """Return the requests of the queue from place `begin` on, in order, consumed or not."""
        return [queued_request(log) for log in self._logs("RequestQueued")][begin:]

    def freeze(self) -> FreezeLog | None:
        """Return how the rollup froze; None while it is live."""
        return next(map(freeze_log, self._logs("Frozen")), None)

    def _genesis(self, from_block: int) -> Log:
        log = next(self._logs("Genesis", from_block), None)
        if log is None:
            raise NoGenesisError(f"no deployment of {self.rollup.address} from block {from_block} on")
        return log

    def _logs(self, event: str, from_block: int = 0) -> Iterator[Log]:
        for page in self._reader.pages(from_block, self.rollup.connection.block_number):
            yield from (log for log in page.logs if log.event == event)


def queued_request(log: Log) -> Request:
    """Return the request of a `RequestQueued` log."""
    return Request(
        kind=log.arguments["kind"],
        account=log.arguments["account"],
        owner=int(log.arguments["owner"], 16),
        amount=log.arguments["amount"],
        data=(log.arguments["data0"], log.arguments["data1"]),
    )


def freeze_log(log: Log) -> FreezeLog:
    """Return what a `Frozen` log says."""
    return FreezeLog(
        reason=FreezeReason(log.arguments["reason"]),
        exit_root=log.arguments["exitRoot"],
        batch_count=log.arguments["batchCount"],
        exit_pot=log.arguments["exitPot"],
    )
