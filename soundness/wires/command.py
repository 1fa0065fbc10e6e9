"""`python -m soundness wires`."""

import sys
from collections.abc import Iterable, Iterator

import click

from prover import open_prover
from prover.circuit import EXIT
from soundness.hints.scenarios import exits
from soundness.templates import every_template
from soundness.wires.explained import Explained, Explanation, matches, read_explained, stale
from soundness.wires.free import free_in, honest_batches
from soundness.wires.unique import template_determinacy


@click.command(name="wires")
@click.option("--size", default="small", show_default=True, help="Batch size whose wires are tried.")
def main(size: str) -> None:
    """List what the constraints leave open; fail where that is unexplained, or explained and not open."""
    explained = read_explained()
    complaints = [*_free(size, explained), *_undetermined(explained)]
    for complaint in complaints:
        click.echo(complaint, err=True)
    sys.exit(1 if complaints else 0)


def _free(size: str, explained: Explained) -> Iterator[str]:
    batches, leaving = honest_batches(size), exits().values()
    kinds = free_in(open_prover(size, "native"), (batch.inputs for batch in batches))
    kinds += free_in(open_prover(EXIT, "native"), leaving)
    honest = f"{len(batches)} honest batches of size {size} and {len(leaving)} exits"
    click.echo(f"{honest} leave {len(kinds)} kinds of wires free:")
    for kind in kinds:
        click.echo(f"  {kind}")
        if not matches(explained.free, kind):
            yield f"unexplained free wire: {kind}"
    yield from _stale("free", explained.free, kinds)


def _undetermined(explained: Explained) -> Iterator[str]:
    trusted: list[str] = []
    click.echo("determined outputs of each template, and inverses that multiply zero where they are open:")
    for template in every_template():
        found = template_determinacy(template, explained.trusted)
        outputs = f"{found.determined_outputs} of {found.outputs}"
        click.echo(f"  {template.name:<20} {outputs:>12} {found.inverses:>6}")
        trusted += found.trusted
        for kind in found.open:
            yield f"undetermined wire of {template.name}: {kind}"
    yield from _stale("trusted", explained.trusted, trusted)


def _stale(part: str, explanations: tuple[Explanation, ...], kinds: Iterable[str]) -> Iterator[str]:
    for pattern in stale(explanations, list(kinds)):
        yield f"stale explanation: nothing {part} is called {pattern}"
