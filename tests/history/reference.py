"""What the projector must say, recomputed from the engine's whole state: slow, and without its events."""

from collections import defaultdict

from sequencer.engine.state import State
from sequencer.history.types import Level
from sequencer.model import constants as c
from sequencer.model.codes import Side
from tests.history.driver import live_orders

Book = list[list[Level]]


def books(state: State) -> list[Book]:
    """The levels of every market and side, best first."""
    found: dict[tuple[int, int], dict[int, tuple[int, int]]] = defaultdict(dict)
    for order in live_orders(state):
        side = found[order.market, order.side]
        lots, orders = side.get(order.price, (0, 0))
        side[order.price] = lots + order.remaining, orders + 1
    return [
        [
            [
                Level(side, price, *found[slot, side][price])
                for price in sorted(found[slot, side], reverse=side == Side.BUY)
            ]
            for side in Side
        ]
        for slot in range(c.MARKETS)
    ]


def open_orders(state: State) -> dict[int, dict[int, int]]:
    """The lots that rest, by account and sequence."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for order in live_orders(state):
        found[order.account][order.sequence] = order.remaining
    return dict(found)


def changed(book: Book, levels: tuple[Level, ...]) -> Book:
    """The book of somebody who is told the changed levels only."""
    by_price = [{level.price: level for level in side} for side in book]
    for level in levels:
        by_price[level.side][level.price] = level
    return [
        sorted(
            (level for level in by_price[side].values() if level.orders),
            key=lambda level: level.price,
            reverse=side == Side.BUY,
        )
        for side in Side
    ]
