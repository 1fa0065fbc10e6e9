"""`python -m soundness static`: circomspect and slither, with no finding left unexplained."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from prover.artifacts import PROJECT_ROOT
from soundness.static import circomspect, slither
from soundness.static.findings import Finding, complaints, explanations


def _circuits() -> list[Finding]:
    return circomspect.analyse(sorted(circomspect.CIRCUITS.rglob("*.circom")), PROJECT_ROOT)


def _contracts() -> list[Finding]:
    return slither.analyse(PROJECT_ROOT)


_ANALYSES: Final[dict[str, tuple[Callable[[], list[Finding]], Path]]] = {
    "circuits": (_circuits, circomspect.EXPLAINED),
    "contracts": (_contracts, slither.EXPLAINED),
}


@click.command("static")
@click.argument("subjects", nargs=-1, type=click.Choice(list(_ANALYSES)))
def main(subjects: tuple[str, ...]) -> None:
    """Analyse circuits, contracts, or by default both; fail on a finding or an explanation too many."""
    if failed := sum(_judge(subject) for subject in subjects or _ANALYSES):
        raise click.ClickException(f"{failed} to correct in the sources, or to explain in soundness/static")


def _judge(subject: str) -> int:
    """Print what is wrong with a subject and count it."""
    analyse, listed = _ANALYSES[subject]
    findings, explained = analyse(), explanations(listed)
    found = list(complaints(findings, explained))
    for line in found:
        click.echo(line)
    if not found:
        click.echo(f"{subject}: {len(findings)} findings, each explained by one of {len(explained)} entries")
    return len(found)
