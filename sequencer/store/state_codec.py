"""Accounts, markets, pages, counters and the deployment as bytes."""

from typing import Final

from sequencer.crypto import poseidon
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.config import CONFIGURATION_WORDS, Configuration
from sequencer.model.market import Market, MarketParameters
from sequencer.model.order import Order
from sequencer.model.premium import Premium
from sequencer.model.venue import Venue
from sequencer.state.ledger import Counters
from sequencer.state.pages import Page
from sequencer.store.bytestream import ByteReader, ByteWriter

_FENCE_BYTES: Final = 10
_AMOUNT_BYTES: Final = 8
_TIME_BYTES: Final = 5
_SEQUENCE_BYTES: Final = 5
_COUNTER_BYTES: Final = 8
_INDEX_BYTES: Final = 15
_FUNDING_POOL_BYTES: Final = 16
_EXCESS_BYTES: Final = 11
_WEIGHT_BYTES: Final = 10
_RATE_BYTES: Final = 3
_VENUE_BYTES: Final = 11

# Field and width in bytes, in the order in which they are written.
_ACCOUNT: Final = (
    ("key_epoch", 2),
    ("nonce", 6),
    ("tier", 1),
    ("dead_below", _SEQUENCE_BYTES),
    ("orders", 2),
    ("open_notional", _AMOUNT_BYTES),
)
_MARKET: Final = (
    ("kind", 1),
    ("status", 1),
    ("mark", 4),
    ("oracle_time", _TIME_BYTES),
    ("bid_orders", 2),
    ("ask_orders", 2),
    ("open_interest", 6),
    ("halted_until", _TIME_BYTES),
    ("reduced_until", _TIME_BYTES),
    ("sampled_mark", 4),
    ("volatility_ppm", 3),
    ("volatility_addon_ppm", 3),
    ("open_interest_addon_ppm", 3),
    ("congestion_addon_ppm", 3),
    ("tier_ppm", 3),
    ("fund_since", _TIME_BYTES),
)
_PARAMETERS: Final = (
    ("quote_per_tick_lot", 3),
    ("initial_ppm", 3),
    ("maintenance_ppm", 3),
    ("band_ppm", 3),
    ("min_size", 6),
    ("max_position", 6),
    ("max_move_ppm", 3),
    ("halt_seconds", 3),
    ("liquidation_fee_ppm", 3),
    ("interest_ppm", 2),
)
_COUNTERS: Final = (
    ("batch_number", _COUNTER_BYTES),
    ("timestamp", _TIME_BYTES),
    ("fee_pool", _AMOUNT_BYTES),
    ("requests_consumed", _COUNTER_BYTES),
    ("next_sequence", _SEQUENCE_BYTES),
    ("log_head", 32),
    ("configuration_hash", 32),
    ("period", _TIME_BYTES),
)

Fields = tuple[tuple[str, int], ...]


def write_fields(writer: ByteWriter, value: object, fields: Fields) -> None:
    """Append the named unsigned fields of an object."""
    for name, width in fields:
        writer.unsigned(getattr(value, name), width)


def read_fields(reader: ByteReader, fields: Fields) -> dict[str, int]:
    """Read what `write_fields` wrote."""
    return {name: reader.unsigned(width) for name, width in fields}


def encode_account(account: Account) -> bytes:
    """Return an account as bytes."""
    writer = ByteWriter()
    writer.unsigned(account.owner, 20)
    writer.signed(account.collateral, _AMOUNT_BYTES)
    for size in account.positions:
        writer.signed(size, _AMOUNT_BYTES)
    for index in account.indices:
        writer.signed(index, _INDEX_BYTES)
    for coordinate in account.key:
        writer.word(coordinate)
    write_fields(writer, account, _ACCOUNT)
    return writer.bytes()


def decode_account(data: bytes) -> Account:
    """Return the account of its bytes; ValueError if they are not one."""
    reader = ByteReader(data)
    account = Account(
        owner=reader.unsigned(20),
        collateral=reader.signed(_AMOUNT_BYTES),
        positions=tuple(reader.signed(_AMOUNT_BYTES) for _ in range(c.MARKETS)),
        indices=tuple(reader.signed(_INDEX_BYTES) for _ in range(c.MARKETS)),
        key=(reader.word(), reader.word()),
        **read_fields(reader, _ACCOUNT),
    )
    reader.end()
    return account


