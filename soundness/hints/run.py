"""Telling lies and judging what becomes of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from random import Random

from soundness.hints.allowed import ALLOWED, Allowance
from soundness.hints.inputs import Inputs, Place
from soundness.hints.lies import Lie, lies_about
from soundness.hints.trial import Judge, Outcome

Scenarios = Mapping[str, Inputs]
Elements = Mapping[str, Sequence[Place]]

TRIES = 60
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
    for scenario, inputs in scenarios.items():
        for name, places in elements.items():
            for place in places:
                yield from lies_about(scenario, inputs, elements, name, place)


def sampled_lies(scenarios: Scenarios, elements: Elements, per_signal: int, seed: int) -> Iterator[Lie]:
    """Yield some lies about every signal, each about an element and a scenario drawn by the seed."""
    random = Random(seed)
    for name in elements:
        yield from islice(_drawn(random, scenarios, elements, name), per_signal)


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
        (scenario, name, place)
        for name, places in elements.items()
        if pattern in allowance.matching(name)
        for scenario, inputs in scenarios.items()
        for place in places
        if allowance.where(inputs, place)
    ]
    while meant:
        scenario, name, place = random.choice(meant)
        yield random.choice(list(lies_about(scenario, scenarios[scenario], elements, name, place)))


def _drawn(random: Random, scenarios: Scenarios, elements: Elements, name: str) -> Iterator[Lie]:
    while True:
        scenario = random.choice(list(scenarios))
        place = random.choice(elements[name])
        lies = list(lies_about(scenario, scenarios[scenario], elements, name, place))
        yield random.choice(lies)
