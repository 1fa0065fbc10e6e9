"""`proofbook ledger`: what a ledger on disk holds."""

import json
from pathlib import Path
from typing import Any

import click
from msgspec.structs import asdict

from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketStatus
from sequencer.model.market import Market
from sequencer.model.premium import Premium
from sequencer.model.venue import Venue
from sequencer.state.ledger import Ledger
from sequencer.store.ledger_store import LedgerStore
from sequencer.store.life import BatchLife
from sequencer.store.returned import Refusal


@click.group()
def ledger() -> None:
    """Look into a ledger on disk."""


@ledger.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print an object for programs.")
def show(path: Path, as_json: bool) -> None:
    """Show a ledger's last batch, its roots and its accounts; every hash is checked on the way."""
    with LedgerStore.open(path) as store:
        figures = _figures(store.load())
    click.echo(json.dumps(figures, indent=2) if as_json else _text(figures))


@ledger.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print an object for programs.")
def batches(path: Path, as_json: bool) -> None:
    """List how far each batch has come on its way to L1, with its transaction and block."""
    with LedgerStore.open(path) as store:
        lives = [_life(life) for life in store.outbox.lives()]
        refused = [_refusal(refusal) for refusal in store.returned.refused()]
        listed = {"batches": lives, "returned": len(store.returned.waiting()), "refused": refused}
    click.echo(json.dumps(listed, indent=2) if as_json else _lives_text(listed))


def _life(life: BatchLife) -> dict[str, Any]:
    mined = life.inclusion
    last = mined.transaction_hash if mined else life.sent[-1].hash if life.sent else None
    return {
        "batch": life.number,
        "state": life.state.name.lower(),
        "transactions": len(life.sent),
        "transaction": f"0x{last.hex()}" if last else None,
        "block": mined.block_number if mined else None,
        "gas": mined.gas_used if mined else None,
    }


def _refusal(refusal: Refusal) -> dict[str, Any]:
    message = refusal.signed.message
    return {"account": message.account, "nonce": message.nonce, "cause": refusal.code}


def _lives_text(listed: dict[str, Any]) -> str:
    lines = [f"{'batch':>7}  {'state':<9}  {'transaction':<66}  {'block':>9}  {'gas':>9}"]
    lines += [
        f"{life['batch']:>7}  {life['state']:<9}  {life['transaction'] or '-':<66}"
        f"  {_or_dash(life['block']):>9}  {_or_dash(life['gas']):>9}"
        for life in listed["batches"]
    ]
    if listed["returned"]:
        lines.append(f"{listed['returned']} messages of undone batches wait to be sequenced again")
    lines += [
        f"refused after a batch was undone: account {refusal['account']}, nonce {refusal['nonce']}:"
        f" {refusal['cause']}"
        for refusal in listed["refused"]
    ]
    return "\n".join(lines)


def _or_dash(number: int | None) -> str:
    return "-" if number is None else str(number)


def _figures(loaded: Ledger) -> dict[str, Any]:
    counters = asdict(loaded.counters)
    del counters["premiums"], counters["venue"]
    return {
        "counters": counters | {"log_head": _hexadecimal(loaded.counters.log_head)},
        "roots": {name: _hexadecimal(root) for name, root in asdict(loaded.roots()).items()},
        "venue": _venue(loaded.counters.venue, loaded.configuration.insurance_floor),
        "resting_orders": sum(len(page.orders) for page in loaded.layout.values()),
        "markets": [
            _market(slot, market, premium)
            for slot, (market, premium) in enumerate(
                zip(loaded.markets, loaded.counters.premiums, strict=True)
            )
            if market.exists
        ],
        "accounts": [_account(number, account) for number, account in sorted(loaded.accounts.items())],
    }


def _venue(venue: Venue, insurance_floor: int) -> dict[str, Any]:
    markets = [slot for slot in range(c.MARKETS) if venue.restricted_markets >> slot & 1]
    return asdict(venue) | {"restricted_markets": markets, "insurance_floor": insurance_floor}


def _market(slot: int, market: Market, premium: Premium) -> dict[str, Any]:
    return {
        "market": slot,
        "status": MarketStatus(market.status).name.lower(),
        "mark": market.mark,
        "open_interest": market.open_interest,
        "initial_ppm": market.initial_ppm,
        "maintenance_ppm": market.maintenance_ppm,
        "volatility_ppm": market.volatility_ppm,
        "volatility_addon_ppm": market.volatility_addon_ppm,
        "open_interest_addon_ppm": market.open_interest_addon_ppm,
        "congestion_addon_ppm": market.congestion_addon_ppm,
        "tier_ppm": market.tier_ppm,
        "settled": market.is_settled,
        "fund_since": market.fund_since,
        "halted_until": market.halted_until,
        "reduced_until": market.reduced_until,
        "long_index": market.long_index,
        "short_index": market.short_index,
        **asdict(premium),
    }


def _account(number: int, account: Account) -> dict[str, Any]:
    return {
        "account": number,
        "owner": f"{account.owner:#042x}",
        "collateral": account.collateral,
        "positions": list(account.positions),
        "indices": list(account.indices),
        "nonce": account.nonce,
        "key_epoch": account.key_epoch,
        "orders": account.orders,
    }


def _text(figures: dict[str, Any]) -> str:
    lines = [f"{name:<18} {value}" for name, value in figures["counters"].items()]
    lines += [f"{name + ' root':<18} {root}" for name, root in figures["roots"].items()]
    lines.append(f"{'resting orders':<18} {figures['resting_orders']}")
    lines += _venue_lines(figures["venue"])
    lines.append("")
    lines.append(
        f"{'market':>7}  {'status':<11}  {'mark':>10}  {'open interest':>13}  {'rate':>11}"
        f"  {'margin':>11}  {'maintenance':>11}  {'volatility':>11}  {'congestion':>11}  {'tier':>11}"
        f"  {'fund since':>10}"
    )
    lines += [
        f"{market['market']:>7}  {market['status']:<11}  {market['mark']:>10}  {market['open_interest']:>13}"
        f"  {market['rate_ppm']:>7} ppm  {market['initial_ppm']:>7} ppm"
        f"  {market['maintenance_ppm']:>7} ppm  {market['volatility_ppm']:>7} ppm"
        f"  {market['congestion_addon_ppm']:>7} ppm  {market['tier_ppm']:>7} ppm"
        f"  {'settled' if market['settled'] else market['fund_since'] or '-':>10}"
        for market in figures["markets"]
    ]
    lines.append("")
    lines.append(f"{'account':>7}  {'owner':<42}  {'collateral':>16}  {'orders':>6}  positions")
    lines += [
        f"{account['account']:>7}  {account['owner']:<42}  {account['collateral']:>16}"
        f"  {account['orders']:>6}  {', '.join(map(str, account['positions']))}"
        for account in figures["accounts"]
    ]
    return "\n".join(lines)


def _venue_lines(venue: dict[str, Any]) -> list[str]:
    markets = ", ".join(map(str, venue["restricted_markets"])) or "none"
    fund = "below its floor" if venue["uninsured"] else "at its floor"
    return [
        f"{'congested until':<18} {venue['congested_until']}",
        f"{'restricted markets':<18} {markets}",
        f"{'restricted until':<18} {venue['restricted_until']}",
        f"{'insurance fund':<18} {fund} of {venue['insurance_floor']}",
    ]


def _hexadecimal(root: int) -> str:
    return f"{root:#066x}"
