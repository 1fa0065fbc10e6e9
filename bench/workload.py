"""The reference workload: 32 signed orders of eight accounts in one market, 16 that rest and 16 that cross.

Four makers quote on both sides. In the measured batch each order of a taker takes the best quote whole,
which the last batch left in the page tree, and a new quote follows, behind the others.
"""

from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import Final

from bench.venue import MARK_TICKS, Venue, funding
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.crypto import poseidon
from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.model.message import SignedMessage
from sequencer.model.request import Request

DOMAIN: Final = poseidon((c.PROTOCOL_VERSION, 31337))
MAKERS: Final = (1, 2, 3, 4)
TAKERS: Final = (5, 6, 7, 8)
QUOTES_A_SIDE: Final = 8
SIZE_NAME: Final = "reference"


def reference_workload() -> SealedBatch:
    """Return the measured batch, of the size `reference`, on the state that two batches before it left."""
    exchange = ReferenceExchange(DOMAIN)
    exchange.fund(funding(MAKERS + TAKERS))
    exchange.quote()
    return exchange.trade()


class ReferenceExchange:
    """The three batches of the workload, in their order."""

    def __init__(self, domain: int) -> None:
        self.venue = Venue(domain, batch_size(SIZE_NAME))

    def fund(self, requests: Iterable[Request]) -> SealedBatch:
        """Take in the deposits and keys of all traders."""
        return self.venue.batch(requests=requests)

    def quote(self) -> SealedBatch:
        """Let the makers fill the book that the takers will meet."""
        return self.venue.batch(messages=self._quotes(level=0))

    def trade(self) -> SealedBatch:
        """Return the measured batch."""
        return self.venue.batch(messages=self._trading())

    def _quotes(self, level: int) -> Iterator[SignedMessage]:
        """Bids and asks of the makers behind the `level` that stand already, each further from the mark."""
        makers = cycle(MAKERS)
        for distance in range(level + 1, level + 1 + QUOTES_A_SIDE):
            yield self.venue.order(next(makers), Side.BUY, MARK_TICKS - distance)
            yield self.venue.order(next(makers), Side.SELL, MARK_TICKS + distance)

    def _trading(self) -> Iterator[SignedMessage]:
        """An order that takes the best quote of a side whole, then a new quote; on both sides in turn."""
        takers = cycle(TAKERS)
        for place, quote in enumerate(self._quotes(level=QUOTES_A_SIDE)):
            distance = 1 + place // 2
            side = Side(quote.message.side).opposite
            price = MARK_TICKS + (distance if side == Side.BUY else -distance)
            yield self.venue.order(next(takers), side, price)
            yield quote
