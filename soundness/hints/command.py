"""`python -m soundness hints`."""

import sys
from collections.abc import Iterator
from itertools import islice

import click

from prover import open_prover
from prover.circuit import EXIT
from sequencer.batch.sizes import batch_size
from soundness.hints.inputs import hint_elements
from soundness.hints.lies import Elements, Lie
from soundness.hints.run import Scenarios, Tally, all_lies, sampled_lies, stale, tell
from soundness.hints.scenarios import exits, scenarios
from soundness.hints.trial import Judge

SIZE = "small"


class Shard(click.ParamType[tuple[int, int]]):
    """`2/8`: the second of eight equal parts."""

    name = "i/n"

    def convert(
        self, value: str | tuple[int, int], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Return (i, n) with 1 <= i <= n."""
        if isinstance(value, tuple):
            return value
        part, _, parts = value.partition("/")
        if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
            self.fail(f"{value!r} is no part such as 2/8", param, ctx)
        return int(part), int(parts)


@click.command(name="hints")
@click.option(
    "--shard", type=Shard(), default="1/1", show_default=True, help="Tell only this part of all lies."
)
@click.option(
    "--per-kind", type=int, help="Tell each kind of lie about each signal of this many elements, not of all."
)
@click.option("--seed", default=1, show_default=True, help="Draws the elements.")
def main(shard: tuple[int, int], per_kind: int | None, seed: int) -> None:
    """Lie about every input of the circuits: what is not refused must be allowed, with a reason."""
    tally, batches = Tally(), scenarios(batch_size(SIZE))
    batch, leaving = open_prover(SIZE, "native"), open_prover(EXIT, "native")
    for prover, honest in ((leaving, exits()), (batch, batches)):
        lies = _lies(honest, hint_elements(prover.compiled), per_kind, seed)
        part, parts = shard
        tell(Judge(prover), honest, islice(lies, part - 1, None, parts), tally)
    for unneeded in stale(Judge(batch), batches, hint_elements(batch.compiled), tally):
        tally.harmful.append(f"stale: {unneeded}")
    for outcome, count in tally.outcomes.items():
        click.echo(f"{count:>9,} {outcome.value}")
    for line in tally.harmful:
        click.echo(line, err=True)
    sys.exit(1 if tally.harmful else 0)


def _lies(honest: Scenarios, elements: Elements, per_kind: int | None, seed: int) -> Iterator[Lie]:
    if per_kind is None:
        return all_lies(honest, elements)
    return sampled_lies(honest, elements, per_kind, seed)
