"""Telling lies and judging what becomes of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from random import Random

from soundness.hints.allowed import ALLOWED, Allowance
from soundness.hints.inputs import Inputs
from soundness.hints.lies import KINDS, Element, Elements, Lie, lie_of, lies_about
from soundness.hints.trial import Judge, Outcome

Scenarios = Mapping[str, Inputs]

TRIES = 300
"""Lies to tell before an allowance that none of them needs is called stale."""


@dataclass
class Tally:
    """What became of the lies told so far.

    Attributes
    ----------
    harmful : list of str
        Lies that are neither refused nor allowed.
    needed : set of (str, Allowance)
        The allowances, by pattern, that a lie has needed.
    """

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    harmful: list[str] = field(default_factory=list)
    needed: set[tuple[str, Allowance]] = field(default_factory=set)


def tell(judge: Judge, scenarios: Scenarios, lies: Iterable[Lie], tally: Tally) -> None:
    """Tell lies, one at a time."""
    for lie in lies:
        inputs = scenarios[lie.scenario]
        outcome = judge.outcome(inputs, lie)
        tally.outcomes[outcome] += 1
        if outcome == Outcome.REFUSED:
            continue
        needed = [
            (pattern, allowance)
            for allowance in ALLOWED
            for pattern in allowance.matching(lie.name)
            if allowance.outcome == outcome and allowance.where(inputs, lie.place)
        ]
        tally.needed.update(needed)
        if not needed:
            tally.harmful.append(f"{outcome.value}: {lie}")


def all_lies(scenarios: Scenarios, elements: Elements) -> Iterator[Lie]:
    """Yield every lie about every element in every scenario."""
    for name in elements:
        for element in _elements(scenarios, elements, name):
            yield from lies_about(element)


def sampled_lies(scenarios: Scenarios, elements: Elements, per_kind: int, seed: int) -> Iterator[Lie]:
    """Yield each kind of lie about each signal, told of that many elements drawn by the seed.

    A kind is told of fewer only where fewer elements have another value honestly, and no lie is told twice.
    """
    random = Random(seed)
    for name in elements:
        candidates = list(_elements(scenarios, elements, name))
        told = set()
        for kind in KINDS:
            drawn = (lie_of(kind, element) for element in random.sample(candidates, len(candidates)))
            for lie in islice(filter(None, drawn), per_kind):
                what = lie.scenario, lie.place, lie.value
                if what not in told:
                    told.add(what)
                    yield lie


def stale(judge: Judge, scenarios: Scenarios, elements: Elements, tally: Tally) -> list[str]:
    """Return the patterns that no lie has needed, once lies were told to find one that does."""
    unneeded = []
    for allowance in ALLOWED:
        for pattern in allowance.signals:
            lies = islice(_lies_for(allowance, pattern, scenarios, elements), TRIES)
            for lie in lies:
                if (pattern, allowance) in tally.needed:
                    break
                tell(judge, scenarios, [lie], tally)
            if (pattern, allowance) not in tally.needed:
                unneeded.append(f"{pattern} {allowance.outcome.value}: {allowance.reason}")
    return unneeded


def _lies_for(allowance: Allowance, pattern: str, scenarios: Scenarios, elements: Elements) -> Iterator[Lie]:
    """Yield lies about the elements that an allowance means, drawn again and again."""
    random = Random(pattern)
    meant = [
        element
        for name in elements
        if pattern in allowance.matching(name)
        for element in _elements(scenarios, elements, name)
        if allowance.where(element.inputs, element.place)
    ]
    while meant:
        yield random.choice(list(lies_about(random.choice(meant))))


def _elements(scenarios: Scenarios, elements: Elements, name: str) -> Iterator[Element]:
    """Yield the elements of a signal in every scenario."""
    for scenario, inputs in scenarios.items():
        for place in elements[name]:
            yield Element(scenario, inputs, elements, name, place)
