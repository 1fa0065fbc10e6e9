"""`python -m soundness hints`."""

import sys
from itertools import islice

import click

from prover import open_prover
from sequencer.batch.sizes import batch_size
from soundness.hints.inputs import hint_elements
from soundness.hints.run import Tally, all_lies, sampled_lies, stale, tell
from soundness.hints.scenarios import scenarios
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
    """Lie about every input of the circuit: what is not refused must be allowed, with a reason."""
    prover, honest = open_prover(SIZE, "native"), scenarios(batch_size(SIZE))
    elements, judge, tally = hint_elements(prover.compiled), Judge(prover), Tally()
    every = all_lies(honest, elements)
    lies = every if per_kind is None else sampled_lies(honest, elements, per_kind, seed)
    part, parts = shard
    tell(judge, honest, islice(lies, part - 1, None, parts), tally)
    for unneeded in stale(judge, honest, elements, tally):
        tally.harmful.append(f"stale: {unneeded}")
    for outcome, count in tally.outcomes.items():
        click.echo(f"{count:>9,} {outcome.value}")
    for line in tally.harmful:
        click.echo(line, err=True)
    sys.exit(1 if tally.harmful else 0)
