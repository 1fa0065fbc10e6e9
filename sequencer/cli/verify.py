"""`proofbook verify`: check a rollup without its operator."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import click
from msgspec import to_builtins

from prover.circuit import EXIT
from prover.prover import open_prover
from sequencer.chain.client import RollupClient
from sequencer.chain.connection import Connection
from sequencer.chain.errors import ChainUnreachableError
from sequencer.chain.timelock import Timelock
from sequencer.cli.options import from_block_option, rollup_option, rpc_option
from sequencer.cli.progress import StepProgress
from sequencer.replay.transcript import dollars
from sequencer.verifier.checkpoint import save_checkpoint
from sequencer.verifier.exit_proof import prove_exit
from sequencer.verifier.follower import Follower
from sequencer.verifier.leave import shown_time
from sequencer.verifier.outlook import Change, coming_changes
from sequencer.verifier.replica import Replica
from sequencer.verifier.summary import MarketSummary, Restrictions, Summary, summarize
from sequencer.verifier.verify import PAIRINGS, open_follower

POLL_SECONDS: Final = 4.0

pause = time.sleep


@click.command()
@rpc_option
@rollup_option
@click.option(
    "--state",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to resume from, written as batches are verified.",
)
@click.option("--from-scratch", is_flag=True, help="Do not resume: verify from the deployment on.")
@from_block_option
@click.option(
    "--confirmations", type=click.IntRange(min=0), default=0, help="Read only blocks with so many on top."
)
@click.option(
    "--pairing",
    type=click.Choice(tuple(PAIRINGS)),
    default="native",
    help="Who checks the proofs; py_ecc takes a second each.",
)
@click.option("--exit-proof", "leaving", type=int, help="Also prove what this account may leave with.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for the exit proof and the calldata that registers it.",
)
@click.option("--follow", is_flag=True, help="Go on with each new batch until interrupted.")
@click.option("--json", "as_json", is_flag=True, help="Print an object for programs.")
def verify(
    rpc: str,
    rollup: str,
    state: Path | None,
    from_scratch: bool,
    from_block: int,
    confirmations: int,
    pairing: str,
    leaving: int | None,
    out: Path | None,
    follow: bool,
    as_json: bool,
) -> None:
    """Check every batch of a rollup from L1 alone.

    Everybody's money and positions are rebuilt on the way. Nothing of the operator is asked: logs,
    calldata and the keys in this repository are enough.
    """
    if (leaving is None) != (out is None):
        raise click.UsageError("--exit-proof and --out go together.")
    resume = state if state and state.is_file() and not from_scratch else None
    connection = Connection(rpc)
    follower = open_follower(connection, rollup, pairing, from_block, resume)
    batches, seconds = _catch_up(follower, confirmations, state)
    follower.check_head()
    summary, replica = summarize(follower.checkpoint), follower.checkpoint.replica
    changes = coming_changes(Timelock(RollupClient(connection, rollup)), replica, from_block)
    click.echo((_json if as_json else _text)(summary, changes, batches, seconds))
    if leaving is not None and out is not None:
        _write_exit(replica, leaving, out)
    if follow:
        with suppress(KeyboardInterrupt):
            while True:
                pause(POLL_SECONDS)
                _follow(follower, confirmations, state)


def _catch_up(follower: Follower, confirmations: int, state: Path | None) -> tuple[int, float]:
    """Verify up to the head; return how many batches, and the seconds that they took."""
    batches, begun = 0, time.perf_counter()
    for advance in follower.advance(confirmations):
        batches += advance.batches
        if state:
            save_checkpoint(state, advance.checkpoint)
    return batches, time.perf_counter() - begun


def _write_exit(replica: Replica, account: int, out: Path) -> None:
    """Prove an account's exit and write it; what is said goes to standard error, as progress does."""
    prover = open_prover(EXIT, "native", StepProgress())
    proof = prove_exit(replica, account, prover)
    out.write_text(json.dumps(proof.to_json(), indent=2) + "\n")
    click.echo(
        f"account {account} of {proof.owner} may leave with {dollars(proof.claim.equity, 6)}: {out}", err=True
    )


def _follow(follower: Follower, confirmations: int, state: Path | None) -> None:
    """Verify what is new, and say so; a node that is away for a while is asked again."""
    try:
        batches, seconds = _catch_up(follower, confirmations, state)
        if batches:
            follower.check_head()
            click.echo(_line(summarize(follower.checkpoint), batches, seconds))
    except ChainUnreachableError as error:
        click.echo(f"proofbook: {error}", err=True)


