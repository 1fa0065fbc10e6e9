"""The committed reasons for what the constraints leave open: `explained.toml`."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

EXPLAINED_FILE: Final = Path(__file__).with_name("explained.toml")


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the signals of some kinds may be open.

    Attributes
    ----------
    signals : tuple of str
        Patterns of kinds of signals, in which `*` stands for anything.
    reason : str
        Why they harm nobody.
    """

    signals: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Explained:
    """All explanations.

    Attributes
    ----------
    free : tuple of Explanation
        Of wires that some honest batch leaves free.
    trusted : tuple of Explanation
        Of quotients and bits that are unique by an argument that the rules do not know.
    """

    free: tuple[Explanation, ...]
    trusted: tuple[Explanation, ...]


def read_explained(path: Path = EXPLAINED_FILE) -> Explained:
    """Return the explanations in a file."""
    tables = tomllib.loads(path.read_text())
    parts = (
        tuple(Explanation(tuple(entry["signals"]), entry["reason"]) for entry in tables.get(part, []))
        for part in ("free", "trusted")
    )
    return Explained(*parts)


def matches(explanations: Collection[Explanation], kind: str) -> bool:
    """Return whether one of the explanations covers a kind of signal."""
    return any(fnmatchcase(kind, pattern) for entry in explanations for pattern in entry.signals)


def stale(explanations: Collection[Explanation], kinds: Collection[str]) -> list[str]:
    """Return the patterns that cover none of the kinds that are open."""
    patterns = [pattern for entry in explanations for pattern in entry.signals]
    return [pattern for pattern in patterns if not any(fnmatchcase(kind, pattern) for kind in kinds)]
