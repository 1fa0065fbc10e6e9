"""A sparse quaternary Poseidon tree: leaves are 0 until set, a node is Poseidon of its four children."""

from collections.abc import Sequence
from typing import Self

from sequencer.crypto.reference.poseidon import poseidon
from sequencer.crypto.types import FIELD_MODULUS

ARITY = 4
MAX_DEPTH = 31


class SparseTree:
    """A tree of 4^depth leaves; `depth` is 1 to 31.

    Methods that take an index raise IndexError outside [0, 4^depth).
    """

    def __init__(self, depth: int) -> None:
        if not 1 <= depth <= MAX_DEPTH:
            raise ValueError(f"a tree has a depth of 1 to {MAX_DEPTH}, not {depth}")
        self._empty = [0]
        for _ in range(depth):
            self._empty.append(poseidon([self._empty[-1]] * ARITY))
        self._levels: list[dict[int, int]] = [{} for _ in range(depth + 1)]

    @property
    def depth(self) -> int:
        """Levels above the leaves."""
        return len(self._levels) - 1

    @property
    def root(self) -> int:
        """The value of the top node."""
        return self._value(self.depth, 0)

    def get(self, index: int) -> int:
        """Return a leaf."""
        self._check(index)
        return self._value(0, index)

    def set(self, index: int, leaf: int) -> None:
        """Set one leaf; ValueError unless it is in [0, p)."""
        self.set_many([(index, leaf)])

    def set_many(self, updates: Sequence[tuple[int, int]]) -> None:
        """Set (index, leaf) pairs in order; on an error nothing is set."""
        for index, leaf in updates:
            self._check(index)
            if not 0 <= leaf < FIELD_MODULUS:
                raise ValueError(f"leaf {index} is not a field element: give an integer from 0 to p - 1")
        self._levels[0].update(updates)
        touched = {index for index, _ in updates}
        for level in range(self.depth):
            touched = {index // ARITY for index in touched}
            for parent in touched:
                self._levels[level + 1][parent] = poseidon(self._children(level, parent))

    def path(self, index: int) -> list[list[int]]:
        """Return the four children of each node from the leaf's parent up to the root."""
        self._check(index)
        return [self._children(level, index // ARITY ** (level + 1)) for level in range(self.depth)]

    def copy(self) -> Self:
        """Return an independent tree."""
        twin = type(self)(self.depth)
        twin._levels = [level.copy() for level in self._levels]
        return twin

    def _value(self, level: int, position: int) -> int:
        return self._levels[level].get(position, self._empty[level])

    def _children(self, level: int, parent: int) -> list[int]:
        return [self._value(level, ARITY * parent + child) for child in range(ARITY)]

    def _check(self, index: int) -> None:
        capacity = ARITY**self.depth
        if not 0 <= index < capacity:
            raise IndexError(f"leaf {index} is outside the tree: use an index below {capacity}")
