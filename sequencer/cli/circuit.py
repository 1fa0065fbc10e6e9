"""`proofbook circuit`: the circuits and their keys."""

import json

import click

from prover.circuit import EXIT, SIZES_FILE
from prover.info import CircuitInfo, circuit_info
from prover.prover import open_prover
from sequencer.cli.ceremony import ceremony
from sequencer.cli.progress import StepProgress
from sequencer.cli.verify_keys import verify_keys

_SIZES = click.option(
    "--size", "sizes", multiple=True, help="Only this batch size, or `exit`; may be repeated.  [default: all]"
)


@click.group()
def circuit() -> None:
    """Compile and measure the circuits, and check their keys."""


@circuit.command()
@_SIZES
@click.option("--json", "as_json", is_flag=True, help="Print a list for programs.")
def info(sizes: tuple[str, ...], as_json: bool) -> None:
    """Show each circuit's parameters, constraints by part, wires and public inputs."""
    figures = [circuit_info(size, StepProgress()) for size in sizes or _all_sizes()]
    click.echo(json.dumps(figures, indent=2) if as_json else "\n\n".join(map(_described, figures)))


@circuit.command()
@_SIZES
def build(sizes: tuple[str, ...]) -> None:
    """Compile the circuits and make their development keys."""
    for size in sizes or _all_sizes():
        keys = open_prover(size, progress=StepProgress()).prepare()
        click.echo(f"{keys.manifest.circuit}: {keys.manifest.setup} keys in {keys.directory}")


circuit.add_command(ceremony)
circuit.add_command(verify_keys)


def _all_sizes() -> tuple[str, ...]:
    return (*json.loads(SIZES_FILE.read_text()), EXIT)


def _described(figures: CircuitInfo) -> str:
    parameters = ", ".join(f"{name} {value}" for name, value in figures["parameters"].items())
    lines = [
        f"{figures['name']}: {figures['template']}({parameters})",
        f"  {figures['constraints']:>9,} constraints, {figures['wires']:,} wires,"
        f" public inputs {', '.join(figures['public_inputs'])}",
    ]
    lines += [f"  {count:>9,} {part}" for part, count in figures["constraints_by_part"].items()]
    return "\n".join(lines)
