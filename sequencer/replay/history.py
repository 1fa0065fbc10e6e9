"""What a replay leaves for its transcript and its report: plain figures, batch by batch."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sequencer.batch.sealed import SealedBatch
from sequencer.engine.events import Cancelled, CancelledAll, Dropped, MakerRemoved, MessageSequenced, Rested
from sequencer.engine.margin import health
from sequencer.engine.state import State
from sequencer.model.codes import Side, Verdict
from sequencer.replay.bars import Bar
from sequencer.replay.finalizer import Finality
from sequencer.replay.terms import MARKET
from sequencer.replay.traders import Trader


@dataclass(frozen=True, slots=True)
class Trade:
    """A fill: seconds, ticks, lots, and the accounts of both sides; fees in quote units."""

    time: float
    price: int
    size: int
    taker: int
    maker: int
    taker_side: Side
    taker_fee: int
    maker_fee: int


@dataclass(frozen=True, slots=True)
class BatchFigures:
    """A line of the transcript.

    Attributes
    ----------
    volume : int
        Notional of all trades, quote units.
    mark : int
        Ticks.
    gas, calldata_bytes : int
        Of the transaction that made the batch final.
    """

    number: int
    minute: int
    timestamp: int
    requests: int
    messages: int
    trades: int
    volume: int
    mark: int
    constraints: int
    witness_seconds: float
    proof_seconds: float
    gas: int
    calldata_bytes: int
    state_root: int


@dataclass(frozen=True, slots=True)
class BookSnapshot:
    """Resting lots by price in ticks, dead orders left out, when a batch was sealed."""

    time: int
    bids: Mapping[int, int]
    asks: Mapping[int, int]


@dataclass(slots=True)
class History:
    """Everything that happened.

    Attributes
    ----------
    equity : dict of int to list of int
        Of each account after each batch, at the batch's mark; quote units.
    outcomes : Counter of str
        How often each kind of event came, by name.
    """

    bars: Sequence[Bar]
    traders: Sequence[Trader]
    constraints: int
    batches: list[BatchFigures] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    books: list[BookSnapshot] = field(default_factory=list)
    equity: dict[int, list[int]] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)

    def observe(self, state: State) -> None:
        """Note the book and every trader's equity as they stand when a batch has just been sealed."""
        book = {side: _levels(state, side) for side in Side}
        self.books.append(BookSnapshot(state.timestamp, book[Side.BUY], book[Side.SELL]))
        for trader in self.traders:
            equity = health(state.account(trader.account), state.markets).equity
            self.equity.setdefault(trader.account, []).append(equity)

    def record(self, batch: SealedBatch, minute: int, finality: Finality) -> BatchFigures:
        """Note a final batch and return its line."""
        figures = BatchFigures(
            number=batch.number,
            minute=minute,
            timestamp=batch.change.counters.timestamp,
            requests=len(batch.requests),
            messages=len(batch.messages),
            trades=len(batch.trades),
            volume=batch.volume,
            mark=batch.change.markets[MARKET].mark,
            constraints=self.constraints,
            witness_seconds=finality.witness_seconds,
            proof_seconds=finality.proof_seconds,
            gas=finality.transaction.gas,
            calldata_bytes=finality.transaction.calldata_bytes,
            state_root=batch.new_roots.state,
        )
        self.batches.append(figures)
        self.trades.extend(_trades(batch))
        self.outcomes.update(_outcomes(batch))
        return figures


def _trades(batch: SealedBatch) -> Iterator[Trade]:
    """Yield the batch's fills; a trader's nonce is the time in milliseconds at which it sent its message."""
    sequenced = (event for event in batch.events if isinstance(event, MessageSequenced))
    milliseconds = {event.sequence: event.message.nonce for event in sequenced}
    for fill in batch.trades:
        yield Trade(
            time=milliseconds[fill.sequence] / 1_000,
            price=fill.head.price,
            size=fill.quantity,
            taker=fill.taker,
            maker=fill.head.account,
            taker_side=Side(fill.head.side).opposite,
            taker_fee=fill.taker_fee,
            maker_fee=fill.maker_fee,
        )


def _levels(state: State, side: Side) -> dict[int, int]:
    levels: dict[int, int] = {}
    for order in state.book(MARKET, side):
        if order.sequence >= state.account(order.account).dead_below and order.expiry >= state.timestamp:
            levels[order.price] = levels.get(order.price, 0) + order.remaining
    return levels


def _outcomes(batch: SealedBatch) -> Counter[str]:
    """Count what became of the messages: trades, rests, cancels, and each verdict by its name."""
    names: Counter[str] = Counter({"trades": len(batch.trades)})
    kinds = {Rested: "orders rested", Cancelled: "orders cancelled", CancelledAll: "cancel-alls"}
    for event in batch.events:
        if isinstance(event, Dropped | MakerRemoved):
            names[Verdict(event.verdict).name] += 1
        elif type(event) in kinds:
            names[kinds[type(event)]] += 1
    return names