def encode_market(market: Market) -> bytes:
    """Return a market as bytes."""
    writer = ByteWriter()
    write_fields(writer, market, _MARKET)
    for index in (market.long_index, market.short_index):
        writer.signed(index, _INDEX_BYTES)
    write_fields(writer, market.parameters, _PARAMETERS)
    return writer.bytes()


def decode_market(data: bytes) -> Market:
    """Return the market of its bytes; ValueError if they are not one."""
    reader = ByteReader(data)
    market = Market(
        **read_fields(reader, _MARKET),
        long_index=reader.signed(_INDEX_BYTES),
        short_index=reader.signed(_INDEX_BYTES),
        parameters=MarketParameters(**read_fields(reader, _PARAMETERS)),
    )
    reader.end()
    return market


def encode_page(page: Page) -> bytes:
    """Return a page as bytes."""
    writer = ByteWriter()
    writer.unsigned(page.market, 1)
    writer.unsigned(page.side, 1)
    writer.unsigned(page.low, _FENCE_BYTES)
    writer.unsigned(page.high, _FENCE_BYTES)
    writer.words(order.word() for order in page.orders)
    return writer.bytes()


def decode_page(data: bytes) -> Page:
    """Return the page of its bytes; ValueError if they are not one."""
    reader = ByteReader(data)
    market, side = reader.unsigned(1), reader.unsigned(1)
    low, high = reader.unsigned(_FENCE_BYTES), reader.unsigned(_FENCE_BYTES)
    orders = tuple(Order.from_word(market, side, word) for word in reader.words())
    reader.end()
    return Page(market, side, low, high, orders)


def encode_counters(counters: Counters, state_root: int) -> bytes:
    """Return the counters, and the state root that belongs to them, as bytes."""
    writer = ByteWriter()
    write_fields(writer, counters, _COUNTERS)
    writer.signed(counters.funding_pool, _FUNDING_POOL_BYTES)
    for premium in counters.premiums:
        _write_premium(writer, premium)
    writer.unsigned(counters.venue.word(), _VENUE_BYTES)
    writer.word(state_root)
    return writer.bytes()


def decode_counters(data: bytes) -> tuple[Counters, int]:
    """Return counters and state root of their bytes; ValueError if they are not that."""
    reader = ByteReader(data)
    counters = Counters(
        **read_fields(reader, _COUNTERS),
        funding_pool=reader.signed(_FUNDING_POOL_BYTES),
        premiums=tuple(_read_premium(reader) for _ in range(c.MARKETS)),
        venue=Venue.from_word(reader.unsigned(_VENUE_BYTES)),
    )
    state_root = reader.word()
    reader.end()
    return counters, state_root


def encode_deployment(configuration: Configuration, domain: int) -> bytes:
    """Return configuration and domain as bytes; a digest ends them, for no state root covers them."""
    writer = ByteWriter()
    writer.word(domain)
    for word in configuration.words():
        writer.word(word)
    writer.word(_deployment_digest(configuration, domain))
    return writer.bytes()


def decode_deployment(data: bytes) -> tuple[Configuration, int]:
    """Return configuration and domain of their bytes; ValueError if they are not that."""
    reader = ByteReader(data)
    domain = reader.word()
    configuration = Configuration.from_words([reader.word() for _ in range(CONFIGURATION_WORDS)])
    digest = reader.word()
    reader.end()
    if digest != _deployment_digest(configuration, domain):
        raise ValueError("the deployment does not have its digest")
    return configuration, domain


def _write_premium(writer: ByteWriter, premium: Premium) -> None:
    writer.signed(premium.excess, _EXCESS_BYTES)
    writer.unsigned(premium.weight, _WEIGHT_BYTES)
    writer.signed(premium.rate_ppm, _RATE_BYTES)


def _read_premium(reader: ByteReader) -> Premium:
    return Premium(
        excess=reader.signed(_EXCESS_BYTES),
        weight=reader.unsigned(_WEIGHT_BYTES),
        rate_ppm=reader.signed(_RATE_BYTES),
    )


def _deployment_digest(configuration: Configuration, domain: int) -> int:
    return poseidon((domain, configuration.hash()))
