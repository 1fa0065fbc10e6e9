"""`proofbook backtest`: whether the exchange would have stayed solvent."""

import json
from pathlib import Path
from typing import Any

import click

from sequencer.backtest.report import write_report, write_sweep_report
from sequencer.backtest.settings import LEVERAGE, SWEPT, Settings
from sequencer.backtest.sweep import combinations, read_sweep, run_sweep
from sequencer.backtest.transcript import BacktestTranscript, sweep_lines
from sequencer.replay.bars import Bar, read_bars

_OUTPUT = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("bars", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--minutes", type=click.IntRange(min=1), default=120, show_default=True, help="Bars to trade.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of oracle and traders.")
@click.option(
    "--leverage",
    type=click.IntRange(min=1),
    default=LEVERAGE,
    show_default=True,
    help="What traders take at most; the initial margin is one part in it.",
)
@click.option(
    "--insurance-floor",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Quote units (1e-6 dollars); a fund with less lets the market take only orders that reduce.",
)
@click.option(
    "--insurance-payment",
    type=click.IntRange(min=0),
    help="Quote units that the fund begins with.  [default: its floor]",
)
@click.option(
    "--sweep",
    multiple=True,
    metavar="KEY=V1,V2,...",
    help=f"Run every combination, one line each; may be repeated. Keys: {', '.join(SWEPT)}.",
)
@click.option("--json", "json_file", type=_OUTPUT, help="Write the figures for programs there.")
@click.option("--html", "html_file", type=_OUTPUT, help="Write a report with charts there.")
def backtest(
    bars: Path,
    minutes: int,
    seed: int,
    leverage: int,
    insurance_floor: int,
    insurance_payment: int | None,
    sweep: tuple[str, ...],
    json_file: Path | None,
    html_file: Path | None,
) -> None:
    """Let the engine trade recorded bars under stress, without proofs.

    FILE is a CSV file of minute bars with the columns open_time, open, high, low, close, volume. The report
    is of liquidations, the insurance fund and every shortfall, beside what they had been with static margins;
    money is checked to the unit in every epoch.
    """
    settings = Settings(
        minutes,
        seed,
        leverage,
        insurance_floor=insurance_floor,
        insurance_payment=insurance_payment,
    )
    if sweep:
        _run_many(read_bars(bars, minutes), settings, sweep, json_file, html_file)
    else:
        _run_one(read_bars(bars, minutes), settings, json_file, html_file)


def _run_one(bars: list[Bar], settings: Settings, json_file: Path | None, html_file: Path | None) -> None:
    settings.configuration()
    result, static = run_sweep(bars, [settings, settings.static()], _progress)
    transcript = BacktestTranscript(click.echo, len(bars))
    transcript.opening(settings)
    for epoch in result.epochs:
        transcript.epoch(epoch)
    transcript.conclusion(result, static)
    if json_file:
        _write_json(json_file, result.to_json() | {"static": static.outcome()})
    if html_file:
        write_report(result, static, html_file)


def _run_many(
    bars: list[Bar],
    settings: Settings,
    sweep: tuple[str, ...],
    json_file: Path | None,
    html_file: Path | None,
) -> None:
    values = read_sweep(sweep)
    swept = list(values)
    results = run_sweep(bars, combinations(settings, values), _progress)
    for line in sweep_lines(swept, results):
        click.echo(line)
    if json_file:
        _write_json(json_file, {"swept": swept, "runs": [result.outcome() for result in results]})
    if html_file:
        write_sweep_report(swept, results, html_file)


def _progress(done: int, total: int, seconds: float) -> None:
    click.echo(f"  {done} of {total} runs ... {seconds:.1f} s", err=True)


def _write_json(path: Path, figures: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
