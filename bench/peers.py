"""The engine beside matching engines that are written in Python: the same trades, in turn, in one process."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final, Protocol

import pyorderbook  # type: ignore[import-untyped]
from lightmatchingengine.lightmatchingengine import LightMatchingEngine  # type: ignore[import-untyped]

from bench.order_flow import OrderFlow, funded_state, record_order_flow
from bench.peer_flow import PeerFlow, Placed, Resting, peer_flow
from bench.timing import Rate, Seconds, side_by_side
from prover.progress import Progress, reported
from sequencer.engine import apply
from sequencer.engine.commands import SequenceMessage
from sequencer.model.codes import Side

BATCHES: Final = 625
RUNS: Final = 5
OURS: Final = "Proofbook"

_SYMBOL: Final = "BTC-USD"

# Importing pyorderbook lets every library of the process log.
logging.getLogger().setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class PeerFigures:
    """One stream of messages, carried out by all.

    Attributes
    ----------
    orders, cancels, fills : int
        What a peer is asked to do, and the fills that this makes in its book as in ours.
    rates : dict of str to Rate
        Messages a second of processor time, by engine; ours first.
    """

    messages: int
    orders: int
    cancels: int
    fills: int
    rates: dict[str, Rate]


class Peer(Protocol):
    """Another engine with one empty book."""

    def place(self, side: int, price: int, lots: int) -> None: ...

    def withdraw(self, number: int) -> None: ...

    def book(self) -> list[Resting]: ...


class LightMatchingEnginePeer:
    """`lightmatchingengine`: a dictionary of lists by price; it numbers the orders itself, from 1."""

    def __init__(self) -> None:
        self._engine = LightMatchingEngine()

    def place(self, side: int, price: int, lots: int) -> None:
        self._engine.add_order(_SYMBOL, price, lots, 1 + side)

    def withdraw(self, number: int) -> None:
        self._engine.cancel_order(1 + number, _SYMBOL)

    def book(self) -> list[Resting]:
        book = self._engine.order_books[_SYMBOL]
        bids = [order for price in sorted(book.bids, reverse=True) for order in book.bids[price]]
        asks = [order for price in sorted(book.asks) for order in book.asks[price]]
        return [Resting(order.side - 1, order.price, order.leaves_qty) for order in bids + asks]


class PyOrderBookPeer:
    """`pyorderbook`: a heap of price levels; an order is cancelled by its object."""

    def __init__(self) -> None:
        self._book = pyorderbook.Book()
        self._orders: list[pyorderbook.Order] = []

    def place(self, side: int, price: int, lots: int) -> None:
        make = pyorderbook.ask if side else pyorderbook.bid
        order = make(_SYMBOL, price, lots)
        self._book.match(order)
        self._orders.append(order)

    def withdraw(self, number: int) -> None:
        self._book.cancel(self._orders[number])

    def book(self) -> list[Resting]:
        levels = self._book.level_map[_SYMBOL]
        sides = {Side.BUY: levels[pyorderbook.Side.BID], Side.SELL: levels[pyorderbook.Side.ASK]}
        return [
            Resting(side, int(price), order.quantity)
            for side, by_price in sides.items()
            for price in sorted(by_price, reverse=side == Side.BUY)
            for order in by_price[price].orders.values()
        ]


PEERS: Final[dict[str, Callable[[], Peer]]] = {
    "lightmatchingengine": LightMatchingEnginePeer,
    "pyorderbook": PyOrderBookPeer,
}


def measure_peers(progress: Progress) -> PeerFigures:
    with reported(progress, "record the order flow"):
        flow = record_order_flow(BATCHES)
        translated = peer_flow(flow)
    variants: dict[str, Callable[[], Seconds]] = {OURS: lambda: _ours(flow)}
    for name, peer in PEERS.items():
        variants[f"{name} {version(name)}"] = lambda peer=peer: carried_out(translated, peer())  # type: ignore[misc]
    rates = side_by_side(variants, flow.messages, RUNS, progress)
    cancels = len(translated.calls) - translated.orders
    return PeerFigures(flow.messages, translated.orders, cancels, translated.fills, rates)


def carried_out(flow: PeerFlow, peer: Peer) -> Seconds:
    """Return the processor time that a peer takes for the calls; it must end with our book."""
    begin = time.process_time()
    for call in flow.calls:
        if isinstance(call, Placed):
            peer.place(*call)
        else:
            peer.withdraw(*call)
    taken = time.process_time() - begin
    assert peer.book() == flow.book
    return taken


def _ours(flow: OrderFlow) -> Seconds:
    """Apply the stream, as a peer does without its signatures; opening batches is not counted."""
    state = funded_state()
    taken = 0.0
    for batch in flow.batches:
        apply(state, batch.opening)
        begin = time.process_time()
        for signed in batch.messages:
            apply(state, SequenceMessage(signed.message))
        state.commit()
        taken += time.process_time() - begin
    return taken
