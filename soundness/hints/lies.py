"""The values that a prover might try in the place of an honest one."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from sequencer.model.constants import FIELD_MODULUS, INDEX_BITS
from soundness.hints.inputs import Inputs, Place, value_at
from tests.batch.referee.ranges import BITS

SIGNED_BITS = {
    "accountCollateral": 63,
    "accountIndex": INDEX_BITS,
    "accountPosition": 29,
    "accountSettled": 62,
    "collateral": 63,
    "fundingPool": 63,
    "index": INDEX_BITS,
    "longIndex": INDEX_BITS,
    "marketLongIndex": INDEX_BITS,
    "marketReturn": 20,
    "marketShortIndex": INDEX_BITS,
    "position": 48,
    "premiumExcess": 80,
    "premiumPpm": 21,
    "premiumRate": 20,
    "requestFree": 68,
    "settled": 62,
    "shortIndex": INDEX_BITS,
    "stepMakerFee": 62,
    "stepQuote": 64,
    "stepTakerFee": 62,
}
"""The range classes of signed signals; those of the others stand in the referee of the claims."""

EXIT_BITS = {"priceWord": 250, "parameterWord": 250}
"""The range classes of the other signals of the exit circuit that have one."""

ANY_ELEMENT_BITS = 253
"""The range class of a signal that may be any field element."""

Elements = Mapping[str, Sequence[Place]]
"""The places of every hint's elements, by the hint's name."""

_PART = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Element:
    """One element of one hint of an honest batch.

    Attributes
    ----------
    elements : mapping of str to sequence of tuple of int
        Those of every hint.
    """

    scenario: str
    inputs: Inputs
    elements: Elements
    name: str
    place: Place

    @property
    def honest(self) -> int:
        """The value in the honest batch."""
        return value_at(self.inputs[self.name], self.place) % FIELD_MODULUS

    @property
    def edge(self) -> int:
        """The first number beyond its range class."""
        return 1 << (BITS | SIGNED_BITS | EXIT_BITS).get(self.name, ANY_ELEMENT_BITS)

    def of_the_next(self) -> int:
        """Return the value of the signal's next element, the same where it has one only."""
        places = self.elements[self.name]
        return value_at(self.inputs[self.name], places[(places.index(self.place) + 1) % len(places)])

    def of_a_sibling(self) -> int:
        """Return the value of a signal of the same part and shape, the same where there is none."""
        part, shape = _PART.match(self.name), self.elements[self.name]
        assert part is not None
        alike = (name for name, places in self.elements.items() if places == shape)
        siblings = [name for name in alike if name.startswith(part[0]) and name != self.name]
        sibling = self.random().choice(siblings or [self.name])
        return value_at(self.inputs[sibling], self.place)

    def random(self) -> Random:
        """Return a source of choices for this element, the same ones each time."""
        return Random(f"{self.name}{self.place}")


KINDS: Final[Mapping[str, Callable[[Element], int]]] = {
    "one more": lambda element: element.honest + 1,
    "one less": lambda element: element.honest - 1,
    "zero": lambda element: 0,
    "one": lambda element: 1,
    "p - 1": lambda element: -1,
    "last of its range": lambda element: element.edge - 1,
    "beyond its range": lambda element: element.edge,
    "below its range": lambda element: -element.edge,
    "negated": lambda element: -element.honest,
    "the next element's": Element.of_the_next,
    "a sibling's": Element.of_a_sibling,
    "random": lambda element: element.random().randrange(FIELD_MODULUS),
}
"""The kinds of lies, each by the value that it gives an element."""


@dataclass(frozen=True, slots=True)
class Lie:
    """One element of one hint with another value.

    Attributes
    ----------
    kind : str
        Of `KINDS`.
    """

    scenario: str
    name: str
    place: Place
    kind: str
    value: int

    def __str__(self) -> str:
        indices = "".join(f"[{index}]" for index in self.place)
        return f"{self.scenario}: {self.name}{indices} = {self.value} ({self.kind})"


def lies_about(element: Element) -> Iterator[Lie]:
    """Yield every lie about one element, each value once and never the honest one."""
    told = set()
    for kind in KINDS:
        lie = lie_of(kind, element)
        if lie is not None and lie.value not in told:
            told.add(lie.value)
            yield lie


def lie_of(kind: str, element: Element) -> Lie | None:
    """Return the lie of a kind about one element, None where it is the honest value."""
    value = KINDS[kind](element) % FIELD_MODULUS
    return (
        None if value == element.honest else Lie(element.scenario, element.name, element.place, kind, value)
    )
