"""The order flow as a matching engine takes it that knows orders and cancels alone.

What the exchange refuses is not put to a peer at all, and of an order only what trades or rests: whoever
carries out these calls makes the same trades and has the same book after each message.
"""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from bench.order_flow import OrderFlow, funded_state
from sequencer.engine import State, apply
from sequencer.engine.commands import SequenceMessage
from sequencer.engine.events import (
    Cancelled,
    CancelledAll,
    Event,
    Filled,
    MakerRemoved,
    MessageSequenced,
    Rested,
)
from sequencer.model.codes import Side
from sequencer.model.order import Order
from sequencer.replay.terms import MARKET


class Placed(NamedTuple):
    """An order; the first one is number 0."""

    side: int
    price: int
    lots: int


class Withdrawn(NamedTuple):
    """A cancel of the order with a number."""

    number: int


class Resting(NamedTuple):
    """An order in the book: bids before asks, each side in the order in which it trades."""

    side: int
    price: int
    lots: int


PeerCall = Placed | Withdrawn


class PeerFlow(Struct, frozen=True):
    """The calls, how many fills they make, and the book that they end with."""

    calls: tuple[PeerCall, ...]
    fills: int
    book: list[Resting]

    @property
    def orders(self) -> int:
        return sum(isinstance(call, Placed) for call in self.calls)


def peer_flow(flow: OrderFlow) -> PeerFlow:
    """Return the calls that do to a peer's book what the flow does to ours."""
    state, translation = funded_state(), _Translation()
    for batch in flow.batches:
        apply(state, batch.opening)
        for signed in batch.messages:
            translation.follow(apply(state, SequenceMessage(signed.message)))
        state.commit()
    return PeerFlow(tuple(translation.calls), translation.fills, translation.book(state))


class _Translation:
    """The numbers of the orders that a peer still has, by their sequence; with them, whose they are."""

    def __init__(self) -> None:
        self.calls: list[PeerCall] = []
        self.fills = self._placed = 0
        self._live: dict[int, tuple[int, int]] = {}

    def follow(self, events: Sequence[Event]) -> None:
        """Add what the events of one message ask of a peer: first cancels, then one order."""
        sequenced, *steps = events
        assert isinstance(sequenced, MessageSequenced)
        lots, rested = 0, False
        for step in steps:
            match step:
                case Filled(head=head, quantity=quantity):
                    lots += quantity
                    self.fills += 1
                    if quantity == head.remaining:
                        del self._live[head.sequence]
                case Rested(order=order):
                    lots, rested = lots + order.remaining, True
                case MakerRemoved(head=order) | Cancelled(order=order):
                    self._withdraw(order)
                case CancelledAll(account=account):
                    self._withdraw_all(account)
        if lots:
            message = sequenced.message
            self.calls.append(Placed(message.side, message.price, lots))
            if rested:
                self._live[sequenced.sequence] = self._placed, message.account
            self._placed += 1

    def book(self, state: State) -> list[Resting]:
        """Return our book without the orders that are dead."""
        return [
            Resting(order.side, order.price, order.remaining)
            for side in Side
            for order in state.book(MARKET, side)
            if order.sequence in self._live
        ]

    def _withdraw(self, order: Order) -> None:
        """Cancel an order; one that a cancel-all made dead is gone already."""
        if order.sequence in self._live:
            number, _ = self._live.pop(order.sequence)
            self.calls.append(Withdrawn(number))

    def _withdraw_all(self, account: int) -> None:
        for sequence, (number, owner) in list(self._live.items()):
            if owner == account:
                del self._live[sequence]
                self.calls.append(Withdrawn(number))
