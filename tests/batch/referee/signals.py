"""Reading the input signals, and what the referee says when a claim does not hold."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from sequencer.model import constants as c
from sequencer.model.words import from_field

Inputs = Mapping[str, Any]


class RejectedError(Exception):
    """The circuit would not accept these inputs; the text names the claim."""


def require(holds: bool, claim: str) -> None:
    if not holds:
        raise RejectedError(claim)


def prefix(flags: Sequence[int], claim: str) -> int:
    """The number of enabled entries, which come first."""
    count = sum(flags)
    require(list(flags) == [1] * count + [0] * (len(flags) - count), f"{claim}: enabled entries come first")
    return count


def increasing(values: Iterable[Any], claim: str) -> None:
    require(all(a < b for a, b in pairwise(values)), f"{claim} strictly increase")


def selected(selector: Sequence[int], claim: str) -> int:
    """The place of the only 1 of a one-hot vector."""
    require(sorted(selector) == [0] * (len(selector) - 1) + [1], f"{claim}: exactly one is selected")
    return list(selector).index(1)


def zero(value: Any, claim: str) -> None:
    """Unused signals are 0."""
    if isinstance(value, int):
        require(value == 0, f"{claim}: unused signals are 0")
    else:
        for each in value:
            zero(each, claim)


def signed(element: int, bits: int, claim: str) -> int:
    value = from_field(element)
    in_range = 0 <= element < c.FIELD_MODULUS and -(1 << bits) <= value < 1 << bits
    require(in_range, f"{claim}: {bits} bits and a sign")
    return value
