"""A book that a client keeps: a snapshot, then each change, checked against the venue's checksum."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from proofbook.client.errors import BookChecksumError, BookNotReadyError, StreamGapError
from sequencer.service.wire.checksum import book_checksum
from sequencer.service.wire.market import Change
from sequencer.service.wire.stream import BookPush

_GONE = "0"


class BookLevel(NamedTuple):
    """A price, and how much rests there."""

    price: Decimal
    size: Decimal


class LocalBook:
    """The book of one market; it is the venue's, or not ready.

    Attributes
    ----------
    entry : int
        Journal entry of the last push that it took.
    """

    def __init__(self, market: str) -> None:
        self.market, self.entry = market, 0
        self._bids, self._asks = _Side(), _Side()
        self._ready = False

    @property
    def is_ready(self) -> bool:
        """Whether it has been the venue's since its last snapshot."""
        return self._ready

    @property
    def best_bid(self) -> BookLevel | None:
        """The highest price to buy at; None if there is none."""
        return next(iter(self.bids()), None)

    @property
    def best_ask(self) -> BookLevel | None:
        """The lowest price to sell at; None if there is none."""
        return next(iter(self.asks()), None)

    @property
    def mid(self) -> Decimal | None:
        """The middle of the best prices; None where a side is empty."""
        bid, ask = self.best_bid, self.best_ask
        return None if bid is None or ask is None else (bid.price + ask.price) / 2

    def bids(self) -> Iterator[BookLevel]:
        """Return the levels to buy, highest price first; BookNotReadyError."""
        return _levels(self._require_ready()._bids.falling())

    def asks(self) -> Iterator[BookLevel]:
        """Return the levels to sell, lowest price first; BookNotReadyError."""
        return _levels(self._require_ready()._asks.rising())

    def apply(self, push: BookPush) -> None:
        """Take a push; a snapshot replaces all.

        Raises
        ------
        BookNotReadyError
            If there was no snapshot before.
        StreamGapError
            If a push is missing before this one.
        BookChecksumError
            If the book is not the venue's afterwards. As after a gap, only a snapshot makes it ready again.
        """
        if push.snapshot:
            self._bids, self._asks = _Side(), _Side()
        else:
            self._require_ready()
            if push.prev != self.entry:
                self._ready = False
                raise StreamGapError(f"{self.market}: a push follows {push.prev}, held is {self.entry}")
        self._bids.change(push.bids)
        self._asks.change(push.asks)
        self.entry = push.entry
        checksum = book_checksum(self._bids.falling(), self._asks.rising())
        self._ready = checksum == push.checksum
        if not self._ready:
            raise BookChecksumError(
                f"{self.market}: entry {push.entry} has checksum {push.checksum}, the book here {checksum}"
            )

    def _require_ready(self) -> "LocalBook":
        if not self._ready:
            raise BookNotReadyError(f"{self.market} has no snapshot")
        return self


class _Side:
    """Levels by price, as the venue prints them."""

    def __init__(self) -> None:
        self._prices: list[Decimal] = []
        self._levels: dict[Decimal, Change] = {}

    def change(self, changes: list[Change]) -> None:
        for text, size in changes:
            price = Decimal(text)
            if price not in self._levels:
                if size == _GONE:
                    continue
                insort(self._prices, price)
            elif size == _GONE:
                del self._prices[bisect_left(self._prices, price)]
                del self._levels[price]
                continue
            self._levels[price] = text, size

    def rising(self) -> Iterator[Change]:
        return (self._levels[price] for price in self._prices)

    def falling(self) -> Iterator[Change]:
        return (self._levels[price] for price in reversed(self._prices))


def _levels(changes: Iterator[Change]) -> Iterator[BookLevel]:
    return (BookLevel(Decimal(price), Decimal(size)) for price, size in changes)
