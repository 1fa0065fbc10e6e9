"""Honest inputs with a lie in them."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

Tables = dict[str, Any]
"""Inputs of a circuit: arrays are lists, buses are dicts."""


def with_lies(honest: Tables, lies: Mapping[str, Any]) -> Tables:
    """The inputs with some values replaced, by path: ``fields.rank`` or ``page.0.low``."""
    told = deepcopy(honest)
    for path, value in lies.items():
        *way, last = path.split(".")
        place: Any = told
        for part in way:
            place = place[_key(place, part)]
        assert last in place or isinstance(place, list), f"{path} is no signal"
        place[_key(place, last)] = value
    return told


def _key(place: Any, part: str) -> Any:
    return int(part) if isinstance(place, list) else part
