"""The history in LevelDB: it follows from the journal, and everything of one entry is written as one."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Final

from sequencer.history import keys
from sequencer.history.candles import INTERVALS, CandleKey, grown
from sequencer.history.codec import encode
from sequencer.history.database import Database
from sequencer.history.errors import HistoryCorruptedError, HistoryGapError, IntervalError
from sequencer.history.pages import Page, check_page
from sequencer.history.types import (
    BatchProgress,
    Candle,
    Fill,
    FundingRate,
    MessageRecord,
    OrderRecord,
    OrderStatus,
    Projection,
    Trade,
    Transfer,
)
from sequencer.model.codes import Verdict
from sequencer.store.database import Writer, numbered
from sequencer.store.life import BatchState

_NONCE_KEPT: Final = frozenset(verdict.name.lower() for verdict in (Verdict.KEY_EPOCH, Verdict.NONCE))
"""With these verdicts a message leaves its nonce to another one; none that was admitted gets them."""


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
        self._candles: dict[tuple[int, int], Candle] = {}

    @property
    def position(self) -> int:
        """Number of the last entry that was applied; 0 before the first."""
        return self._database.number(keys.POSITION) or 0

    def apply(self, projection: Projection) -> None:
        """Write everything of one projection, or nothing; what was applied before changes nothing.

        Raises
        ------
        HistoryGapError
            If projections between the last one and this are missing.
        HistoryUnavailableError
            If the disk does not take it.
        """
        position = self.position
        if projection.number <= position:
            return
        if projection.number != position + 1:
            raise HistoryGapError(f"entry {projection.number} does not follow entry {position}")
        candles = grown(projection.trades, self._candle)
        with self._database.writing() as write:
            write.put(keys.POSITION, numbered(b"", projection.number))
            self._put(write, projection)
            for key, candle in candles.items():
                write.put(keys.candle(*key), encode(candle))
        self._candles |= {(market, interval): candle for (market, interval, _), candle in candles.items()}

    def wipe(self) -> None:
        """Forget everything, as a whole: the history of another course of the journal is built anew."""
        self._candles.clear()
        self._database.wipe()

    def order(self, account: int, nonce: int) -> OrderRecord | None:
        """Return an account's order by the client's name for it."""
        sequence = self._database.number(keys.of(keys.ORDER_NONCE, account, nonce))
        return (
            self._database.record(OrderRecord, keys.of(keys.ORDER, account, sequence)) if sequence else None
        )

    def order_by_sequence(self, sequence: int) -> OrderRecord | None:
        """Return an order by its place among all messages."""
        account = self._database.number(keys.of(keys.OWNER, sequence))
        if account is None:
            return None
        return self._database.record(OrderRecord, keys.of(keys.ORDER, account, sequence))

    def message(self, account: int, nonce: int) -> MessageRecord | None:
        """Return the answer to a signed message."""
        return self._database.record(MessageRecord, keys.of(keys.MESSAGE, account, nonce))

    def open_orders(self, account: int) -> list[OrderRecord]:
        """Return an account's resting orders."""
        sequences = self._database.numbers(keys.of(keys.OPEN, account))
        found = [self._database.record(OrderRecord, keys.of(keys.ORDER, account, each)) for each in sequences]
        orders = [order for order in found if order is not None]
        if len(orders) != len(found):
            raise HistoryCorruptedError(f"{self._database.path} lacks an open order of account {account}")
        return orders

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

    def _put(self, write: Writer, projection: Projection) -> None:
        for order in projection.orders:
            _put_order(write, order)
        if projection.answer is not None:
            self._put_answer(write, projection.answer)
        for fill in projection.fills:
            write.put(keys.of(keys.FILL, fill.account, fill.trade), encode(fill))
        for trade in projection.trades:
            write.put(keys.of(keys.TRADE, trade.market, trade.trade), encode(trade))
        for transfer in projection.transfers:
            write.put(keys.of(keys.TRANSFER, transfer.account, transfer.place), encode(transfer))
        for rate in projection.funding:
            write.put(keys.of(keys.FUNDING, rate.market, rate.period), encode(rate))
        for progress in projection.progress:
            write.put(keys.of(keys.BATCH, progress.number), encode(progress))
        for account in projection.touched:
            write.put(keys.of(keys.TOUCHED, projection.batch, account), b"")

    def _put_answer(self, write: Writer, answer: MessageRecord) -> None:
        """Keep an answer; that to a message which did not use up its nonce does not replace another."""
        key = keys.of(keys.MESSAGE, answer.account, answer.nonce)
        used_up = answer.sequence > 0 and answer.verdict not in _NONCE_KEPT
        if used_up or self._database.get(key) is None:
            write.put(key, encode(answer))

    def _candle(self, key: CandleKey) -> Candle | None:
        market, interval, start_ms = key
        last = self._candles.get((market, interval))
        if last is not None and last.start_ms == start_ms:
            return last
        return self._database.record(Candle, keys.candle(*key))


def _put_order(write: Writer, order: OrderRecord) -> None:
    write.put(keys.of(keys.ORDER, order.account, order.sequence), encode(order))
    write.put(keys.of(keys.OWNER, order.sequence), numbered(b"", order.account))
    if order.reason not in _NONCE_KEPT:
        write.put(keys.of(keys.ORDER_NONCE, order.account, order.nonce), numbered(b"", order.sequence))
    if order.status is OrderStatus.RESTING:
        write.put(keys.of(keys.OPEN, order.account, order.sequence), b"")
    else:
        write.delete(keys.of(keys.OPEN, order.account, order.sequence))
