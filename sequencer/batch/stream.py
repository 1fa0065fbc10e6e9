"""The data stream, and the public inputs (c, r, y) that bind it to the proof (docs/spec/data.md)."""

from collections.abc import Sequence
from typing import Final

from eth_utils.crypto import keccak
from msgspec import Struct

from sequencer.crypto import poseidon
from sequencer.model import constants as c

CHAIN_WORDS: Final = 15
FLAG_BITS: Final = 250
WORD_BYTES: Final = 32

StreamSlot = int | None
"""The word of a slot, None where it is absent."""


class Stream(Struct, frozen=True):
    """The slots of a batch of one size: header, queue, outcomes, account records, market records."""

    slots: tuple[StreamSlot, ...]
    requests: int

    @property
    def words(self) -> list[int]:
        """The words of the present slots: what y sums."""
        return [word for word in self.slots if word is not None]

    @property
    def contract_words(self) -> list[int]:
        """The words that the operator sends: the contract takes the queue words from its storage."""
        words = self.words
        return words[: c.HEADER_WORDS] + words[c.HEADER_WORDS + c.REQUEST_WORDS * self.requests :]

    def commitment(self) -> int:
        """Return the public input c: the slots and their presence flags, fixed before r exists."""
        flags = [slot is not None for slot in self.slots[c.HEADER_WORDS :]]
        packed = [
            sum(flag << place for place, flag in enumerate(flags[start : start + FLAG_BITS]))
            for start in range(0, len(flags), FLAG_BITS)
        ]
        return chain([slot or 0 for slot in self.slots] + packed)


def chain(words: Sequence[int]) -> int:
    """Return a Poseidon chain over the words, 15 a link."""
    head = 0
    for start in range(0, len(words), CHAIN_WORDS):
        link = words[start : start + CHAIN_WORDS]
        head = poseidon((head, *link, *[0] * (CHAIN_WORDS - len(link))))
    return head


def challenge(commitment: int, words: Sequence[int]) -> int:
    """Return the public input r, as the contract computes it."""
    stream = b"".join(word.to_bytes(WORD_BYTES, "big") for word in words)
    digest = keccak(commitment.to_bytes(WORD_BYTES, "big") + keccak(stream))
    return int.from_bytes(digest, "big") % c.FIELD_MODULUS


def evaluate(words: Sequence[int], challenge: int) -> int:
    """Return the public input y: the words as a polynomial at r, by Horner's rule."""
    value = 0
    for word in reversed(words):
        value = (value * challenge + word) % c.FIELD_MODULUS
    return value
