"""`python -m soundness mutants`: change one statement of a circuit and see that its tests notice."""

import random
from collections.abc import Mapping, Sequence
from typing import Final

import click

from prover.artifacts import PROJECT_ROOT
from soundness.mutants.results import (
    KILLED,
    Results,
    Subject,
    complaint,
    complaints,
    prune,
    read_equivalents,
    subjects,
)
from soundness.mutants.runner import run_mutants
from soundness.mutants.summary import write_summary

CIRCUITS: Final = PROJECT_ROOT / "circuits"
_SAVE_EVERY: Final = 20


@click.command(name="mutants")
@click.option("--only", multiple=True, metavar="PREFIX", help="Only files below circuits/ that start so.")
@click.option("--again", is_flag=True, help="Run also what has a verdict.")
@click.option("--shard", default="1/1", metavar="I/N", help="Run the I-th of N parts.")
@click.option("--sample", type=click.IntRange(min=1), help="Run N of the recorded mutants; record nothing.")
@click.option("--seed", type=int, default=0, show_default=True, help="Choose the sample.")
def main(only: tuple[str, ...], again: bool, shard: str, sample: int | None, seed: int) -> None:
    """Run the mutants that have no verdict, or survived unexplained, and record what becomes of them."""
    results, equivalents = Results.read(), read_equivalents()
    today = subjects(CIRCUITS)
    selected = [subject for subject in today if not only or subject.mutant.file.startswith(only)]
    if sample is not None:
        found = disagreements(chosen(selected, results, sample, seed), results)
    else:
        todo = selected if again else unsettled(selected, results, equivalents)
        prune(results, today)
        record(_part(todo, shard), results)
        write_summary(today, results, equivalents)
        found = list(complaints(today, results, equivalents))
    click.echo("\n".join(found) or "every mutant is dead or explained")
    raise SystemExit(bool(found))


def unsettled(today: Sequence[Subject], results: Results, equivalents: Mapping[str, str]) -> list[Subject]:
    """Return the mutants that the record does not account for."""
    return [subject for subject in today if complaint(subject, results, equivalents)]


def chosen(today: Sequence[Subject], results: Results, count: int, seed: int) -> list[Subject]:
    """Return some of the mutants that are recorded as killed, the same ones for the same seed."""
    killed = [
        subject
        for subject in today
        if (results.verdict(subject.mutant, subject.digest) or "").startswith(KILLED)
    ]
    return random.Random(seed).sample(killed, min(count, len(killed)))


def disagreements(sample: Sequence[Subject], results: Results) -> list[str]:
    """Return which mutants of a sample live, although the record says that a test kills them."""
    order = sorted(sample, key=lambda subject: subject.mutant.name)
    verdicts = run_mutants((subject.mutant, results.killer(subject.mutant)) for subject in order)
    return [
        f"{mutant.name}: {verdict}, recorded as {KILLED}{results.killer(mutant)}"
        for mutant, verdict in verdicts
        if not verdict.startswith(KILLED)
    ]


def record(todo: Sequence[Subject], results: Results) -> None:
    """Run mutants and write their verdicts, also on the way: a run goes on where it was stopped."""
    digests = {subject.mutant.name: subject.digest for subject in todo}
    order = [(subject.mutant, results.killer(subject.mutant)) for subject in todo]
    try:
        for number, (mutant, verdict) in enumerate(run_mutants(order), 1):
            results.enter(mutant, digests[mutant.name], verdict)
            click.echo(f"{number}/{len(todo)} {mutant.name}: {verdict}", err=True)
            if number % _SAVE_EVERY == 0:
                results.write()
    finally:
        results.write()


def _part(todo: Sequence[Subject], shard: str) -> Sequence[Subject]:
    part, _, parts = shard.partition("/")
    if not (part.isdigit() and parts.isdigit() and 1 <= int(part) <= int(parts)):
        raise click.BadParameter(f"{shard!r} is not I/N with 1 <= I <= N", param_hint="--shard")
    return todo[int(part) - 1 :: int(parts)]
