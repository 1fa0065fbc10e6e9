"""How writes are undone."""

from collections.abc import Callable

Inverse = tuple[Callable[..., None], tuple[object, ...]]


class Journal:
    """The inverse of each write since the last commit, oldest first."""

    __slots__ = ("_inverses",)

    def __init__(self) -> None:
        self._inverses: list[Inverse] = []

    def record(self, inverse: Callable[..., None], *arguments: object) -> None:
        """Note that `inverse(*arguments)` undoes the write that follows."""
        self._inverses.append((inverse, arguments))

    def checkpoint(self) -> int:
        """Return a token of this moment for `rollback`."""
        return len(self._inverses)

    def rollback(self, token: int) -> None:
        """Undo, newest first, everything that was written since the checkpoint."""
        assert 0 <= token <= len(self._inverses), "a commit has forgotten this checkpoint"
        while len(self._inverses) > token:
            inverse, arguments = self._inverses.pop()
            inverse(*arguments)

    def commit(self) -> None:
        """Forget how to undo; older tokens are void."""
        self._inverses.clear()
