"""The values that a prover might try in the place of an honest one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from sequencer.model.constants import FIELD_MODULUS
from soundness.hints.inputs import Inputs, Place, value_at
from tests.batch.referee.ranges import BITS

SIGNED_BITS = {
    "accountCollateral": 63,
    "accountPosition": 48,
    "collateral": 63,
    "position": 48,
    "requestFree": 64,
    "stepMakerFee": 62,
    "stepTakerFee": 62,
}
"""The range classes of signed signals; those of the others stand in the referee of the claims."""

EXIT_BITS = {"priceWord": 112, "parameterWord": 176}
"""The range classes of the other signals of the exit circuit that have one."""

ANY_ELEMENT_BITS = 253
"""The range class of a signal that may be any field element."""

_PART = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Lie:
    """One element of one hint with another value.

    Attributes
    ----------
    kind : str
        How the value was come by.
    """

    scenario: str
    name: str
    place: Place
    kind: str
    value: int

    def __str__(self) -> str:
        indices = "".join(f"[{index}]" for index in self.place)
        return f"{self.scenario}: {self.name}{indices} = {self.value} ({self.kind})"


def lies_about(
    scenario: str, inputs: Inputs, elements: Mapping[str, Sequence[Place]], name: str, place: Place
) -> Iterator[Lie]:
    """Yield every lie about one element, each value once and never the honest one."""
    honest = value_at(inputs[name], place)
    told = {honest % FIELD_MODULUS}
    for kind, value in _values(inputs, elements, name, place, honest):
        if value % FIELD_MODULUS not in told:
            told.add(value % FIELD_MODULUS)
            yield Lie(scenario, name, place, kind, value % FIELD_MODULUS)


def _values(
    inputs: Inputs, elements: Mapping[str, Sequence[Place]], name: str, place: Place, honest: int
) -> Iterator[tuple[str, int]]:
    random = Random(f"{name}{place}")
    edge = 1 << (BITS | SIGNED_BITS | EXIT_BITS).get(name, ANY_ELEMENT_BITS)
    yield from (("one more", honest + 1), ("one less", honest - 1), ("zero", 0), ("one", 1))
    yield from (("p - 1", -1), ("last of its range", edge - 1), ("beyond its range", edge))
    yield from (("below its range", -edge), ("negated", -honest))
    places = elements[name]
    yield "the next element's", value_at(inputs[name], places[(places.index(place) + 1) % len(places)])
    other = random.choice(_siblings(elements, name, place))
    yield f"that of {other}", value_at(inputs[other], place)
    yield "random", random.randrange(FIELD_MODULUS)


def _siblings(elements: Mapping[str, Sequence[Place]], name: str, place: Place) -> list[str]:
    """Return the signals of the same part and shape, the signal itself where it has none."""
    part = _PART.match(name)
    assert part is not None
    shape = elements[name]
    return [other for other in elements if other.startswith(part[0]) and elements[other] == shape]
