"""Put load on the service, or on the bare endpoint that it is compared with."""

import json
from dataclasses import asdict
from typing import Final

import click

from bench.load.fanout import FanoutFigures, close_code_of_who_never_reads, measure_fanout
from bench.load.flow import Flow
from bench.load.modes import BATCHES, MODES, SINGLES
from bench.load.open_loop import Arrivals
from bench.load.processes import Target
from bench.load.runs import Load, RunFigures, rounded, run_load
from bench.load.search import LONG_SECONDS, sustained
from bench.load.soak import SoakFigures, measure_soak
from sequencer.cli.progress import StepProgress

_TARGETS: Final = click.Choice(("service", "baseline"))
_target = click.option("--target", type=_TARGETS, default="service", show_default=True)
_mode = click.option("--mode", type=click.Choice(list(MODES)), default="batch", show_default=True)


@click.group()
def main() -> None:
    """Measure the service under load (docs/operations/LOAD.md). Each run has a server of its own."""


@main.command()
@_target
@_mode
@click.option("--rate", type=float, required=True, help="Messages a second.")
@click.option("--seconds", type=float, default=10.0, show_default=True)
@click.option("--arrivals", type=click.Choice(("fixed", "poisson")), default="fixed", show_default=True)
def run(target: Target, mode: str, rate: float, seconds: float, arrivals: Arrivals) -> None:
    """Send at one rate."""
    chosen = MODES[mode]
    figures = run_load(target, chosen, Flow(chosen.framing), Load(rate, seconds, arrivals=arrivals))
    _tell(figures)


@main.command()
@_target
@_mode
@click.option(
    "--first", type=float, default=1_000.0, show_default=True, help="Messages a second to begin at."
)
@click.option("--seconds", type=float, default=LONG_SECONDS, show_default=True, help="Of the last run.")
def sweep(target: Target, mode: str, first: float, seconds: float) -> None:
    """Find the highest rate that is sustained."""
    chosen = MODES[mode]
    _tell(sustained(target, chosen, Flow(chosen.framing), first, StepProgress(), seconds))


@main.command()
@click.option("--subscribers", type=int, default=1_000, show_default=True)
@click.option("--rate", type=float, default=20.0, show_default=True, help="Messages a second, one by one.")
@click.option("--seconds", type=float, default=10.0, show_default=True)
def fanout(subscribers: int, rate: float, seconds: float) -> None:
    """Have many watch one book."""
    _tell(measure_fanout(subscribers, Flow(SINGLES), Load(rate, seconds)))


@main.command()
def slow() -> None:
    """Have one stream never read, and tell with which code it is closed."""
    click.echo(close_code_of_who_never_reads(Flow(BATCHES)))


@main.command()
@_mode
@click.option("--rate", type=float, default=1_000.0, show_default=True, help="Messages a second.")
@click.option("--minutes", type=float, default=10.0, show_default=True)
def soak(mode: str, rate: float, minutes: float) -> None:
    """Send at one rate for long, and tell by how much the server's memory grows."""
    chosen = MODES[mode]
    _tell(measure_soak(chosen, Flow(chosen.framing), Load(rate, 60 * minutes, patience_seconds=60.0)))


def _tell(figures: RunFigures | FanoutFigures | SoakFigures) -> None:
    run = figures.run if isinstance(figures, SoakFigures) else figures
    told = {"has_kept_up": run.has_kept_up} | asdict(figures)
    click.echo(json.dumps(rounded(told), indent=2))


if __name__ == "__main__":
    main(prog_name="python -m bench.load")
