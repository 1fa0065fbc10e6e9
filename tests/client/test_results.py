"""What a client reads is what the wire says, field for field; prices, sizes and money are exact decimals."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from proofbook.client import events, results
from sequencer.service.wire import account, market, orders, stream

PAIRS = [
    (results.Market, market.MarketBody),
    (results.Book, market.BookBody),
    (results.Trade, market.TradeBody),
    (results.Candle, market.CandleBody),
    (results.Ticker, market.TickerBody),
    (results.Funding, market.FundingBody),
    (results.Mark, market.MarkBody),
    (results.Position, account.PositionBody),
    (results.Account, account.AccountBody),
    (results.Transfer, account.TransferBody),
    (results.Order, orders.OrderBody),
    (results.Fill, orders.FillBody),
    (results.MessageState, orders.MessageState),
    (results.MessageResult, orders.MessageResult),
    (events.TradesPush, stream.TradesPush),
    (events.TickerPush, stream.TickerPush),
    (events.MarksPush, stream.MarksPush),
    (events.AccountPush, stream.AccountPush),
    (events.Accepted, stream.Accepted),
    (events.Refused, stream.Refused),
    (events.Resting, stream.Resting),
    (events.Filled, stream.Filled),
    (events.Cancelled, stream.Cancelled),
    (events.Expired, stream.Expired),
    (events.Rejected, stream.Rejected),
    (events.Transferred, stream.Transferred),
]


@pytest.mark.parametrize(("ours", "wire"), PAIRS, ids=lambda kind: kind.__name__)
def test_a_result_has_the_fields_of_its_body(ours: Any, wire: Any) -> None:
    assert ours.__struct_fields__ == wire.__struct_fields__
    assert ours.__struct_config__.tag == wire.__struct_config__.tag
    assert ours.__struct_defaults__ == wire.__struct_defaults__


def test_the_client_knows_every_push_and_every_event() -> None:
    assert tags(events.AnyPush) == tags(stream.AnyPush)
    assert tags(events.AccountEvent) == tags(stream.AccountEvent)


def tags(union: Any) -> set[Any]:
    return {kind.__struct_config__.tag for kind in union.__args__}


def test_money_is_read_exactly() -> None:
    prices = b'"open":"7278.62","high":"0.00000001","low":"1","close":"0.30"'
    text = b'{"start_ms":0,' + prices + b',"volume":"0.1","trades":1}'
    candle = msgspec.json.decode(text, type=results.Candle)
    assert candle.close == Decimal("0.3")
    assert (str(candle.close), f"{candle.high:f}") == ("0.30", "0.00000001")


def test_a_price_is_rounded_to_the_nearest_tick_and_a_size_down_to_lots(sample: results.Market) -> None:
    assert sample.round_price(Decimal("7000.017")) == Decimal("7000.02")
    assert sample.round_price(Decimal("7000.014")) == Decimal("7000.01")
    assert sample.round_size(Decimal("0.12349")) == Decimal("0.1234")


@pytest.fixture
def sample() -> results.Market:
    return results.Market(
        symbol="BTC-USD",
        slot=0,
        tick_size=Decimal("0.01"),
        lot_size=Decimal("0.0001"),
        min_size=Decimal("0.0010"),
        max_position=Decimal(1_000),
        mark=Decimal("7000.00"),
        oracle_time=0,
        status="open",
        halted_until=0,
        initial_margin_ppm=100_000,
        maintenance_margin_ppm=50_000,
        price_band_ppm=250_000,
        liquidation_fee_ppm=5_000,
        funding_rate_ppm=100,
        funding_seconds=28_800,
        open_interest=Decimal(0),
    )
