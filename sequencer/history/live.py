"""The orders that can trade, and the books that they make."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import Final

from sequencer.history.book import BookSide
from sequencer.history.types import Level, OrderRecord, OrderStatus
from sequencer.model import constants as c
from sequencer.model.codes import Side

_NOBODYS: Final[dict[int, OrderRecord]] = {}


class LiveOrders:
    """Resting orders by sequence, by account and by expiry.

    Parameters
    ----------
    records
        All of them `RESTING`.
    """

    def __init__(self, records: Iterable[OrderRecord]) -> None:
        self._records: dict[int, OrderRecord] = {}
        self._accounts: dict[int, dict[int, OrderRecord]] = {}
        self._expiries: list[tuple[int, int]] = []
        self._books = [[BookSide(side) for side in Side] for _ in range(c.MARKETS)]
        for record in sorted(records, key=lambda each: each.sequence):
            assert record.status is OrderStatus.RESTING
            self.put(record)

    def find(self, sequence: int) -> OrderRecord | None:
        """Return the order with a sequence, if it is live."""
        return self._records.get(sequence)

    def of_account(self, account: int) -> list[OrderRecord]:
        """Return an account's orders, oldest first."""
        return list(self._accounts.get(account, _NOBODYS).values())

    def due(self, timestamp: int) -> list[OrderRecord]:
        """Return the orders that expired before a time (seconds), those that expired first first."""
        end = bisect_left(self._expiries, (timestamp, 0))
        return [self._records[sequence] for _, sequence in self._expiries[:end]]

    def put(self, record: OrderRecord) -> bool:
        """Let an order be as it is now; one that has ended leaves. Tell whether the book changed."""
        before = self._records.get(record.sequence)
        is_live = record.status is OrderStatus.RESTING
        if before is None and not is_live:
            return False
        if before is None:
            insort(self._expiries, (record.expiry, record.sequence))
        if is_live:
            self._records[record.sequence] = record
            self._accounts.setdefault(record.account, {})[record.sequence] = record
        else:
            self._forget(record)
        lots = record.remaining - (before.remaining if before is not None else 0)
        self._books[record.market][record.side].change(record.price, lots, is_live - (before is not None))
        return True

    def level(self, market: int, side: int, price: int) -> Level:
        """Return the level at a price, without lots and orders where there is none."""
        return self._books[market][side].level(price)

    def levels(self, market: int, side: int, depth: int) -> list[Level]:
        """Return the best levels of a side, best first."""
        return self._books[market][side].top(depth)

    def _forget(self, record: OrderRecord) -> None:
        del self._records[record.sequence]
        del self._expiries[bisect_left(self._expiries, (record.expiry, record.sequence))]
        of_account = self._accounts[record.account]
        del of_account[record.sequence]
        if not of_account:
            del self._accounts[record.account]
