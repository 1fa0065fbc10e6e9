"""The operator's view of L1: the requests that wait in the rollup's queue."""

from sequencer.chain.client import RollupClient
from sequencer.chain.logs import Log, LogReader
from sequencer.model.request import Request


class Watcher:
    """Follows the queue of one rollup by its logs."""

    def __init__(self, rollup: RollupClient) -> None:
        self.rollup = rollup
        self._logs = LogReader(rollup.connection, rollup.artifact, rollup.address)

    def requests(self, begin: int = 0) -> list[Request]:
        """Return the requests of the queue from place `begin` on, in order, consumed or not."""
        head = self.rollup.connection.block_number
        logs = [log for page in self._logs.pages(0, head) for log in page.logs]
        queued = [queued_request(log) for log in logs if log.event == "RequestQueued"]
        return queued[begin:]


def queued_request(log: Log) -> Request:
    """Return the request of a `RequestQueued` log."""
    return Request(
        kind=log.arguments["kind"],
        account=log.arguments["account"],
        owner=int(log.arguments["owner"], 16),
        amount=log.arguments["amount"],
        key=(log.arguments["keyX"], log.arguments["keyY"]),
    )
