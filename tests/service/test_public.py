"""What everybody may read, after some trading."""

from sequencer.model.codes import Side
from tests.node.venue import DOMAIN, PRICE, RECEIPT_KEY, ROLLUP, Trader
from tests.service.exchange import Exchange

MARKET = "markets/BTC-USD"


def trade(exchange: Exchange, count: int) -> None:
    ada, bob = Trader(1), Trader(2)
    for number in range(count):
        exchange.batch(ada.order(Side.SELL, 20, PRICE + number), bob.order(Side.BUY, 20, PRICE + number))


def test_the_status_says_which_venue_it_is(exchange: Exchange) -> None:
    status = exchange.get("status")
    assert (status["chain_id"], status["rollup"], status["domain"]) == (31337, ROLLUP, str(DOMAIN))
    assert (status["receipt_signer"], status["ready"], status["causes"]) == (RECEIPT_KEY.address, True, [])
    assert (status["open_batch"], status["closed_batch"]) == (1, 0)
    assert exchange.get("time")["time_ms"] >= status["time_ms"]


def test_a_market_says_its_units_its_mark_and_its_margins(exchange: Exchange) -> None:
    trade(exchange, 3)
    body = exchange.get("markets")
    (market,) = body["markets"]
    assert (market["symbol"], market["tick_size"], market["lot_size"]) == ("BTC-USD", "0.01", "0.0001")
    assert (market["min_size"], market["status"], market["open_interest"]) == ("0.0010", "open", "0.0060")
    assert market["initial_margin_ppm"] >= 100_000 > market["maintenance_margin_ppm"] >= 50_000
    assert body["fees"][0] == {"tier": 0, "maker_ppm": -50, "taker_ppm": 400}


def test_a_book_is_shown_as_deep_as_asked_with_the_checksum_of_its_top(exchange: Exchange) -> None:
    ada = Trader(1)
    exchange.batch(*(ada.order(Side.SELL, 20, PRICE + number) for number in range(15)))
    deep, shallow = exchange.get(f"{MARKET}/book"), exchange.get(f"{MARKET}/book", depth=3)
    assert [row[0] for row in deep["asks"]] == [f"7000.{number:02}" for number in range(15)]
    assert shallow["asks"] == deep["asks"][:3]
    assert shallow["checksum"] == deep["checksum"]


def test_trades_come_in_pages_the_newest_first(exchange: Exchange) -> None:
    trade(exchange, 5)
    everything = exchange.get(f"{MARKET}/trades")
    assert everything["next"] is None
    pages, cursor = [], None
    while True:
        page = exchange.get(f"{MARKET}/trades", limit=2, **({"before": cursor} if cursor else {}))
        pages += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert pages == everything["items"]
    assert [each["price"] for each in pages] == [f"7000.0{number}" for number in (4, 3, 2, 1, 0)]


def test_candles_and_tickers_are_those_of_the_trades(exchange: Exchange) -> None:
    assert exchange.get(f"{MARKET}/ticker")["last"] is None
    trade(exchange, 5)
    for interval in ("1m", "5m", "15m", "1h", "4h", "1d"):
        (candle,) = exchange.get(f"{MARKET}/candles", interval=interval)["items"]
        assert [candle[name] for name in ("open", "high", "low", "close")] == [
            "7000.00",
            "7000.04",
            "7000.00",
            "7000.04",
        ]
        assert (candle["volume"], candle["trades"]) == ("0.0100", 5)
    ticker = exchange.get(f"{MARKET}/ticker")
    assert (ticker["last"], ticker["change"], ticker["volume"]) == ("7000.04", "0.04", "0.0100")
    assert exchange.get("tickers")["items"] == [ticker]
    assert exchange.get(f"{MARKET}/candles", end_ms=1)["items"] == []


def test_batches_are_shown_with_how_far_they_are(exchange: Exchange) -> None:
    trade(exchange, 1)
    (batch,) = exchange.get("batches")["items"]
    assert batch == exchange.get("batches/1")
    assert (batch["number"], batch["state"], batch["transaction"]) == (1, "open", None)
    (rate,) = exchange.get(f"{MARKET}/funding")["items"]
    assert (rate["market"], rate["rate_ppm"]) == ("BTC-USD", 100)


def test_an_account_is_shown_what_it_has(exchange: Exchange) -> None:
    trade(exchange, 2)
    account = exchange.get("account", exchange.token(2))
    (position,) = account["positions"]
    assert (position["market"], position["size"]) == ("BTC-USD", "0.0040")
    assert account["free_collateral"] < account["equity"]
    assert (account["nonce"], account["key_epoch"], account["taker_ppm"]) == (2, 1, 400)
    short = exchange.get("account", exchange.token(1))["positions"][0]
    assert short["size"] == "-0.0040"
    fills = exchange.get("account/fills", exchange.token(2))["items"]
    assert [fill["role"] for fill in fills] == ["taker", "taker"]
    kinds = [each["kind"] for each in exchange.get("account/transfers", exchange.token(1))["items"]]
    assert kinds == ["register_key", "deposit"]
    assert len(exchange.get("account/orders/history", exchange.token(1), limit=1)["items"]) == 1
