"""What is fuzzed: a check of any bytes at all, and real bytes to begin with."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from sequencer.model.constants import FIELD_MODULUS

_Kind = TypeVar("_Kind")
FIELD_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Target:
    """One decoder of bytes that somebody else wrote.

    Attributes
    ----------
    check : callable
        Raises nothing, whatever the bytes: the decoder's documented error is part of it.
    seeds : callable
        Bytes of which most are good, made by the encoder.
    """

    name: str
    check: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]


def chosen(choices: tuple[_Kind, ...], data: bytes) -> tuple[_Kind, bytes]:
    """A choice by the first byte, and the bytes behind it."""
    return choices[data[0] % len(choices) if data else 0], data[1:]


def element(data: bytes) -> int:
    """A field element of at most 32 bytes."""
    return int.from_bytes(data[:FIELD_BYTES], "big") % FIELD_MODULUS
