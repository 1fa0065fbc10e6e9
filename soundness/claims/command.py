"""`claims`: whether the claims table is true."""

import click

from prover.artifacts import PROJECT_ROOT
from soundness.attacks.catalogue import ATTACKS
from soundness.claims.check import find_errors, template_names
from soundness.claims.table import read_rules

DOCUMENT = PROJECT_ROOT / "docs/spec/soundness.md"


def untrue_claims() -> list[str]:
    """Return what is untrue in the project's claims table."""
    return find_errors(
        read_rules(DOCUMENT),
        template_names(PROJECT_ROOT / "circuits"),
        PROJECT_ROOT / "tests",
        [attack.name for attack in ATTACKS],
    )


@click.command("claims")
def main() -> None:
    """Check the names in the claims table of docs/spec/soundness.md."""
    errors = untrue_claims()
    for error in errors:
        click.echo(error)
    click.echo(f"{len(read_rules(DOCUMENT))} rules, {len(errors)} errors")
    if errors:
        raise SystemExit(1)
