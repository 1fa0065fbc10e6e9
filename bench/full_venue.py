"""Data directories of a venue with as many orders, or accounts, as a node is to hold."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from bench.journal import write_entries
from bench.order_flow import SEED
from bench.venue import GENESIS_SECONDS
from bench.workload import DOMAIN
from sequencer.crypto import public_key
from sequencer.engine.commands import OpenEpoch
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import RequestKind, Side
from sequencer.model.config import Configuration
from sequencer.model.message import Message, SignedMessage
from sequencer.model.oracle import OracleReport
from sequencer.model.request import Request
from sequencer.oracle.signer import signed
from sequencer.records.directories import Directories
from sequencer.records.entries import Closed, Consumed, JournalEntry, Opened, Sequenced
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import MAX_FEE_PPM, PERPETUAL, SCHEDULE, configuration
from sequencer.snapshot.files import write_snapshot
from sequencer.state.genesis import genesis
from sequencer.state.ledger import Ledger

ORDERS_MAX: Final = c.MARKETS * len(Side) * c.SIDE_ORDERS_MAX
"""Resting orders of all markets: the rules let no more in."""

_TRADERS: Final = range(c.FIRST_ACCOUNT, c.FIRST_ACCOUNT + ORDERS_MAX // c.ACCOUNT_ORDERS_MAX)
_DEPOSIT: Final = 200_000_000_000
_PRICE_TICKS: Final = 700_000
_SIGNERS: Final = OracleSigners(SEED)


def write_accounts(data: Path, held: Mapping[int, Account]) -> None:
    """Write a venue whose snapshot has these accounts, and whose journal is empty."""
    empty = genesis(_configuration(), DOMAIN)
    everybody = {**empty.accounts, **held}
    ledger = Ledger(empty.configuration, DOMAIN, everybody, empty.markets, empty.layout, empty.counters)
    write_snapshot(Directories(data).snapshots, ledger)


def write_orders(data: Path, *, rest: bool) -> None:
    """Write a venue whose journal fills all books, or has as many orders, none of which rests."""
    state = write_entries(Directories(data), genesis(_configuration(), DOMAIN), _entries(rest=rest))
    resting = sum(len(state.book(slot, side)) for slot in range(c.MARKETS) for side in Side)
    assert resting == (ORDERS_MAX if rest else 0)


def _entries(*, rest: bool) -> Iterator[JournalEntry]:
    """One batch; who replays it verifies no signature."""
    yield Opened(1, _opening())
    yield from map(Consumed, _requests())
    for message in _messages(rest=rest):
        yield Sequenced(SignedMessage(message, (0, 0, 0)), GENESIS_SECONDS * 1_000)
    yield Closed(1)


def _messages(*, rest: bool) -> Iterator[Message]:
    for place in range(ORDERS_MAX):
        level, side = divmod(place // c.MARKETS, len(Side))
        distance = 1 + level
        yield Message(
            account=_TRADERS[place % len(_TRADERS)],
            key_epoch=1,
            nonce=1 + place,
            market=place % c.MARKETS,
            side=side,
            ioc=not rest,
            max_fee_ppm=MAX_FEE_PPM,
            price=_PRICE_TICKS - distance if side == Side.BUY else _PRICE_TICKS + distance,
            size=PERPETUAL.min_size + place,
        )


def _requests() -> Iterator[Request]:
    for account in _TRADERS:
        yield Request(RequestKind.DEPOSIT, account, owner=account + 1, amount=_DEPOSIT)
        yield Request(RequestKind.REGISTER_KEY, account, owner=account + 1, data=public_key(account + 1))


def _opening() -> OpenEpoch:
    """One price in all markets, from three signers."""
    time, prices = GENESIS_SECONDS, (_PRICE_TICKS,) * c.MARKETS
    secrets = _SIGNERS.secrets[: c.ORACLE_QUORUM]
    reports = (OracleReport(signer, time, prices) for signer in range(c.ORACLE_QUORUM))
    return OpenEpoch(time, tuple(map(signed, reports, secrets, [DOMAIN] * c.ORACLE_QUORUM)))


def _configuration() -> Configuration:
    """All slots have a market."""
    every = configuration(_SIGNERS.keys)
    return replace(every, markets=(PERPETUAL,) * c.MARKETS, schedules=(SCHEDULE,) * c.MARKETS)
