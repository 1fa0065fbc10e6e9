"""`python -m soundness`: each part of the harness is a command."""

import click

from soundness.attacks.command import main as attacks
from soundness.claims.command import main as claims
from soundness.constraints.command import main as constraints
from soundness.fuzz.command import main as fuzz
from soundness.hints.command import main as hints
from soundness.mutants.command import main as mutants
from soundness.static.command import main as static
from soundness.wires.command import main as wires


@click.group()
def main() -> None:
    """Try to make the circuits lie."""


for command in (claims, static, constraints, wires, hints, attacks, fuzz, mutants):
    main.add_command(command)

if __name__ == "__main__":
    main(prog_name="python -m soundness")
