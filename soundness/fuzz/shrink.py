"""Delta debugging (Zeller and Hildebrandt, 2002): the fewest commands and orders that still fail."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from sequencer.engine.commands import Command
from sequencer.model.order import Order
from soundness.fuzz.case import Case

T = TypeVar("T")


def minimal(items: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> list[T]:
    """Return a part of `items` that fails and of which no item can be left out.

    Parameters
    ----------
    fails
        Whether a part, in its order, still fails; `items` does.
    """
    kept, parts = list(items), 2
    while kept:
        length = -(-len(kept) // parts)
        for begin in range(0, len(kept), length):
            rest = kept[:begin] + kept[begin + length :]
            if fails(rest):
                kept, parts = rest, max(parts - 1, 2)
                break
        else:
            if length == 1:
                break
            parts = min(2 * parts, len(kept))
    return kept


def shrink(case: Case, fails: Callable[[Case], bool]) -> Case:
    """Return a case of fewer commands, then of fewer resting orders, that fails as well."""

    def fails_with(commands: Sequence[Command]) -> bool:
        smaller = replace(case, commands=tuple(commands))
        return smaller.is_well_formed and fails(smaller)

    def fails_without_orders(orders: Sequence[Order]) -> bool:
        return fails(replace(case, start=replace(case.start, orders=tuple(orders))))

    case = replace(case, commands=tuple(minimal(case.commands, fails_with)))
    orders = tuple(minimal(case.start.orders, fails_without_orders))
    case = replace(case, start=replace(case.start, orders=orders))
    return replace(case, commands=tuple(minimal(case.commands, fails_with)))
