"""How writes are undone."""

from collections.abc import Callable
from typing import Any

Inverse = Callable[[Any, Any, Any], None]
"""Gives a target, at a key, the value that it had."""


class Journal:
    """The inverse of each write since the last commit, oldest first.

    A batch makes many: each is four references in one flat list, and no object that has to be made, looked at
    for cycles, and freed.
    """

    __slots__ = ("_inverses",)

    def __init__(self) -> None:
        self._inverses: list[Any] = []

    def record(self, inverse: Inverse, target: object, key: object, value: object) -> None:
        """Note that `inverse(target, key, value)` undoes the write that follows."""
        self._inverses += (inverse, target, key, value)

    def checkpoint(self) -> int:
        """Return a token of this moment for `rollback`."""
        return len(self._inverses)

    def rollback(self, token: int) -> None:
        """Undo, newest first, everything that was written since the checkpoint."""
        assert 0 <= token <= len(self._inverses), "a commit has forgotten this checkpoint"
        while len(self._inverses) > token:
            inverse, target, key, value = self._inverses[-4:]
            del self._inverses[-4:]
            inverse(target, key, value)

    def commit(self) -> None:
        """Forget how to undo; older tokens are void."""
        self._inverses.clear()
