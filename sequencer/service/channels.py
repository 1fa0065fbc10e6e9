"""What each channel says: of one projection, of many, and of everything at once."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from sequencer.history.types import Level, Mark, Projection
from sequencer.model.codes import Side
from sequencer.service.desk import Desk
from sequencer.service.errors import ChannelError
from sequencer.service.events import events_of, progress_event
from sequencer.service.frames import text_frame
from sequencer.service.http import encoded
from sequencer.service.views import book_of, ticker_of, top_checksum
from sequencer.service.wire.market import BatchBody, MarkBody, TradeBody, price_change
from sequencer.service.wire.numbers import Units
from sequencer.service.wire.orders import OrderBody
from sequencer.service.wire.stream import (
    AccountEvent,
    AccountPush,
    BatchesPush,
    BookPush,
    ChannelName,
    MarksPush,
    Push,
    TickerPush,
    TradesPush,
)

OF_MARKETS: Final = ("book", "trades", "ticker")
_OF_MANY: Final = (BookPush, TradesPush, TickerPush)
_TRADES_SHOWN: Final = 50
_BATCHES_SHOWN: Final = 10


class ChannelKey(NamedTuple):
    """A channel, and of which market (slot) or account; 0 where it is of neither."""

    name: ChannelName
    subject: int = 0


class Fanout:
    """A push to many: made once for all that hold the same entry before it."""

    def __init__(self, push: Push) -> None:
        self._push = push
        self._frames: dict[int, bytes | None] = {}
        self.entry = push.entry

    def frame(self, prev: int) -> bytes | None:
        """Return the push behind the entry `prev`; None where that one has it all already."""
        try:
            return self._frames[prev]
        except KeyError:
            frame = self._frames[prev] = self._made(prev)
            return frame

    def _made(self, prev: int) -> bytes | None:
        push = msgspec.structs.replace(self._push, prev=prev)
        if isinstance(push, _OF_MANY) and not push.snapshot:
            # Who has come between two projections has what the first one says from the snapshot.
            if prev >= push.entry:
                return None
            if isinstance(push, TradesPush):
                new = [trade for trade in push.trades if trade.entry > prev]
                push = msgspec.structs.replace(push, trades=new)
        return text_frame(encoded(push))


class Channels:
    """Makes the pushes of all channels. `prev` is 0 in all of them: each stream has its own."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._venue = desk, desk.venue
        self._marks: dict[int, Mark] = {}
        self._in_batch: tuple[int, frozenset[int]] = (0, frozenset())

    def key(self, name: ChannelName, market: str | None, account: int | None) -> ChannelKey:
        """Return the channel that a client names.

        Raises
        ------
        ChannelError, UnknownMarketError
        """
        if (name in OF_MARKETS) != (market is not None):
            raise ChannelError(f"the channel {name} {'has no' if market is not None else 'needs a'} market")
        if market is not None:
            return ChannelKey(name, self._desk.markets.named(market).slot)
        return ChannelKey(name, account or 0)

    def seed(self) -> None:
        """Take the marks from the state, for snapshots until the next batch opens."""
        state, status = self._venue.state(), self._venue.status()
        for units in self._desk.markets:
            market = state.market(units.slot)
            self._marks[units.slot] = Mark(
                units.slot, market.mark, market.status, self._desk.clock.wall_ms(), status.entry
            )

    def note(self, projection: Projection) -> None:
        """Remember what snapshots need of a projection."""
        for mark in projection.marks:
            self._marks[mark.market] = mark

    def of_markets(self, projections: Iterable[Projection]) -> Iterator[ChannelKey]:
        """Yield the channels of markets that projections may concern."""
        books, traded = set[int](), set[int]()
        for projection in projections:
            books.update(projection.levels)
            traded.update(trade.market for trade in projection.trades)
        yield from (ChannelKey("book", slot) for slot in books)
        for slot in traded:
            yield ChannelKey("trades", slot)
            yield ChannelKey("ticker", slot)

    def of_venue(self, projection: Projection) -> Iterator[ChannelKey]:
        """Yield the channels of neither market nor account that a projection may concern."""
        if projection.marks:
            yield ChannelKey("marks")
        if projection.progress:
            yield ChannelKey("batches")

    def of_accounts(self, projection: Projection) -> Iterator[ChannelKey]:
        """Yield the channels of the accounts that a projection may concern."""
        return (ChannelKey("account", account) for account in self._accounts(projection))

    def push(self, key: ChannelKey, projections: Sequence[Projection]) -> Push | None:
        """Return in one push what projections, up to the newest one, mean to a channel; None if nothing."""
        if key.name == "trades":
            return self._trades(key.subject, projections)
        return next(self.replay(key, projections), None)

    def replay(self, key: ChannelKey, projections: Iterable[Projection]) -> Iterator[Push]:
        """Yield what projections, up to the newest one, mean to a channel.

        Of books and tickers only what they are now is told, in one push.
        """
        if key.name == "book":
            yield from self._book(key.subject, projections)
        elif key.name == "ticker":
            if any(trade.market == key.subject for each in projections for trade in each.trades):
                yield self._ticker(key.subject, is_snapshot=False)
        else:
            for projection in projections:
                push = self._single(key, projection)
                if push is not None:
                    yield push

    def snapshot(self, key: ChannelKey) -> Push:
        """Return everything that a channel has to say now."""
        entry, now_ms = self._venue.status().entry, self._desk.clock.wall_ms()
        head: dict[str, Any] = {"entry": entry, "prev": entry, "time_ms": now_ms, "snapshot": True}
        markets, history = self._desk.markets, self._venue.history
        match key.name:
            case "book":
                book = book_of(self._desk, markets.of_slot(key.subject))
                return BookPush(
                    **head,
                    market=book.market,
                    bids=[(price, size) for price, size, _ in book.bids],
                    asks=[(price, size) for price, size, _ in book.asks],
                    checksum=book.checksum,
                )
            case "trades":
                trades = history.trades(key.subject, None, _TRADES_SHOWN).rows[::-1]
                symbol = markets.of_slot(key.subject).symbol
                return TradesPush(
                    **head, market=symbol, trades=[TradeBody.of(trade, markets) for trade in trades]
                )
            case "ticker":
                return self._ticker(key.subject, is_snapshot=True)
            case "marks":
                return MarksPush(**head, marks=[MarkBody.of(mark, markets) for mark in self._marks.values()])
            case "batches":
                batches = history.batches(None, _BATCHES_SHOWN).rows[::-1]
                return BatchesPush(**head, batches=[BatchBody.of(progress) for progress in batches])
            case "account":
                orders = self._venue.projector.open_orders(key.subject)
                return AccountPush(**head, events=[], orders=[OrderBody.of(each, markets) for each in orders])

    def account_push(self, event: AccountEvent) -> AccountPush:
        """Return a push with an event that follows from no projection alone."""
        entry, now_ms = self._venue.status().entry, self._desk.clock.wall_ms()
        return AccountPush(entry=entry, prev=0, time_ms=now_ms, snapshot=False, events=[event])

    def _single(self, key: ChannelKey, projection: Projection) -> Push | None:
        if key.name == "trades":
            return self._trades(key.subject, (projection,))
        head: dict[str, Any] = {
            "entry": projection.number,
            "prev": 0,
            "time_ms": projection.time_ms,
            "snapshot": False,
        }
        markets = self._desk.markets
        if key.name == "marks":
            marks = [MarkBody.of(mark, markets) for mark in projection.marks]
            return MarksPush(**head, marks=marks) if marks else None
        if key.name == "batches":
            batches = [BatchBody.of(progress) for progress in projection.progress]
            return BatchesPush(**head, batches=batches) if batches else None
        events = self._events(projection, key.subject)
        return AccountPush(**head, events=events) if events else None

    def _trades(self, slot: int, projections: Iterable[Projection]) -> TradesPush | None:
        trades: list[TradeBody] = []
        last: Projection | None = None
        for projection in projections:
            for trade in projection.trades:
                if trade.market == slot:
                    trades.append(TradeBody.of(trade, self._desk.markets))
                    last = projection
        if last is None:
            return None
        return TradesPush(
            entry=last.number,
            prev=0,
            time_ms=last.time_ms,
            snapshot=False,
            market=self._desk.markets.of_slot(slot).symbol,
            trades=trades,
        )

    def _book(self, slot: int, projections: Iterable[Projection]) -> Iterator[BookPush]:
        changed: dict[tuple[int, int], Level] = {}
        last: Projection | None = None
        for projection in projections:
            for level in projection.levels.get(slot, ()):
                changed[level.side, level.price] = level
                last = projection
        if last is not None:
            yield self._book_push(self._desk.markets.of_slot(slot), changed.values(), last.time_ms)

    def _book_push(self, units: Units, levels: Iterable[Level], time_ms: int) -> BookPush:
        sides: dict[int, list[tuple[str, str]]] = {side: [] for side in Side}
        for level in levels:
            sides[level.side].append(price_change(level, units))
        return BookPush(
            entry=self._venue.status().entry,
            prev=0,
            time_ms=time_ms,
            snapshot=False,
            market=units.symbol,
            bids=sides[Side.BUY],
            asks=sides[Side.SELL],
            checksum=top_checksum(self._desk, units),
        )

    def _ticker(self, slot: int, *, is_snapshot: bool) -> TickerPush:
        units, entry = self._desk.markets.of_slot(slot), self._venue.status().entry
        return TickerPush(
            entry=entry,
            prev=entry if is_snapshot else 0,
            time_ms=self._desk.clock.wall_ms(),
            snapshot=is_snapshot,
            market=units.symbol,
            ticker=ticker_of(self._desk, units),
        )

    def _accounts(self, projection: Projection) -> set[int]:
        accounts = set(projection.touched)
        accounts |= {fill.account for fill in projection.fills}
        accounts |= {order.account for order in projection.orders}
        accounts |= {transfer.account for transfer in projection.transfers}
        if projection.answer is not None:
            accounts.add(projection.answer.account)
        for progress in projection.progress:
            if progress_event(progress) is not None:
                accounts |= self._accounts_of_batch(progress.number)
        return accounts

    def _events(self, projection: Projection, account: int) -> list[AccountEvent]:
        events = list(events_of(projection, account, self._desk.markets))
        for progress in projection.progress:
            event = progress_event(progress)
            if event is not None and account in self._accounts_of_batch(progress.number):
                events.append(event)
        return events

    def _accounts_of_batch(self, number: int) -> frozenset[int]:
        """Return whom a batch that is proven concerns: nobody joins it any more."""
        if self._in_batch[0] != number:
            self._in_batch = number, self._venue.history.accounts_of_batch(number)
        return self._in_batch[1]