def _line(summary: Summary, batches: int, seconds: float) -> str:
    return (
        f"block {summary.block}: {batches} more verified in {seconds:.2f} s, batch {summary.batch_number},"
        f" exit root {summary.exit_root:#066x}, vault {dollars(summary.vault_balance, 6)}"
    )


def _text(summary: Summary, changes: Sequence[Change], batches: int, seconds: float) -> str:
    rate = f", {batches / seconds:,.0f} a second" if batches else ""
    lines = [
        f"[ok] {batches} batches verified in {seconds:.2f} s{rate}: each has a proof for its words and",
        "     continues the one before; the exit root rebuilt after each is the published one",
        f"[ok] the contract's storage at block {summary.block} is what its logs and calldata add up to",
        "[ok] money is conserved to the unit",
        "",
        f"  last batch         {summary.batch_number}",
        f"  state root         {summary.state_root:#066x}",
        f"  exit root          {summary.exit_root:#066x}",
        f"  accounts           {summary.accounts}",
        f"  pending requests   {summary.pending_requests}",
    ]
    for market in summary.markets:
        lines += _market_lines(market)
    if not summary.frozen:
        lines += _restriction_lines(summary.restrictions, summary.timestamp)
    lines += [
        "",
        f"  equities           {dollars(summary.equities, 6):>24}",
        f"  fee pool           {dollars(summary.fee_pool, 6):>24}",
        f"  claimable          {dollars(summary.claimable, 6):>24}",
        f"  pending deposits   {dollars(summary.pending_deposits, 6):>24}",
        f"  owed               {dollars(summary.owed, 6):>24}",
        f"  vault              {dollars(summary.vault_balance, 6):>24}",
    ]
    if summary.frozen:
        lines.append(f"  paid to exits      {dollars(summary.exits_paid, 6):>24}  the exchange is frozen")
    if summary.pending_insurance:
        lines.append(
            f"  for insurance      {dollars(summary.pending_insurance, 6):>24}  paid, in no equity yet"
        )
    if summary.below_zero:
        lines.append(f"  not covered        {dollars(summary.below_zero, 6):>24}  accounts below zero owe it")
    if summary.rounding:
        lines.append(
            f"  rounding           {dollars(summary.rounding, 6):>24}  what settling, rounded up, has left"
        )
    for change in changes:
        lines += _change_lines(change)
    return "\n".join(lines)


def _market_lines(market: MarketSummary) -> Iterator[str]:
    yield (
        f"  market {market.slot:<11} {market.status.replace('_', '-')}, mark {market.mark:,} ticks,"
        f" open interest {market.open_interest:,} lots"
    )
    congestion = (
        f", {market.congestion_addon_ppm} ppm of it congestion" if market.congestion_addon_ppm else ""
    )
    yield (
        f"                     margin {market.initial_ppm} ppm{congestion}, tier {market.tier_ppm} ppm,"
        f" maintenance {market.maintenance_ppm} ppm"
    )
    if market.settled:
        yield "                     settled: its mark stands still, its positions are as good as cash"
    elif market.fund_since:
        yield f"                     the insurance fund has a position since {shown_time(market.fund_since)}"


def _restriction_lines(restrictions: Restrictions, timestamp: int) -> Iterator[str]:
    """Say what L1 restricts, if it still holds or will."""
    place = ", in the queue" if restrictions.waiting else ""
    if timestamp < restrictions.restricted_until:
        names = ", ".join(map(str, restrictions.markets))
        yield f"  L1 restricts       markets {names} until {shown_time(restrictions.restricted_until)}{place}"
    if timestamp < restrictions.congested_until:
        yield f"  congested          until {shown_time(restrictions.congested_until)}{place}"


def _change_lines(change: Change) -> Iterator[str]:
    when = f"from {shown_time(change.ready_at)} on" if change.ready_at else "in the queue"
    yield ""
    yield f"  change             {when}"
    yield f"  configuration      {change.configuration_hash:#066x}"
    yield f"  verifier           {change.verifier}"
    yield from (f"  [!] {warning}; leave before it holds" for warning in change.warnings)


def _json(summary: Summary, changes: Sequence[Change], batches: int, seconds: float) -> str:
    figures: dict[str, Any] = {**to_builtins(summary), "owed": summary.owed}
    for name in ("state_root", "exit_root"):
        figures[name] = f"{figures[name]:#066x}"
    figures["changes"] = [
        {**to_builtins(change), "configuration_hash": f"{change.configuration_hash:#066x}"}
        for change in changes
    ]
    return json.dumps({**figures, "batches_verified": batches, "seconds": round(seconds, 3)}, indent=2)
