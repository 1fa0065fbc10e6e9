"""What projections that follow each other write: each row once, as the last of them leaves it."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field

from sequencer.history import keys
from sequencer.history.candles import CandleKey, grown
from sequencer.history.codec import encode
from sequencer.history.database import Database
from sequencer.history.errors import HistoryGapError
from sequencer.history.types import Candle, MessageRecord, OrderRecord, Projection, Record, Trade
from sequencer.model.codes import Verdict
from sequencer.store.database import Writer, numbered

_NONCE_KEPT: Final = frozenset(verdict.name.lower() for verdict in (Verdict.KEY_EPOCH, Verdict.NONCE))
"""With these verdicts a message leaves its nonce to another one; none that was admitted gets them."""


class Written(Struct, frozen=True):
    """How far a history is, and what is known of its rows without reading them.

    Attributes
    ----------
    position : int
        Number of the last entry.
    batch, touched : int, frozenset of int
        The last batch, and accounts that are noted as touched by it.
    candles : mapping of (int, int) to Candle
        By market and length, the one that changed last.
    """

    position: int
    batch: int = 0
    touched: frozenset[int] = frozenset()
    candles: Mapping[tuple[int, int], Candle] = field(default_factory=dict)


class GroupWrite:
    """Collects the rows of the projections behind what is written; nothing is written before `put`.

    Attributes
    ----------
    position : int
        Number of the last entry that was added.
    """

    def __init__(self, before: Written, database: Database) -> None:
        self._before, self._database = before, database
        self.position, self._batch = before.position, before.batch
        self._records: dict[bytes, Record] = {}
        self._nonces: dict[bytes, bytes] = {}
        self._touched: dict[int, set[int]] = {before.batch: set(before.touched)}
        self._trades: list[Trade] = []

    def add(self, projection: Projection) -> None:
        """Take the next projection.

        Raises
        ------
        HistoryGapError
            If projections between the last one and this are missing.
        """
        if projection.number != self.position + 1:
            raise HistoryGapError(f"entry {projection.number} does not follow entry {self.position}")
        self.position, self._batch = projection.number, projection.batch
        for order in projection.orders:
            self._add_order(order, is_new=order.sequence == projection.placed)
        if projection.answer is not None:
            self._add_answer(projection.answer)
        if projection.touched:
            self._touched.setdefault(projection.batch, set()).update(projection.touched)
        records = self._records
        for fill in projection.fills:
            records[keys.of(keys.FILL, fill.account, fill.trade)] = fill
        for trade in projection.trades:
            records[keys.of(keys.TRADE, trade.market, trade.trade)] = trade
        for transfer in projection.transfers:
            records[keys.of(keys.TRANSFER, transfer.account, transfer.place)] = transfer
        for rate in projection.funding:
            records[keys.of(keys.FUNDING, rate.market, rate.period)] = rate
        for progress in projection.progress:
            records[keys.of(keys.BATCH, progress.number)] = progress
        self._trades += projection.trades

    def put(self, write: Writer) -> Written:
        """Write all rows and the position; return what is known once they are written."""
        candles = grown(self._trades, self._candle)
        for candle_key, candle in candles.items():
            self._records[keys.candle(*candle_key)] = candle
        write.put(keys.POSITION, numbered(b"", self.position))
        for key, record in self._records.items():
            write.put(key, encode(record))
        for key, sequence in self._nonces.items():
            write.put(key, sequence)
        for batch, accounts in self._touched.items():
            for account in accounts - self._known(batch):
                write.put(keys.of(keys.TOUCHED, batch, account), b"")
        last = {(market, interval): candle for (market, interval, _), candle in candles.items()}
        touched = frozenset(self._touched.get(self._batch, ()))
        return Written(self.position, self._batch, touched, {**self._before.candles, **last})

    def _add_order(self, order: OrderRecord, *, is_new: bool) -> None:
        self._records[keys.of(keys.ORDER, order.account, order.sequence)] = order
        if is_new and order.reason not in _NONCE_KEPT:
            key = keys.of(keys.ORDER_NONCE, order.account, order.nonce)
            self._nonces[key] = numbered(b"", order.sequence)

    def _add_answer(self, answer: MessageRecord) -> None:
        """Keep an answer; that to a message which did not use up its nonce does not replace another."""
        key = keys.of(keys.MESSAGE, answer.account, answer.nonce)
        used_up = answer.sequence > 0 and answer.verdict not in _NONCE_KEPT
        if used_up or (key not in self._records and self._database.get(key) is None):
            self._records[key] = answer

    def _known(self, batch: int) -> frozenset[int]:
        return self._before.touched if batch == self._before.batch else frozenset()

    def _candle(self, key: CandleKey) -> Candle | None:
        market, interval, start_ms = key
        last = self._before.candles.get((market, interval))
        if last is not None and last.start_ms == start_ms:
            return last
        return self._database.record(Candle, keys.candle(*key))
