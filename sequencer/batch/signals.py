"""Input signals of the circuit: names as in docs/spec/batch.md, values as nested lists of field elements."""

from collections.abc import Iterable

from sequencer.state.record import Signal

Inputs = dict[str, Signal]


def one_hot(length: int, place: int | None) -> list[int]:
    """Return a selector: 1 at `place`, else 0; all 0 for None."""
    return [int(index == place) for index in range(length)]


def padded(values: Iterable[int], length: int) -> list[int]:
    """Return the values, then zeros."""
    values = list(values)
    return values + [0] * (length - len(values))
