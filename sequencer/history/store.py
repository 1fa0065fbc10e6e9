"""The history in LevelDB: it follows from the journal, and what entries come to is written as one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from sequencer.history import keys
from sequencer.history.candles import INTERVALS
from sequencer.history.database import Database
from sequencer.history.errors import HistoryCorruptedError, IntervalError
from sequencer.history.group import GroupWrite, Written
from sequencer.history.pages import Page, check_page
from sequencer.history.types import (
    BatchProgress,
    Candle,
    Fill,
    FundingRate,
    MessageRecord,
    OrderRecord,
    Projection,
    Trade,
    Transfer,
)
from sequencer.store.life import BatchState


class HistoryStore:
    """Orders, fills, trades, candles, transfers, funding and batches of a venue, in one directory.

    Rows come newest first. `before` is the cursor `next` of the page before; a page has at most `PAGE_MAX`.

    Parameters
    ----------
    path
        Made where there is nothing.

    Raises
    ------
    HistoryLockedError, HistoryVersionError, HistoryCorruptedError
        Naming the path.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path)
        try:
            self._written = self._found()
        except HistoryCorruptedError:
            self.close()
            raise

    @property
    def position(self) -> int:
        """Number of the last entry that was applied; 0 before the first."""
        return self._written.position

    def apply(self, projections: Sequence[Projection]) -> None:
        """Write everything of projections, or nothing; one that was applied before changes nothing.

        Raises
        ------
        HistoryGapError
            If projections between the last one and these, or among them, are missing.
        HistoryUnavailableError
            If the disk does not take them.
        """
        group = GroupWrite(self._written, self._database)
        for projection in projections:
            if projection.number > group.position:
                group.add(projection)
        if group.position > self.position:
            with self._database.writing() as write:
                written = group.put(write)
            self._written = written

    def wipe(self) -> None:
        """Forget everything, as a whole: the history of another course of the journal is built anew."""
        self._database.wipe()
        self._written = self._found()

    def order(self, account: int, nonce: int) -> OrderRecord | None:
        """Return an account's order by the client's name for it."""
        sequence = self._database.number(keys.of(keys.ORDER_NONCE, account, nonce))
        return self.order_at(account, sequence) if sequence else None

    def order_at(self, account: int, sequence: int) -> OrderRecord | None:
        """Return an account's order by its place among all messages."""
        return self._database.record(OrderRecord, keys.of(keys.ORDER, account, sequence))

    def message(self, account: int, nonce: int) -> MessageRecord | None:
        """Return the answer to a signed message."""
        return self._database.record(MessageRecord, keys.of(keys.MESSAGE, account, nonce))

    def orders(self, account: int, before: int | None, limit: int) -> Page[OrderRecord]:
        """Return an account's orders, whatever became of them; PageError for a bad page."""
        return self._database.page(OrderRecord, keys.of(keys.ORDER, account), before, limit)

    def fills(self, account: int, before: int | None, limit: int) -> Page[Fill]:
        """Return an account's fills; PageError for a bad page."""
        return self._database.page(Fill, keys.of(keys.FILL, account), before, limit)

    def transfers(self, account: int, before: int | None, limit: int) -> Page[Transfer]:
        """Return an account's requests of L1; PageError for a bad page."""
        return self._database.page(Transfer, keys.of(keys.TRANSFER, account), before, limit)

    def trades(self, market: int, before: int | None, limit: int) -> Page[Trade]:
        """Return a market's trades; PageError for a bad page."""
        return self._database.page(Trade, keys.of(keys.TRADE, market), before, limit)

    def funding(self, market: int, before: int | None, limit: int) -> Page[FundingRate]:
        """Return a market's funding rates; PageError for a bad page."""
        return self._database.page(FundingRate, keys.of(keys.FUNDING, market), before, limit)

    def batches(self, before: int | None, limit: int) -> Page[BatchProgress]:
        """Return the batches, the open one first; PageError for a bad page."""
        return self._database.page(BatchProgress, keys.BATCH, before, limit)

    def batch(self, number: int) -> BatchProgress | None:
        """Return how far a batch is."""
        return self._database.record(BatchProgress, keys.of(keys.BATCH, number))

    def unfinished_batches(self) -> list[BatchProgress]:
        """Return the closed batches that are not final."""
        unfinished = []
        for progress in self._database.records(BatchProgress, keys.BATCH, keys.of(keys.BATCH, keys.LAST)):
            if progress.state is BatchState.FINAL:
                break
            if progress.state is not None:
                unfinished.append(progress)
        return unfinished

    def accounts_of_batch(self, number: int) -> frozenset[int]:
        """Return the accounts whose money, positions or orders a batch may have changed."""
        return frozenset(self._database.numbers(keys.of(keys.TOUCHED, number)))

    def candles(
        self, market: int, interval_seconds: int, start_ms: int, end_ms: int, limit: int
    ) -> list[Candle]:
        """Return the last candles that begin in [start, end); none stands for an interval without a trade.

        Raises
        ------
        IntervalError, PageError
        """
        if interval_seconds not in INTERVALS:
            raise IntervalError(f"{interval_seconds} seconds, not one of {INTERVALS}")
        check_page(start_ms, limit)
        check_page(end_ms, limit)
        found = self._database.records(
            Candle,
            keys.candle(market, interval_seconds, start_ms),
            keys.candle(market, interval_seconds, end_ms),
        )
        return [candle for _, candle in zip(range(limit), found, strict=False)]

    def close(self) -> None:
        """Give the directory back."""
        self._database.close()

    def __enter__(self) -> HistoryStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _found(self) -> Written:
        return Written(self._database.number(keys.POSITION) or 0)
