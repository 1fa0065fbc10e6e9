"""`proofbook replay`: the main job."""

import json
import shutil
from pathlib import Path

import click

from prover.artifacts import PROJECT_ROOT
from prover.backends import BACKENDS
from sequencer.cli.progress import StepProgress
from sequencer.replay.checks import require_all
from sequencer.replay.run import ReplayOptions, run_replay

_OUTPUT = PROJECT_ROOT / ".build" / "replay"


@click.command()
@click.argument("bars", type=click.Path(path_type=Path))
@click.option("--minutes", type=click.IntRange(min=1), default=3, show_default=True, help="Bars to replay.")
@click.option(
    "--prover",
    type=click.Choice(list(BACKENDS)),
    default="snarkjs",
    show_default=True,
    help="Who makes the proofs.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of wallets, oracle and traders.")
@click.option("--size", default="reference", show_default=True, help="Size of the batch circuit.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    default=_OUTPUT / "report.html",
    help="Where the HTML report goes.  [default: .build/replay/report.html]",
)
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the ledger goes; must be new.  [default: a fresh one below .build/replay]",
)
@click.option("--json", "as_json", is_flag=True, help="Print figures for programs, no transcript.")
def replay(
    bars: Path,
    minutes: int,
    prover: str,
    seed: int,
    size: str,
    report: Path,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Trade recorded bars, prove every batch, settle it on L1.

    BARS is a CSV file of minute bars with the columns open_time, open, high, low, close, volume. L1 is a
    local chain that lives as long as the replay.
    """
    ledger = data_dir or _fresh_ledger(f"ledger-{minutes}m-{prover}-{seed}")
    options = ReplayOptions(bars, minutes, prover, seed, size, report, ledger)
    result = run_replay(options, StepProgress(), _ignore if as_json else click.echo)
    if as_json:
        click.echo(json.dumps(result.to_json(), indent=2))
    require_all(result.checks)


def _fresh_ledger(name: str) -> Path:
    """Return the place of a ledger of our own, without what the last run left there."""
    path = _OUTPUT / name
    shutil.rmtree(path, ignore_errors=True)
    return path


def _ignore(line: str) -> None:
    """Drop the line of a transcript that nobody asked for."""
