"""`proofbook`: the entry point, and how its failures end."""

import sys
from collections.abc import Sequence
from typing import Final

import click

from prover.errors import ProverError
from sequencer.cli.exits import EXIT_CODES, exit_code
from sequencer.cli.lazy import LazyGroup
from sequencer.model.errors import ProofbookError

_COMMANDS: Final = {
    "account": "sequencer.cli.account:account",
    "backtest": "sequencer.cli.backtest:backtest",
    "book": "sequencer.cli.book:book",
    "change": "sequencer.cli.change:change",
    "circuit": "sequencer.cli.circuit:circuit",
    "devnet": "sequencer.cli.devnet:devnet",
    "exit": "sequencer.cli.exit:leave",
    "ledger": "sequencer.cli.ledger:ledger",
    "oracle": "sequencer.cli.oracle:oracle",
    "prove": "sequencer.cli.prove:prove",
    "replay": "sequencer.cli.replay:replay",
    "request": "sequencer.cli.request:request",
    "serve": "sequencer.cli.serve:serve",
    "trade": "sequencer.cli.trade:trade",
    "verify": "sequencer.cli.verify:verify",
}
_CODES = "\n".join(f"  {code}  {meaning}" for code, meaning in EXIT_CODES.items())


@click.group(
    cls=LazyGroup,
    lazy=_COMMANDS,
    epilog=f"\b\nExit codes:\n{_CODES}",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def cli() -> None:
    """Run a derivatives exchange whose operator cannot cheat: every batch of trades is proven."""


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
