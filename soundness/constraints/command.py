"""`python -m soundness constraints`: compare the circuits with the committed numbers of constraints."""

import json

import click

from prover.circuit import EXIT, SIZES_FILE
from sequencer.cli.progress import StepProgress
from soundness.constraints.lock import TABLE_FILE, count, differences, read_lock, write_lock


@click.command("constraints")
@click.option("--write", is_flag=True, help="Take over the numbers of the circuits as they are.")
def main(write: bool) -> None:
    """Compare every template, every batch size and the exit circuit with circuits/constraints.json."""
    counted = count([*json.loads(SIZES_FILE.read_text()), EXIT], StepProgress())
    if write:
        write_lock(counted)
    found = list(differences(read_lock(), counted))
    for line in found:
        click.echo(line)
    if found:
        raise click.ClickException(
            f"{len(found)} differ from circuits/{TABLE_FILE.name}; if that is meant, take them over: --write"
        )
    click.echo(f"{len(counted['templates'])} templates and {', '.join(counted['sizes'])} are as locked")
