"""`python -m soundness attacks`: try every attack and print who refused it."""

import sys

import click

from soundness.attacks.catalogue import CIRCUIT_ATTACKS
from soundness.attacks.trial import CircuitTrial


@click.command(name="attacks")
@click.option("--only", metavar="NAME", multiple=True, help="Only this attack; may be repeated.")
def main(only: tuple[str, ...]) -> None:
    """Try every attack of a cheating engine; exit 1 if one is not refused where its rule stands."""
    unknown = set(only) - {attack.name for attack in CIRCUIT_ATTACKS}
    if unknown:
        raise click.BadParameter(f"there is no attack {', '.join(sorted(unknown))}", param_hint="--only")
    chosen = [attack for attack in CIRCUIT_ATTACKS if not only or attack.name in only]
    trial, surprises = CircuitTrial(), 0
    for attack in chosen:
        verdict = trial.verdict(attack)
        click.echo(f"{attack.name:<44} {attack.claim:<80} {verdict.rejected_by:<9} {verdict.where}")
        if verdict.surprise:
            surprises += 1
            click.secho(f"  SURPRISE: {verdict.surprise}", fg="red")
    click.echo(f"{len(chosen)} attacks, {surprises} surprises")
    sys.exit(bool(surprises))
