"""`proofbook ledger`: what a ledger on disk holds."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from sequencer.model.account import Account
from sequencer.state.ledger import Ledger
from sequencer.store.ledger_store import LedgerStore


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


def _figures(loaded: Ledger) -> dict[str, Any]:
    return {
        "counters": {**asdict(loaded.counters), "log_head": _hexadecimal(loaded.counters.log_head)},
        "roots": {name: _hexadecimal(root) for name, root in asdict(loaded.roots()).items()},
        "resting_orders": sum(len(page.orders) for page in loaded.layout.values()),
        "accounts": [_account(number, account) for number, account in sorted(loaded.accounts.items())],
    }


def _account(number: int, account: Account) -> dict[str, Any]:
    return {
        "account": number,
        "owner": f"{account.owner:#042x}",
        "collateral": account.collateral,
        "positions": list(account.positions),
        "nonce": account.nonce,
        "key_epoch": account.key_epoch,
        "orders": account.orders,
    }


def _text(figures: dict[str, Any]) -> str:
    lines = [f"{name:<18} {value}" for name, value in figures["counters"].items()]
    lines += [f"{name + ' root':<18} {root}" for name, root in figures["roots"].items()]
    lines.append(f"{'resting orders':<18} {figures['resting_orders']}")
    lines.append("")
    lines.append(f"{'account':>7}  {'owner':<42}  {'collateral':>16}  {'orders':>6}  positions")
    lines += [
        f"{account['account']:>7}  {account['owner']:<42}  {account['collateral']:>16}"
        f"  {account['orders']:>6}  {', '.join(map(str, account['positions']))}"
        for account in figures["accounts"]
    ]
    return "\n".join(lines)


def _hexadecimal(root: int) -> str:
    return f"{root:#066x}"
