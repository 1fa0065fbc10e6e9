"""`proofbook change`: what may change of a rollup, announced first and only after a delay."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
from msgspec import to_builtins
from web3.constants import ADDRESS_ZERO

from sequencer.chain.client import RollupClient
from sequencer.chain.connection import Connection
from sequencer.chain.errors import UnannouncedChangeError
from sequencer.chain.requests import ticket_from
from sequencer.chain.timelock import PendingChange, Timelock, obstacles
from sequencer.chain.watcher import Watcher
from sequencer.cli.change_file import read_configuration
from sequencer.cli.options import address, from_block_option, rollup_option, rpc_option
from sequencer.cli.request_options import echo_ticket, in_dollars
from sequencer.cli.wallet import keystore_option, open_wallet
from sequencer.engine.errors import DifferentMarketsError
from sequencer.model import constants as c
from sequencer.model.config import Configuration
from sequencer.model.schedule import MarginSchedule
from sequencer.verifier.leave import shown_time

_TIER_DOLLARS: Final = in_dollars(1 << c.TIER_UNIT_BITS)


@click.group()
def change() -> None:
    """Change the configuration or the verifier, after a delay.

    The configuration is fees, oracle signers, market parameters, margin schedules and the insurance floor.
    The governor announces a change. After the delay anyone enacts it: it joins the queue, and holds from the
    batch after the one that consumes it. Whoever disagrees has the delay to leave.
    """


@change.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--verifier", callback=address, help="Verifier of the batches from then on.  [default: the present one]"
)
@rpc_option
@rollup_option
@from_block_option
@keystore_option
def schedule(
    file: Path, verifier: str | None, rpc: str, rollup: str, from_block: int, keystore: Path | None
) -> None:
    """Announce the configuration in FILE.

    It takes the place of a change that was announced before and is not enacted. One of other markets, or in
    other units, is refused: no batch could follow it.
    """
    configuration, governor = read_configuration(file), open_wallet(keystore)
    timelock = _timelock(rpc, rollup)
    _check_markets(configuration, timelock, from_block)
    announcement = timelock.schedule_change(governor, configuration, verifier or timelock.rollup.verifier)
    click.echo(
        f"The change to {configuration.hash():#066x} is announced."
        f" Anyone may enact it from {shown_time(timelock.ready_at(announcement))} on."
    )


@change.command()
@rpc_option
@rollup_option
@keystore_option
def cancel(rpc: str, rollup: str, keystore: Path | None) -> None:
    """Take the announced change back."""
    governor = open_wallet(keystore)
    _timelock(rpc, rollup).cancel_change(governor)
    click.echo("The announced change is taken back.")


@change.command()
@rpc_option
@rollup_option
@keystore_option
def enact(rpc: str, rollup: str, keystore: Path | None) -> None:
    """Queue the announced change, after its delay.

    Any wallet may; it pays the fee of a request.
    """
    sender, timelock = open_wallet(keystore), _timelock(rpc, rollup)
    echo_ticket(ticket_from(timelock.rollup, timelock.enact_change(sender)))


@dataclass(frozen=True, slots=True)
class _Outlook:
    """What holds, and what was announced.

    Attributes
    ----------
    governor : str or None
        None if nothing ever changes.
    announced : Configuration or None
        None if nothing was, or if what was is no configuration of the hash.
    warnings : tuple of str
        Why no batch could follow what was announced.
    """

    governor: str | None
    change_delay: int
    configuration_hash: int
    verifier: str
    frozen: bool
    pending: PendingChange | None
    announced: Configuration | None
    warnings: tuple[str, ...]


@change.command()
@rpc_option
@rollup_option
@from_block_option
@click.option("--json", "as_json", is_flag=True, help="Print an object for programs.")
def show(rpc: str, rollup: str, from_block: int, as_json: bool) -> None:
    """Tell what holds and what was announced.

    `proofbook verify` also tells what waits in the queue, and whether this release could follow it.
    """
    outlook = _outlook(_timelock(rpc, rollup), from_block)
    click.echo(json.dumps(_json(outlook), indent=2) if as_json else "\n".join(_lines(outlook)))


def _timelock(rpc: str, rollup: str) -> Timelock:
    return Timelock(RollupClient(Connection(rpc), rollup))


def _check_markets(configuration: Configuration, timelock: Timelock, from_block: int) -> None:
    try:
        configuration.check_follows(Watcher(timelock.rollup).first_markets(from_block))
    except ValueError as error:
        raise DifferentMarketsError(str(error)) from error


def _outlook(timelock: Timelock, from_block: int) -> _Outlook:
    rollup, governor, pending = timelock.rollup, timelock.governor, timelock.pending_change
    announced = None
    warnings: tuple[str, ...] = ()
    if pending:
        with suppress(UnannouncedChangeError):
            announced = timelock.announced(pending.configuration_hash, from_block)
        warnings = tuple(obstacles(announced, Watcher(rollup).first_markets(from_block)))
    return _Outlook(
        governor=None if governor == ADDRESS_ZERO else governor,
        change_delay=timelock.change_delay,
        configuration_hash=rollup.configuration_hash,
        verifier=rollup.verifier,
        frozen=rollup.frozen_at > 0,
        pending=pending,
        announced=announced,
        warnings=warnings,
    )


def _lines(outlook: _Outlook) -> Iterator[str]:
    yield f"governor       {outlook.governor or 'nobody: nothing ever changes'}"
    yield f"delay          {outlook.change_delay} seconds"
    yield f"configuration  {outlook.configuration_hash:#066x}"
    yield f"verifier       {outlook.verifier}"
    if outlook.frozen:
        yield "frozen         no change will come any more"
    if outlook.pending is None:
        yield "announced      nothing"
        return
    yield ""
    yield f"announced      anyone may enact it from {shown_time(outlook.pending.ready_at)} on"
    yield f"configuration  {outlook.pending.configuration_hash:#066x}"
    yield f"verifier       {outlook.pending.verifier}"
    if outlook.announced:
        yield from _configuration_lines(outlook.announced)
    yield from (f"[!] {warning}; leave before it holds" for warning in outlook.warnings)


def _configuration_lines(announced: Configuration) -> Iterator[str]:
    for place, tier in enumerate(announced.tiers):
        yield f"tier {place}         maker {tier.maker_ppm} ppm, taker {tier.taker_ppm} ppm"
    yield f"oracle age     {announced.oracle_max_age_seconds} seconds"
    yield (
        f"fund           below {in_dollars(announced.insurance_floor)} dollars, markets take only orders that"
        " reduce"
    )
    for place, (x, y) in enumerate(announced.oracle_keys):
        yield f"oracle key {place}   {x:#066x}, {y:#066x}"
    for slot, (market, schedule) in enumerate(zip(announced.markets, announced.schedules, strict=True)):
        yield (
            f"market {slot}       margin {market.initial_ppm} ppm, maintenance {market.maintenance_ppm} ppm,"
            f" band {market.band_ppm} ppm"
        )
        yield from _schedule_lines(schedule)
        yield (
            f"               orders from {market.min_size} lots, positions to {market.max_position} lots,"
            f" {market.quote_per_tick_lot} quote units a tick and lot"
        )
        yield f"               a move of {market.max_move_ppm} ppm halts it for {market.halt_seconds} seconds"
        yield "               after a charged shortfall it takes only orders that reduce for as long"
        yield f"               a liquidation through the book costs {market.liquidation_fee_ppm} ppm"
        yield (
            f"               interest {market.interest_ppm} ppm every 8 hours: what longs pay shorts"
            " if orders trade at the mark"
        )


def _schedule_lines(schedule: MarginSchedule) -> Iterator[str]:
    yield (
        f"               both follow {schedule.volatility_factor} times the volatility:"
        f" at most {schedule.addon_max_ppm} ppm more,"
        f" {schedule.addon_step_ppm} ppm in {c.SAMPLE_SECONDS} seconds"
    )
    yield (
        f"               margin goes to 100 % as open interest goes from {schedule.open_interest_lower}"
        f" to {schedule.open_interest_upper} dollars"
    )
    yield (
        f"               margin grows by {schedule.tier_ppm} ppm for each {_TIER_DOLLARS} dollars a tick that"
        f" a position gains or loses, and by {schedule.congestion_ppm} ppm while batches are late"
    )
    yield (
        "               it settles if the insurance fund could not unwind for"
        f" {schedule.settle_seconds} seconds"
    )


def _json(outlook: _Outlook) -> dict[str, Any]:
    told = {**to_builtins(outlook), "configuration_hash": f"{outlook.configuration_hash:#066x}"}
    if outlook.pending:
        told["pending"]["configuration_hash"] = f"{outlook.pending.configuration_hash:#066x}"
    if outlook.announced:
        keys = [[f"{coordinate:#066x}" for coordinate in key] for key in outlook.announced.oracle_keys]
        told["announced"]["oracle_keys"] = keys
    return told
