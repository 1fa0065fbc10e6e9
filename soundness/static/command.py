"""`python -m soundness static`: circomspect over every template, with no finding left unexplained."""

import click

from prover.artifacts import PROJECT_ROOT
from soundness.static.analysis import ACCEPTED_FILE, CIRCUITS, analyse, complaints, explanations


@click.command("static")
def main() -> None:
    """Analyse all circuits; fail on a finding or an explanation too many."""
    findings = analyse(sorted(CIRCUITS.rglob("*.circom")), PROJECT_ROOT)
    explained = explanations()
    found = list(complaints(findings, explained))
    for line in found:
        click.echo(line)
    if found:
        listed = ACCEPTED_FILE.relative_to(PROJECT_ROOT)
        raise click.ClickException(f"{len(found)} to correct in the circuits, or to explain in {listed}")
    click.echo(f"{len(findings)} findings, each explained by one of {len(explained)} entries")
