"""Whatever the ledger holds, its bytes give it back, and other bytes give nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.market import Market, MarketParameters
from sequencer.model.message import SignedMessage
from sequencer.model.order import Order
from sequencer.model.premium import Premium
from sequencer.model.request import Request
from sequencer.model.venue import Venue
from sequencer.state.ledger import Counters
from sequencer.state.pages import Page
from sequencer.state.record import BatchRecord
from sequencer.store import state_codec as codec
from sequencer.store.life import BatchLife, BatchState, Inclusion, SignedTransaction
from sequencer.store.life_codec import decode_life, encode_life
from sequencer.store.record_codec import decode_record, encode_record
from tests import strategies
from tests.records.generated import messages

fields = st.integers(0, c.FIELD_MODULUS - 1)


def bits(width: int) -> st.SearchStrategy[int]:
    return st.integers(0, (1 << width) - 1)


def signed(width: int) -> st.SearchStrategy[int]:
    return st.integers(-(1 << width) + 1, (1 << width) - 1)


indices = st.integers(-(1 << c.INDEX_BITS), (1 << c.INDEX_BITS) - 1)
accounts = st.builds(
    Account,
    owner=bits(c.OWNER_BITS),
    collateral=st.integers(-c.COLLATERAL_BOUND, c.COLLATERAL_BOUND),
    positions=st.tuples(*[signed(c.SIZE_BITS)] * c.MARKETS),
    indices=st.tuples(*[indices] * c.MARKETS),
    key=st.tuples(fields, fields),
    key_epoch=bits(c.KEY_EPOCH_BITS),
    nonce=bits(c.NONCE_BITS),
    tier=bits(c.TIER_BITS),
    dead_below=bits(c.SEQUENCE_BITS),
    orders=bits(c.ORDERS_BITS),
    open_notional=bits(61),
)
parameters = st.builds(
    MarketParameters,
    quote_per_tick_lot=bits(c.PPM_BITS),
    initial_ppm=bits(c.PPM_BITS),
    maintenance_ppm=bits(c.PPM_BITS),
    band_ppm=bits(c.PPM_BITS),
    min_size=bits(c.SIZE_BITS),
    max_position=bits(c.SIZE_BITS),
    max_move_ppm=bits(c.PPM_BITS),
    halt_seconds=bits(c.HALT_BITS),
    liquidation_fee_ppm=bits(c.PPM_BITS),
    interest_ppm=bits(c.INTEREST_BITS),
)
markets = st.builds(
    Market,
    kind=bits(c.KIND_BITS),
    status=bits(c.STATUS_BITS),
    mark=bits(c.PRICE_BITS),
    oracle_time=bits(c.TIME_BITS),
    bid_orders=bits(c.ORDERS_BITS),
    ask_orders=bits(c.ORDERS_BITS),
    long_index=indices,
    short_index=indices,
    open_interest=bits(c.SIZE_BITS),
    parameters=parameters,
    halted_until=bits(c.TIME_BITS),
    reduced_until=bits(c.TIME_BITS),
    sampled_mark=bits(c.PRICE_BITS),
    volatility_ppm=bits(c.PPM_BITS),
    volatility_addon_ppm=bits(c.PPM_BITS),
    open_interest_addon_ppm=bits(c.PPM_BITS),
    congestion_addon_ppm=bits(c.PPM_BITS),
    tier_ppm=bits(c.PPM_BITS),
    fund_since=bits(c.TIME_BITS),
)
venues = st.builds(
    Venue,
    congested_until=bits(c.TIME_BITS),
    restricted_markets=bits(c.MARKETS),
    restricted_until=bits(c.TIME_BITS),
    uninsured=st.booleans(),
)
premiums = st.builds(Premium, excess=signed(81), weight=bits(80), rate_ppm=signed(c.PPM_BITS))
counters = st.builds(
    Counters,
    batch_number=bits(40),
    timestamp=bits(c.TIME_BITS),
    fee_pool=bits(62),
    funding_pool=signed(84),
    requests_consumed=bits(40),
    next_sequence=bits(c.SEQUENCE_BITS),
    log_head=fields,
    configuration_hash=fields,
    premiums=st.tuples(*[premiums] * c.MARKETS),
    period=bits(c.TIME_BITS),
    venue=venues,
)


@st.composite
def pages(draw: st.DrawFn) -> Page:
    market, side = draw(bits(2)), draw(bits(1))
    orders = st.builds(
        Order,
        market=st.just(market),
        side=st.just(side),
        price=bits(c.PRICE_BITS),
        sequence=bits(c.SEQUENCE_BITS),
        account=bits(c.ACCOUNT_BITS),
        remaining=bits(c.SIZE_BITS),
        expiry=bits(c.TIME_BITS),
        max_fee_ppm=bits(c.PPM_BITS),
        reduce_only=st.booleans(),
    )
    low, high = draw(st.integers(0, c.REACH_END)), draw(st.integers(0, c.REACH_END))
    return Page(market, side, low, high, tuple(draw(st.lists(orders, max_size=c.PAGE_ORDERS))))


requests = st.builds(
    Request,
    kind=bits(c.KIND_BITS),
    account=bits(c.ACCOUNT_BITS),
    owner=bits(c.OWNER_BITS),
    amount=bits(c.AMOUNT_BITS),
    data=st.tuples(fields, fields),
)
records = st.builds(
    BatchRecord,
    number=bits(40),
    size=st.sampled_from(["small", "reference"]),
    state_root=fields,
    inputs=st.dictionaries(
        st.text(max_size=5), fields | st.lists(st.lists(fields, max_size=2), max_size=2), max_size=3
    ),
    contract_words=st.lists(fields, max_size=3).map(tuple),
    log_leaves=st.lists(fields, max_size=3).map(tuple),
    requests=st.lists(requests, max_size=3).map(tuple),
    messages=st.lists(st.builds(SignedMessage, messages, st.tuples(fields, fields, fields)), max_size=3).map(
        tuple
    ),
)
hashes = st.binary(min_size=32, max_size=32)
sent = st.builds(
    SignedTransaction,
    raw=st.binary(max_size=9),
    hash=hashes,
    nonce=bits(40),
    max_fee=bits(80),
    priority_fee=bits(80),
    height=bits(40),
    cancels=st.booleans(),
)
lives = st.builds(
    BatchLife,
    number=bits(40),
    state=st.sampled_from(BatchState),
    proof=st.just(()) | st.tuples(*[fields] * 8),
    sent=st.lists(sent, max_size=3).map(tuple),
    inclusion=st.none() | st.builds(Inclusion, hashes, hashes, bits(40), bits(30)),
)


@given(accounts)
def test_accounts(account: Account) -> None:
    assert codec.decode_account(codec.encode_account(account)) == account


@given(markets)
def test_markets(market: Market) -> None:
    assert codec.decode_market(codec.encode_market(market)) == market


@given(pages())
def test_pages(page: Page) -> None:
    assert codec.decode_page(codec.encode_page(page)) == page


@given(counters, fields)
def test_counters(values: Counters, root: int) -> None:
    assert codec.decode_counters(codec.encode_counters(values, root)) == (values, root)


@given(records)
def test_records(record: BatchRecord) -> None:
    assert decode_record(encode_record(record)) == record


@given(lives)
def test_lives(life: BatchLife) -> None:
    assert decode_life(encode_life(life)) == life


def test_the_deployment() -> None:
    data = codec.encode_deployment(strategies.configuration(), strategies.DOMAIN)
    assert codec.decode_deployment(data) == (strategies.configuration(), strategies.DOMAIN)


@pytest.mark.parametrize(
    ("data", "decode"),
    [
        (codec.encode_account(Account()), codec.decode_account),
        (codec.encode_market(Market()), codec.decode_market),
        (codec.encode_page(Page(0, 0)), codec.decode_page),
        (codec.encode_counters(Counters(configuration_hash=1), 0), codec.decode_counters),
        (codec.encode_deployment(strategies.configuration(), 1), codec.decode_deployment),
    ],
    ids=["account", "market", "page", "counters", "deployment"],
)
def test_bytes_of_another_length_are_refused(data: bytes, decode: Callable[[bytes], Any]) -> None:
    for wrong in (data[:-1], data + b"\0", b""):
        with pytest.raises(ValueError, match="bytes"):
            decode(wrong)
