"""The orders that can trade, and the books that they make."""

from collections.abc import Iterable
from typing import Final

from sequencer.history.book import BookSide
from sequencer.history.types import Level, OrderRecord, OrderStatus
from sequencer.model import constants as c
from sequencer.model.codes import Side

_RESTING: Final = OrderStatus.RESTING


class LiveOrders:
    """Resting orders by sequence and by account, and the levels of each book.

    Parameters
    ----------
    records
        All of them `RESTING`.
    """

    def __init__(self, records: Iterable[OrderRecord]) -> None:
        self._records: dict[int, OrderRecord] = {}
        self._accounts: dict[int, dict[int, None]] = {}
        self._expiring: dict[int, int] = {}
        self._books = [[BookSide(side) for side in Side] for _ in range(c.MARKETS)]
        for record in sorted(records, key=lambda each: each.sequence):
            assert record.status is _RESTING
            self.put(record)

    def find(self, sequence: int) -> OrderRecord | None:
        """Return the order with a sequence, if it is live."""
        return self._records.get(sequence)

    def of_account(self, account: int) -> list[OrderRecord]:
        """Return an account's orders, oldest first."""
        return [self._records[sequence] for sequence in self._accounts.get(account, ())]

    def due(self, timestamp: int) -> list[OrderRecord]:
        """Return the orders that expired before a time (seconds), those that expired first first."""
        due = sorted((expiry, sequence) for sequence, expiry in self._expiring.items() if expiry < timestamp)
        return [self._records[sequence] for _, sequence in due]

    def levels(self, market: int, side: int, depth: int) -> list[Level]:
        """Return the best levels of a side, best first."""
        return self._books[market][side].top(depth)

    def put(self, record: OrderRecord) -> Level | None:
        """Let an order be as it is now; one that has ended leaves. Return its level if that changed."""
        before = self._records.get(record.sequence)
        if record.status is not _RESTING:
            return self._leave(before) if before is not None else None
        self._records[record.sequence] = record
        if before is not None:
            return self._change(record, before.filled - record.filled, 0)
        self._accounts.setdefault(record.account, {})[record.sequence] = None
        if record.expiry < c.NEVER_EXPIRES:
            self._expiring[record.sequence] = record.expiry
        return self._change(record, record.size - record.filled, 1)

    def _leave(self, record: OrderRecord) -> Level:
        del self._records[record.sequence]
        self._expiring.pop(record.sequence, None)
        of_account = self._accounts[record.account]
        del of_account[record.sequence]
        if not of_account:
            del self._accounts[record.account]
        return self._change(record, record.filled - record.size, -1)

    def _change(self, record: OrderRecord, lots: int, orders: int) -> Level:
        return self._books[record.market][record.side].change(record.price, lots, orders)
