"""`proofbook oracle round`: what the sequencer would collect now."""

import json
from pathlib import Path

import click

from sequencer.cli.change_file import read_configuration
from sequencer.oracle.client import Round, RoundCollector
from sequencer.oracle.source import system_clock
from sequencer.oracle.wire import ReportBody


@click.command("round")
@click.argument("urls", nargs=-1, required=True)
@click.option(
    "--configuration",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with the oracle keys and markets, as for `proofbook change schedule`.",
)
@click.option("--domain", required=True, type=click.IntRange(min=0), help="As `oracle domain` prints it.")
@click.option("--time", type=click.IntRange(min=0), help="Second of the round.  [default: the last one]")
@click.option("--json", "as_json", is_flag=True, help="Print an object for programs.")
def collect_round(
    urls: tuple[str, ...], configuration: Path, domain: int, time: int | None, as_json: bool
) -> None:
    """Collect one round from the signers at URLS, as the sequencer does, and print it.

    Each endpoint without a valid report is named with the cause.
    """
    terms = read_configuration(configuration)
    collector = RoundCollector(urls, terms.oracle_keys, domain, len(terms.markets))
    collected = collector.collect(system_clock() - 1 if time is None else time)
    click.echo(_json(collected, domain) if as_json else _table(collected))


def _table(collected: Round) -> str:
    lines = [f"round of {collected.reports[0].time}"]
    lines += [f"signer {report.signer}  {' '.join(map(str, report.prices))}" for report in collected.reports]
    lines += [f"[!] {failure.endpoint}: {failure.error}" for failure in collected.failures]
    return "\n".join(lines)


def _json(collected: Round, domain: int) -> str:
    told = {
        "reports": [ReportBody.of(report, domain).model_dump() for report in collected.reports],
        "failures": [
            {"endpoint": failure.endpoint, "code": failure.error.code, "message": failure.error.message}
            for failure in collected.failures
        ],
    }
    return json.dumps(told, indent=2)
