"""Names of the signals and the wires that carry them (.sym, circom)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from prover.errors import ArtifactError

Values: TypeAlias = "int | list[Values]"

_INDICES = re.compile(r"\[(\d+)\]")


def read_symbols(path: Path) -> dict[str, int]:
    """Return the wire of each signal, named ``main.component.signal[0]``; -1 where circom eliminated it."""
    return {name: wire for wire, name in symbol_lines(path)}


def symbol_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (wire, name) of each signal, without keeping the file in memory."""
    with path.open() as lines:
        for line in lines:
            fields = line.rstrip("\n").split(",")
            if len(fields) != 4:
                raise ArtifactError(f"{line[:80]!r} is no symbol", "compile the circuit again", path)
            yield int(fields[1]), fields[3]


def nested(values: Mapping[str, int]) -> dict[str, Values]:
    """Collect ``x[0][1]: v`` under ``x`` as nested lists.

    Parameters
    ----------
    values : mapping of str to int
        Every element of each array, in increasing order of the indices.
    """
    collected: dict[str, Values] = {}
    for name, value in values.items():
        base, _, _ = name.partition("[")
        _insert(collected, base, [int(index) for index in _INDICES.findall(name)], value)
    return collected


def _insert(collected: dict[str, Values], base: str, indices: Sequence[int], value: int) -> None:
    if not indices:
        collected[base] = value
        return
    level = collected.setdefault(base, [])
    for index in indices[:-1]:
        assert isinstance(level, list)
        if index == len(level):
            level.append([])
        level = level[index]
    assert isinstance(level, list)
    level.append(value)
