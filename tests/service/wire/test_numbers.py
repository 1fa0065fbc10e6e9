"""Numbers on the wire: what is written is what is meant, to the last digit, or it is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequencer.model import constants as c
from sequencer.service.wire.errors import (
    MalformedNumberError,
    NumberRangeError,
    OffLotError,
    OffTickError,
    UnknownMarketError,
)
from sequencer.service.wire.numbers import (
    FIELD_DIGITS_MAX,
    Grid,
    Markets,
    Units,
    field_element,
    quote_text,
    quote_units,
)

STEPS = st.sampled_from([Decimal(text) for text in ("0.01", "0.0001", "0.25", "5", "10", "1E+2", "0.003")])
BITCOIN = Units.of("BTC-USD", 0, Decimal("0.01"), Decimal("0.0001"))


@given(STEPS, st.integers(-(1 << 63), 1 << 63))
def test_text_is_the_exact_product_and_leads_back(step: Decimal, count: int) -> None:
    text = Grid(step).text(count)
    assert Decimal(text) == step * count
    assert "E" not in text
    if count >= 0:
        assert Grid(step).count(text) == count


@given(STEPS, st.decimals(0, 10**12, places=8, allow_nan=False))
def test_what_lies_between_two_multiples_is_none_of_them(step: Decimal, value: Decimal) -> None:
    count = Grid(step).count(f"{value:f}")
    assert count == (value // step if value % step == 0 else None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "1\n",
        "+1",
        "-1",
        "01",
        "1.",
        ".5",
        "1e3",
        "0x1",
        "1_000",
        "1,0",
        "NaN",
        "\u0661",
        "9" * 49,
    ],
)
def test_what_is_no_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(MalformedNumberError):
        BITCOIN.ticks(text)


def test_prices_and_sizes_have_the_ranges_that_can_be_signed() -> None:
    assert BITCOIN.ticks(BITCOIN.price((1 << 32) - 1)) == (1 << 32) - 1
    assert BITCOIN.lots(BITCOIN.size((1 << 48) - 1)) == (1 << 48) - 1
    with pytest.raises(NumberRangeError):
        BITCOIN.ticks(BITCOIN.price(1 << 32))
    with pytest.raises(NumberRangeError):
        BITCOIN.lots(BITCOIN.size(1 << 48))
    with pytest.raises(OffTickError):
        BITCOIN.ticks("0.005")
    with pytest.raises(OffLotError):
        BITCOIN.lots("0.00005")


def test_money_has_six_decimals() -> None:
    assert quote_text(250_127_730_534) == "250127.730534"
    assert quote_text(-1) == "-0.000001"
    assert quote_units("250127.730534") == 250_127_730_534
    for text in ("0.0000001", quote_text(c.COLLATERAL_BOUND)):
        with pytest.raises(NumberRangeError):
            quote_units(text)


def test_a_field_element_has_one_text() -> None:
    assert field_element("0") == 0
    assert field_element(str(c.FIELD_MODULUS - 1)) == c.FIELD_MODULUS - 1
    with pytest.raises(NumberRangeError):
        field_element(str(c.FIELD_MODULUS))
    for text in ("", "00", "01", "-1", "1\n", "\u0661", "1" * (FIELD_DIGITS_MAX + 1)):
        with pytest.raises(MalformedNumberError):
            field_element(text)


def test_a_lot_moves_by_what_the_grids_say() -> None:
    assert BITCOIN.quote_per_tick_lot == 1


def test_markets_are_known_by_symbol_and_by_slot() -> None:
    markets = Markets([Units.of("ETH-USD", 1, Decimal("0.01"), Decimal("0.001")), BITCOIN])
    assert [units.symbol for units in markets] == ["BTC-USD", "ETH-USD"]
    assert markets.named("ETH-USD") is markets.of_slot(1)
    with pytest.raises(UnknownMarketError):
        markets.named("btc-usd")
