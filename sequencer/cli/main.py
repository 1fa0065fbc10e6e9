"""`proofbook`: the entry point, and how its failures end."""

import sys
from collections.abc import Sequence

import click

from prover.errors import ProverError
from sequencer.cli.change import change
from sequencer.cli.circuit import circuit
from sequencer.cli.exit import leave
from sequencer.cli.exits import EXIT_CODES, exit_code
from sequencer.cli.ledger import ledger
from sequencer.cli.replay import replay
from sequencer.cli.request import request
from sequencer.cli.verify import verify
from sequencer.model.errors import ProofbookError

_CODES = "\n".join(f"  {code}  {meaning}" for code, meaning in EXIT_CODES.items())


@click.group(epilog=f"\b\nExit codes:\n{_CODES}", context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Run a derivatives exchange whose operator cannot cheat: every batch of trades is proven."""


cli.add_command(replay)
cli.add_command(circuit)
cli.add_command(ledger)
cli.add_command(verify)
cli.add_command(request)
cli.add_command(change)
cli.add_command(leave)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit; a refusal is one line with its cause and its cure."""
    try:
        cli(arguments, prog_name="proofbook")
    except (ProofbookError, ProverError) as error:
        _fail(str(error), exit_code(error))
    except OSError as error:
        _fail(f"file: {error}; check the path, its permissions and the disk", exit_code(error))


def _fail(text: str, code: int) -> None:
    click.echo(f"proofbook: {' '.join(text.split())}", err=True)
    sys.exit(code)
