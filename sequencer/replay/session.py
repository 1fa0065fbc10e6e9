"""One day of trading: bars in, sealed batches out. Neither proofs nor a chain are needed for it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Protocol

from sequencer.batch.builder import BatchBuilder
from sequencer.batch.epoch import Epoch
from sequencer.batch.risk import reduce_risk
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import BatchSize
from sequencer.engine.admission import admit
from sequencer.engine.commands import OpenEpoch
from sequencer.engine.margin import health
from sequencer.model.message import Message
from sequencer.model.oracle import OracleReport
from sequencer.model.request import Request
from sequencer.replay.bars import BAR_SECONDS, MOMENTS, Bar
from sequencer.replay.makers import MarketMaker
from sequencer.replay.strategy import View, as_taken, closing_order
from sequencer.replay.traders import Trader
from sequencer.state.ledger import Ledger

Acknowledge = Callable[[Epoch, int, int], None]
"""What the sequencer does for a message once it has its place: epoch of its batch, sequence, message hash."""

_MILLISECONDS: Final = 1_000
_TAKER_CHANCE: Final = 0.35
# Each meets at most four makers.
_CLOSING_ORDERS_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class Moment:
    """A point of the replayed market: seconds and ticks."""

    time: int
    price: int


class Oracle(Protocol):
    """Whom a session asks for the round of a new batch."""

    def round(self, time: int) -> tuple[OracleReport, ...]:
        """Return the reports of a time that the batch takes."""


class TradingSession:
    """The sequencer and its eight customers.

    Parameters
    ----------
    ledger
        Where the day starts; each sealed batch moves it.
    requests
        L1 requests still to be consumed, in queue order; the first batches take them.
    acknowledge
        Told of each message that was sequenced, as soon as it is.
    """

    def __init__(
        self,
        ledger: Ledger,
        size: BatchSize,
        traders: Sequence[Trader],
        oracle: Oracle,
        requests: Sequence[Request],
        seed: int,
        acknowledge: Acknowledge,
    ) -> None:
        self.ledger = ledger
        self.state = ledger.state()
        self.traders = list(traders)
        self._size = size
        self._oracle = oracle
        self._requests = list(requests)
        self._acknowledge = acknowledge
        self._random = Random(f"proofbook session {seed}")
        self._randoms = {t.account: Random(f"proofbook trader {t.account} of seed {seed}") for t in traders}
        self._last_price = {trader.account: 0 for trader in traders}
        self._builder: BatchBuilder | None = None
        self._nonce = 0
        self._turn = 0

    def minute(self, bar: Bar, range_ppm: int) -> Iterator[SealedBatch]:
        """Trade one bar; yield the batches that fill up. The last one stays open: `seal` it.

        Parameters
        ----------
        range_ppm
            Height of the bar before, which is what traders know of how wild the market is.
        """
        for index, price in enumerate(bar.path()):
            moment = Moment(bar.open_time + index * BAR_SECONDS // MOMENTS, price)
            self._nonce = moment.time * _MILLISECONDS
            if index == 0:
                yield from self._consume_requests(moment)
            for trader in self._turns(first=index == 0):
                yield from self._act(trader, moment, range_ppm)

    def leave(self, trader: Trader, moment: Moment) -> Iterator[SealedBatch]:
        """Let a trader withdraw its orders and close its position at what the book offers."""
        view = self._view(trader, moment, 0)
        yield from self._send(trader, moment, view.cancel_all())
        for _ in range(_CLOSING_ORDERS_MAX):
            order = closing_order(view)
            if order is None:
                break
            yield from self._send(trader, moment, order)

    def settle(self, moment: Moment, requests: Sequence[Request]) -> Iterator[SealedBatch]:
        """Consume L1 requests; the last batch stays open."""
        self._requests.extend(requests)
        yield from self._consume_requests(moment)

    def seal(self) -> SealedBatch:
        """Close the open batch, once it has the liquidations that are due now and fit."""
        assert self._builder is not None, "a batch is open wherever one is sealed"
        reduce_risk(self._builder, self.state)
        batch, self._builder = self._builder.seal(), None
        return batch

    def profit(self, trader: Trader) -> int:
        """Return what a trader has won at the present mark, in quote units."""
        return health(self.state.account(trader.account), self.state.markets).equity - trader.deposit

    def _consume_requests(self, moment: Moment) -> Iterator[SealedBatch]:
        while self._requests:
            if self._open(moment).add_request(self._requests[0]) is None:
                yield self.seal()
            else:
                self._requests.pop(0)
        if self._builder is not None:
            yield from self._reduce_risk(moment)

    def _reduce_risk(self, moment: Moment) -> Iterator[SealedBatch]:
        """Liquidate whoever is due at the marks of the open batch, which is a new one if none is open."""
        while not reduce_risk(self._open(moment), self.state):
            yield self.seal()

    def _turns(self, first: bool) -> list[Trader]:
        """Return who acts at a moment: the next market maker, two at a minute's start, then some takers."""
        makers = [trader for trader in self.traders if isinstance(trader.strategy, MarketMaker)]
        takers = [trader for trader in self.traders if trader not in makers]
        quoting = [makers[(self._turn + k) % len(makers)] for k in range(2 if first else 1)]
        self._turn += len(quoting)
        trading = [trader for trader in takers if self._random.random() < _TAKER_CHANCE]
        self._random.shuffle(trading)
        return quoting + trading

    def _act(self, trader: Trader, moment: Moment, range_ppm: int) -> Iterator[SealedBatch]:
        for message in trader.strategy.decide(self._view(trader, moment, range_ppm)):
            yield from self._send(trader, moment, message)
        self._last_price[trader.account] = moment.price

    def _view(self, trader: Trader, moment: Moment, range_ppm: int) -> View:
        return View(
            state=self.state,
            number=trader.account,
            time=moment.time,
            price=moment.price,
            last_price=self._last_price[trader.account] or moment.price,
            range_ppm=range_ppm,
            random=self._randoms[trader.account],
        )

    def _send(self, trader: Trader, moment: Moment, message: Message) -> Iterator[SealedBatch]:
        """Sign, admit and sequence a message as its market takes it; a full batch is sealed first."""
        if self._builder is None:
            yield from self._reduce_risk(moment)
        taken = as_taken(message, self.state)
        if taken is None:
            return
        self._nonce += 1
        signed = trader.sign(taken, self._nonce, self.ledger.domain)
        message_hash = signed.message.hash(self.ledger.domain)
        admit(self.state, signed)
        while self._open(moment).add_message(signed) is None:
            yield self.seal()
            yield from self._reduce_risk(moment)
        self._acknowledge(self._open(moment).epoch, self.state.next_sequence - 1, message_hash)

    def _open(self, moment: Moment) -> BatchBuilder:
        """Return the open batch; a new one starts now, at the price that the oracle has for now."""
        if self._builder is None:
            time = max(moment.time, self.state.timestamp + 1)
            reports = self._oracle.round(time)
            self._builder = BatchBuilder(self.ledger, self.state, self._size, OpenEpoch(time, reports))
        return self._builder
