"""Packing is injective: a word gives its fields back, and a field that does not fit is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from sequencer.crypto import poseidon
from sequencer.model import constants as c
from sequencer.model.account import Account, from_position_word, position_word
from sequencer.model.codes import RequestKind, Side
from sequencer.model.market import Market, MarketParameters
from sequencer.model.message import Message
from sequencer.model.oracle import OracleReport
from sequencer.model.order import Order, book_key, rank_of
from sequencer.model.request import Outcome, Request
from sequencer.model.venue import Venue
from sequencer.model.words import from_field, pack, to_field, unpack

SIZES = st.integers(1 - (1 << c.SIZE_BITS), (1 << c.SIZE_BITS) - 1)
INDICES = st.integers(-(1 << c.INDEX_BITS), (1 << c.INDEX_BITS) - 1)


def bits(width: int) -> st.SearchStrategy[int]:
    return st.integers(0, (1 << width) - 1)


orders = st.builds(
    Order,
    market=st.integers(0, 3),
    side=st.integers(0, 1),
    price=bits(32),
    sequence=bits(40),
    account=bits(20),
    remaining=bits(48),
    expiry=bits(40),
    max_fee_ppm=bits(20),
    reduce_only=st.booleans(),
)
requests = st.builds(
    Request,
    kind=st.sampled_from(RequestKind),
    account=bits(20),
    owner=bits(160),
    amount=bits(64),
    data=st.tuples(st.integers(0, c.FIELD_MODULUS - 1), st.integers(0, c.FIELD_MODULUS - 1)),
)


@given(order=orders)
def test_a_page_word_gives_its_order_back(order: Order) -> None:
    assert order.word() < 1 << c.ORDER_WORD_BITS
    assert Order.from_word(order.market, order.side, order.word()) == order


@given(request=requests)
def test_queue_words_give_their_request_back(request: Request) -> None:
    assert Request.from_words(*request.words()) == request


@given(first=bits(158), second=bits(120))
def test_message_words_give_their_message_back(first: int, second: int) -> None:
    assert Message.from_words(first, second).words() == (first, second)


@given(status=st.integers(0, 1), paid=bits(64))
def test_an_outcome_word_holds_status_and_payment(status: int, paid: int) -> None:
    word = Outcome(status, paid).word()
    assert (unpack(word, 0, 4), unpack(word, c.OUTCOME_PAID_AT, 64)) == (status, paid)


@pytest.mark.parametrize("part", [(-1, 0, 4), (16, 0, 4)])
def test_what_does_not_fit_is_not_packed(part: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="does not fit 4 bits"):
        pack((part,))


@given(value=st.integers(-(1 << 64), 1 << 64))
def test_signed_integers_come_back_from_the_field(value: int) -> None:
    assert 0 <= to_field(value) < c.FIELD_MODULUS
    assert from_field(to_field(value)) == value


@given(size=SIZES, index=INDICES)
def test_a_position_word_gives_size_and_index_back(size: int, index: int) -> None:
    assert position_word(size, index) == to_field(size + (index << 64))
    assert from_position_word(position_word(size, index)) == (size, index)


@pytest.mark.parametrize("size", [-1, 0, 1, (1 << c.SIZE_BITS) - 1, 1 - (1 << c.SIZE_BITS)])
@pytest.mark.parametrize("index", [-(1 << c.INDEX_BITS), -1, 0, 1, (1 << c.INDEX_BITS) - 1])
def test_a_position_word_tells_signs_apart(size: int, index: int) -> None:
    assert from_position_word(position_word(size, index)) == (size, index)


def test_no_position_is_the_word_0() -> None:
    assert position_word(0, 0) == 0
    assert from_position_word(0) == (0, 0)


@given(longs=INDICES, shorts=INDICES, open_interest=bits(c.SIZE_BITS), estimate=bits(c.PPM_BITS))
def test_market_words_give_their_market_back(
    longs: int, shorts: int, open_interest: int, estimate: int
) -> None:
    market = replace(
        MARKET, long_index=longs, short_index=shorts, open_interest=open_interest, volatility_ppm=estimate
    )
    _, *indices, _, last = market.words()
    assert tuple(indices) == (to_field(longs), to_field(shorts))
    assert unpack(last, 0, c.SIZE_BITS) == open_interest
    assert unpack(last, c.RISK_VOLATILITY_AT, c.PPM_BITS) == estimate
    assert Market.from_words(market.words()) == market


@given(left=orders, right=orders)
def test_keys_order_a_side_by_price_and_then_by_age(left: Order, right: Order) -> None:
    better_first = -1 if left.side == Side.BUY else 1
    by_key = book_key(left.side, left.price, left.sequence) < book_key(left.side, right.price, right.sequence)
    by_rule = (better_first * left.price, left.sequence) < (better_first * right.price, right.sequence)
    assert by_key == by_rule


@given(price=bits(32), side=st.sampled_from(Side))
def test_a_rank_is_its_own_inverse(price: int, side: Side) -> None:
    assert rank_of(side, rank_of(side, price)) == price


MESSAGE = Message(1, 2, 3, 0, 1, 1, True, True, True, 5, 6, 7, 8, 9)
MARKET = Market(
    1, 1, 1000, 99, 3, 4, -50, 60, 77, MarketParameters(1, 2, 3, 4, 5, 6), 8, 9, 990, *range(10, 16)
)
ACCOUNT = Account(5, -7, (1, -2, 3, 0), (-50, 60, 70, 0), (11, 12), 3, 4, 1, 6, 7, 8)
REPORT = OracleReport(3, 99, (1, 2, 3, 4))


@pytest.mark.parametrize("name", [field.name for field in fields(Message)])
def test_a_message_hash_covers_every_field(name: str) -> None:
    value: Any = getattr(MESSAGE, name)
    changed = replace(MESSAGE, **{name: 1 - value if name in ("side", "market") else not value})
    assert changed.hash(1) != MESSAGE.hash(1)


def test_a_message_hash_is_for_one_domain() -> None:
    assert MESSAGE.hash(1) == poseidon((1, *MESSAGE.words())) != MESSAGE.hash(2)


def test_no_message_can_pass_for_an_oracle_report() -> None:
    widest = Message(
        (1 << 20) - 1, 65_535, (1 << 48) - 1, 3, 255, 1, True, True, True, max_fee_ppm=(1 << 20) - 1
    )
    assert widest.words()[0] < c.ORACLE_TAG
    assert REPORT.hash(1) == poseidon((1, c.ORACLE_TAG, REPORT.word()))


def test_an_oracle_word_holds_the_round_and_four_prices() -> None:
    word = REPORT.signer_word()
    assert unpack(word, 0, 40) == 99
    assert [unpack(word, 40 + 32 * slot, 32) for slot in range(c.MARKETS)] == [1, 2, 3, 4]
    assert word >> c.ORACLE_SIGNER_AT == 3


@pytest.mark.parametrize("name", [field.name for field in fields(Account)])
def test_an_account_leaf_covers_every_field(name: str) -> None:
    changed: dict[str, Any] = {"positions": (1, -2, 4, 0), "indices": (-50, 60, 71, 0), "key": (11, 13)}
    value = changed[name] if name in changed else getattr(ACCOUNT, name) + 1
    assert replace(ACCOUNT, **{name: value}).leaf() != ACCOUNT.leaf()


def test_an_account_that_does_not_exist_has_an_empty_leaf() -> None:
    assert replace(ACCOUNT, owner=0).leaf() == 0


MARKET_FIELDS = [field.name for field in fields(Market) if field.name != "parameters"]


@pytest.mark.parametrize("name", MARKET_FIELDS)
def test_a_market_leaf_covers_every_field(name: str) -> None:
    assert replace(MARKET, **{name: getattr(MARKET, name) + 1}).leaf() != MARKET.leaf()


@pytest.mark.parametrize("name", [field.name for field in fields(MarketParameters)])
def test_a_market_leaf_covers_every_parameter(name: str) -> None:
    parameters = replace(MARKET.parameters, **{name: getattr(MARKET.parameters, name) + 1})
    assert replace(MARKET, parameters=parameters).leaf() != MARKET.leaf()


def test_the_risk_word_is_that_of_the_specification() -> None:
    addons = (10 << 80) + (11 << 100) + (12 << 120) + (13 << 140)
    assert MARKET.risk_word() == 77 + (990 << 48) + addons + (14 << 160) + (15 << 180)


def test_a_slot_without_a_market_has_an_empty_leaf() -> None:
    assert Market().leaf() == 0
    assert Market.from_words(Market().words()) == Market()
    assert Market.from_words(MARKET.words()) == MARKET


@pytest.mark.parametrize(
    "word",
    [
        lambda: replace(MESSAGE, price=1 << 32).words(),
        lambda: replace(ACCOUNT, orders=1 << 16).trading_word(),
        lambda: replace(MARKET, mark=1 << 32).price_word(),
        lambda: replace(MARKET, open_interest=1 << 48).risk_word(),
        lambda: replace(MARKET, sampled_mark=1 << 32).risk_word(),
        lambda: replace(MARKET, volatility_ppm=1 << 20).risk_word(),
        lambda: replace(MARKET, volatility_addon_ppm=1 << 20).risk_word(),
        lambda: replace(MARKET, open_interest_addon_ppm=1 << 20).risk_word(),
        lambda: replace(MARKET, congestion_addon_ppm=1 << 20).risk_word(),
        lambda: replace(MARKET, tier_ppm=1 << 20).risk_word(),
        lambda: replace(MARKET, fund_since=1 << 40).risk_word(),
        lambda: Venue(congested_until=1 << 40).word(),
        lambda: Venue(restricted_markets=16).word(),
        lambda: Venue(restricted_until=1 << 40).word(),
        lambda: replace(MARKET.parameters, halt_seconds=1 << 20).word(),
        lambda: replace(MARKET.parameters, liquidation_fee_ppm=1 << 20).word(),
        lambda: replace(MARKET.parameters, interest_ppm=1 << 14).word(),
        lambda: OracleReport(0, 1 << 40, (1, 1, 1, 1)).word(),
        lambda: Outcome(0, 1 << 64).word(),
    ],
)
def test_no_word_overflows_into_its_neighbour(word: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        word()
