"""`proofbook circuit ceremony`: production keys, which nobody can forge proofs with."""

import sys
from pathlib import Path

import click

from prover.ceremony import Ceremony
from prover.circuit import circuit_of
from prover.compile import CompiledCircuit, compile_circuit
from sequencer.cli.progress import StepProgress

_DIRECTORY = click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
_SIZE = click.option(
    "--size", default="reference", show_default=True, help="Size of the batch circuit, or `exit`."
)


@click.group()
def ceremony() -> None:
    """Set up production keys with several contributors.

    DIRECTORY goes from one to the next with all its files; docs/operations/CEREMONY.md leads through it.
    """


@ceremony.command()
@_DIRECTORY
@_SIZE
@click.option(
    "--powers-of-tau",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Prepared file of a public ceremony; phase 1 is then left out.",
)
def begin(directory: Path, size: str, powers_of_tau: Path | None) -> None:
    """Begin a ceremony in a new directory."""
    _say_next(Ceremony.begin(directory, _compiled(size), powers_of_tau, StepProgress()))


@ceremony.command()
@_DIRECTORY
@_SIZE
@click.option("--name", required=True, help="Of the contributor, for the transcript.")
def contribute(directory: Path, size: str, name: str) -> None:
    """Contribute to the current phase.

    A line of random text is asked for, or read from standard input; it is not shown. Random bytes of the
    machine are added to it.
    """
    opened = _open(directory, size)
    opened.contribute(name, _entropy())
    _say_next(opened)


@ceremony.command()
@_DIRECTORY
@_SIZE
@click.argument("value")
def beacon(directory: Path, size: str, value: str) -> None:
    """End the current phase with VALUE: 32 public bytes that were announced before anyone could know them."""
    opened = _open(directory, size)
    opened.beacon(value)
    _say_next(opened)


@ceremony.command()
@_DIRECTORY
@_SIZE
def finish(directory: Path, size: str) -> None:
    """Verify the whole ceremony, and export verification key, verifier and manifest."""
    keys = _open(directory, size).finish()
    click.echo(f"{keys.manifest.circuit}: {keys.manifest.setup} keys in {keys.directory}")


def _compiled(size: str) -> CompiledCircuit:
    return compile_circuit(circuit_of(size), progress=StepProgress())


def _open(directory: Path, size: str) -> Ceremony:
    return Ceremony.open(directory, _compiled(size), StepProgress())


def _entropy() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Random text (not shown)", hide_input=True, err=True))
    line = sys.stdin.readline().strip()
    if not line:
        raise click.UsageError("Standard input holds no random text.")
    return line


def _say_next(opened: Ceremony) -> None:
    click.echo(f"next: {opened.next_step}")
