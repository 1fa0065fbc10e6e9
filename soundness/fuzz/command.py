"""`python -m soundness fuzz`."""

import sys
from collections.abc import Iterator
from enum import IntEnum

import click
from msgspec import Struct
from msgspec.structs import fields

from prover import Prover, open_prover
from sequencer.batch.sizes import BatchSize, batch_size
from soundness.fuzz.case import Case, generate
from soundness.fuzz.check import find, still_fails
from soundness.fuzz.coverage import Coverage, table
from soundness.fuzz.shrink import shrink

PROGRESS_EVERY = 100
HIDDEN = ("key", "owner", "signature")


@click.command(name="fuzz")
@click.option("--sequences", default=5_000, show_default=True, help="How many sequences to try.")
@click.option("--seed", default=1, show_default=True, help="Seed of the first sequence; they count up.")
@click.option("--size", default="small", show_default=True, help="Size of the batches.")
@click.option("--circuit/--no-circuit", default=True, show_default=True, help="Witness every batch.")
@click.option("--replay", type=int, help="Try the sequence of this seed alone and print its commands.")
def main(sequences: int, seed: int, size: str, circuit: bool, replay: int | None) -> None:
    """Let engine, naive exchange, referee of the claims and circuit do the same commands and compare them."""
    chosen, prover = batch_size(size), open_prover(size, "native") if circuit else None
    if replay is not None:
        click.echo("\n".join(described(generate(replay, chosen))))
        seed, sequences = replay, 1
    reached = Coverage()
    for place in range(sequences):
        case = generate(seed + place, chosen)
        case_reached, finding = find(case, chosen, prover)
        reached += case_reached
        if finding is not None:
            click.echo("\n".join(report(case, chosen, prover)), err=True)
            sys.exit(1)
        if (place + 1) % PROGRESS_EVERY == 0:
            click.echo(f"{place + 1} of {sequences} sequences agree", err=True)
    click.echo(table(reached))


def report(case: Case, size: BatchSize, circuit: Prover | None) -> Iterator[str]:
    """Return what a failing case disagrees about, how to replay it, and the case shrunk."""
    _, finding = find(case, size, circuit)
    assert finding is not None
    yield f"seed {case.seed} disagrees; replay it with --replay {case.seed} --size {size.name}"
    smallest = shrink(case, still_fails(finding, size, circuit))
    _, shrunk = find(smallest, size, circuit)
    yield (shrunk or finding).details
    yield from described(smallest)


def described(case: Case) -> Iterator[str]:
    """Return a case line by line, without what every account, order or command has."""
    yield f"seed {case.seed}, {len(case.commands)} commands, {len(case.start.orders)} resting orders"
    for number, account in sorted(case.start.accounts.items()):
        yield f"  account {number}: {_brief(account)}"
    for slot, market in enumerate(case.start.markets):
        if market.exists:
            yield f"  market {slot}: {_brief(market)}"
    yield from (f"  schedule: {_brief(schedule)}" for schedule in case.start.schedules or ())
    yield f"  {_brief(case.start.venue)}, floor {case.start.insurance_floor}"
    yield from (f"  resting: {_brief(order)}" for order in case.start.orders)
    yield from (f"  {place}. {_brief(command)}" for place, command in enumerate(case.commands, 1))


def _brief(value: object) -> str:
    """Return the fields that are not as usual; keys and signatures follow from account and signer."""
    if isinstance(value, tuple) and value and isinstance(value[0], Struct):
        return f"({', '.join(map(_brief, value))})"
    if not isinstance(value, Struct):
        return repr(int(value)) if isinstance(value, IntEnum) else repr(value)
    shown = [
        f"{each.name}={_brief(getattr(value, each.name))}"
        for each in fields(value)
        if each.name not in HIDDEN and getattr(value, each.name) != each.default
    ]
    return f"{type(value).__name__}({', '.join(shown)})"
