"""Streams: what a client has seen and what it is told next fit together, or it is told that they do not."""

import gc
import json
import socket
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace
from websockets.exceptions import ConnectionClosed, InvalidStatus

from sequencer.model.codes import Side
from sequencer.service.connection import Connection
from sequencer.service.server import STREAM_BYTES_MAX
from sequencer.service.settings import Rate, ServiceSettings
from tests.node.venue import PRICE, Trader
from tests.service.book import ClientBook
from tests.service.exchange import Exchange, Stream, body_of, serving
from tests.service.hostile.raw import soon

MARKET = "BTC-USD"
DEEP = ServiceSettings(drain_seconds=2, operations=Rate(1e6, 10_000), reads=Rate(1e6, 1_000_000))


def trade_at_random(exchange: Exchange, random: Random, traders: tuple[Trader, ...], count: int) -> None:
    """Orders, some of which cross, and cancels."""
    resting: list[tuple[Trader, int]] = []
    for _ in range(count):
        trader = random.choice(traders)
        if resting and random.random() < 0.3:
            owner, place = resting.pop(random.randrange(len(resting)))
            order = owner.sent[place]
            sequence = exchange.node.history.order(owner.account, order.message.nonce)
            assert sequence is not None
            exchange.send(owner.cancel(order, sequence.sequence))
            continue
        side, distance = random.choice(list(Side)), random.randint(-4, 15)
        price = PRICE - distance if side is Side.BUY else PRICE + distance
        answer = exchange.send(trader.order(side, random.randint(10, 60), price))
        if answer["order"]["status"] == "resting":
            resting.append((trader, len(trader.sent) - 1))


def test_a_book_that_follows_the_pushes_is_the_venues_at_every_step(exchange: Exchange) -> None:
    book, traders = ClientBook(), (Trader(1), Trader(2))
    trade_at_random(exchange, Random(1), traders, 20)
    with exchange.stream() as stream:
        entry = stream.subscribe("book", MARKET)["entry"]
        book.take(stream.push())
        assert book.entry == entry
        trade_at_random(exchange, Random(2), traders, 120)
        shown = exchange.get(f"markets/{MARKET}/book", depth=1_000)
        while book.entry < shown["entry"] and book.checksum() != shown["checksum"]:
            book.take(stream.push())
        bids, asks = book.levels()
        assert [list(level) for level in bids] == [row[:2] for row in shown["bids"]]
        assert [list(level) for level in asks] == [row[:2] for row in shown["asks"]]
        assert len(bids) + len(asks) > 10


def test_who_comes_back_gets_what_was_missed_and_nothing_else(exchange: Exchange) -> None:
    book, traders = ClientBook(), (Trader(1), Trader(2))
    with exchange.stream() as stream:
        stream.subscribe("book", MARKET)
        stream.subscribe("trades", MARKET)
        book.take(stream.push())
        trades_entry = stream.push()["entry"]
        seen: list[int] = []
        exchange.send(traders[0].order(Side.SELL, 50))
        exchange.send(traders[1].order(Side.BUY, 20))
        for push in stream.until(lambda push: push["channel"] == "trades"):
            if push["channel"] == "book":
                book.take(push)
            else:
                seen += [trade["trade"] for trade in push["trades"]]
                trades_entry = push["entry"]
        if book.checksum() != exchange.get(f"markets/{MARKET}/book")["checksum"]:
            book.take(stream.push())
    trade_at_random(exchange, Random(3), traders, 60)
    with exchange.stream() as stream:
        assert stream.subscribe("book", MARKET, since=book.entry)["entry"] == book.entry
        book.take(stream.push())
        assert stream.subscribe("trades", MARKET, since=trades_entry)["entry"] == trades_entry
        before = exchange.get(f"markets/{MARKET}/trades", limit=1_000)["items"]
        while len(seen) < len(before):
            push = stream.push()
            assert push["prev"] == trades_entry
            trades_entry = push["entry"]
            seen += [trade["trade"] for trade in push["trades"]]
        assert seen == [trade["trade"] for trade in reversed(before)]
        exchange.send(traders[0].order(Side.SELL, 10, PRICE + 40))
        push = stream.push()
        assert push["channel"] == "book"
        book.take(push)


def test_a_client_that_is_up_to_date_resumes_without_a_push(exchange: Exchange) -> None:
    ada = Trader(1)
    exchange.send(ada.order(Side.SELL, 50))
    with exchange.stream() as stream:
        stream.subscribe("book", MARKET)
        entry = stream.push()["entry"]
        stream.ask("unsubscribe", channel="book", market=MARKET)
        stream.subscribe("book", MARKET, since=entry)
        exchange.send(ada.order(Side.SELL, 50, PRICE + 1))
        push = stream.push()
        assert (push["prev"], push["asks"]) == (entry, [["7000.01", "0.0050"]])


def test_what_is_no_longer_kept_cannot_be_resumed(exchange: Exchange) -> None:
    with exchange.stream() as stream:
        for since in (exchange.get("status")["entry"] + 1_000, 1 << 60):
            answer = stream.ask("subscribe", channel="book", market=MARKET, since=since)
            assert answer["error"]["code"] == "resume_expired"
        stream.subscribe("book", MARKET)


def test_a_restart_does_not_break_the_count(tmp_path: Path) -> None:
    ada = Trader(1)
    with serving(tmp_path) as exchange:
        exchange.send(ada.order(Side.SELL, 50))
        with exchange.stream() as stream:
            stream.subscribe("book", MARKET)
            first = stream.push()
        directories = exchange.directories
    with serving(tmp_path, directories=directories) as exchange, exchange.stream() as stream:
        answer = stream.ask("subscribe", channel="book", market=MARKET, since=0)
        assert answer["error"]["code"] == "resume_expired"
        stream.subscribe("book", MARKET)
        again = stream.push()
        assert again["entry"] >= first["entry"]
        assert (again["asks"], again["checksum"]) == (first["asks"], first["checksum"])


def test_public_channels_tell_trades_tickers_marks_and_batches(exchange: Exchange) -> None:
    ada, bob = Trader(1), Trader(2)
    with exchange.stream() as stream:
        for channel, market in (("trades", MARKET), ("ticker", MARKET), ("marks", None), ("batches", None)):
            stream.subscribe(channel, market)
            assert stream.push()["snapshot"]
        exchange.send(ada.order(Side.SELL, 50))
        exchange.send(bob.order(Side.BUY, 20))
        trades, ticker = sorted(stream.pushes(2), key=lambda push: push["channel"], reverse=True)
        (trade,) = trades["trades"]
        assert (trade["price"], trade["size"], trade["side"]) == ("7000.00", "0.0020", "buy")
        assert (ticker["ticker"]["last"], ticker["ticker"]["volume"]) == ("7000.00", "0.0020")
        exchange.time.pass_seconds(7)
        found = stream.until(lambda push: push["channel"] == "marks")
        assert found[-1]["marks"][0]["price"] == exchange.get("markets")["markets"][0]["mark"]
        closed = [batch for push in found if push["channel"] == "batches" for batch in push["batches"]]
        assert closed[0]["state"] == "sequenced"


def test_messages_may_be_sent_on_a_stream(exchange: Exchange) -> None:
    ada = Trader(1)
    order = ada.order(Side.SELL, 50)
    with exchange.stream() as stream:
        answer = stream.ask("submit", messages=[body_of(order), body_of(ada.cancel(order, 1))])
        placed, cancelled = answer["result"]["results"]
        assert (placed["verdict"], placed["sequence"]) == ("accepted", 1)
        assert cancelled["cancelled"] == [1]
        assert placed["receipt"]["signature"].startswith("0x")


def test_many_submissions_reach_the_node_in_the_order_in_which_they_were_sent(exchange: Exchange) -> None:
    ada = Trader(1)
    with exchange.stream() as stream:
        numbers = [
            stream.say("submit", messages=[body_of(ada.order(Side.SELL, 50, PRICE + place))])
            for place in range(50)
        ]
        answers = {answer["id"]: answer["result"]["results"][0] for answer in stream.pushes(50)}
    assert [answers[number]["sequence"] for number in numbers] == list(range(1, 51))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"op":"subscribe"}',
        '{"id":1,"op":"fly"}',
        '{"id":-1,"op":"ping"}',
        '{"id":1,"op":"ping","x":1}',
        b"\x00",
    ],
)
def test_who_talks_nonsense_is_told_and_left(exchange: Exchange, text: str | bytes) -> None:
    with exchange.stream() as stream:
        stream.socket.send(text)
        assert stream.closed()[0] == 4_000


def test_a_frame_that_is_too_long_ends_the_stream(exchange: Exchange) -> None:
    with exchange.stream() as stream:
        stream.socket.send(" " * (STREAM_BYTES_MAX + 1))
        assert stream.closed()[0] == 1_009


def test_operations_that_mean_nothing_are_refused_and_the_stream_goes_on(exchange: Exchange) -> None:
    with exchange.stream() as stream:
        refusals = {
            "bad_channel": {"op": "subscribe", "channel": "book"},
            "unknown_market": {"op": "subscribe", "channel": "book", "market": "ETH-USD"},
            "token_missing": {"op": "subscribe", "channel": "account"},
            "token_invalid": {"op": "auth", "token": "x"},
            "not_subscribed": {"op": "unsubscribe", "channel": "marks"},
        }
        for code, fields in refusals.items():
            assert stream.ask(**fields)["error"]["code"] == code
        stream.subscribe("marks")
        again = stream.ask("subscribe", channel="marks")
        assert again["error"]["code"] == "already_subscribed"
        assert "time_ms" in stream.ask("ping")["result"]


def test_who_asks_too_much_is_left(tmp_path: Path) -> None:
    settings = ServiceSettings(drain_seconds=2, operations=Rate(1.0, 5), channels_max=2)
    with serving(tmp_path, settings) as exchange:
        with exchange.stream() as stream:
            # It may be left before it has said all.
            with suppress(ConnectionClosed):
                for _ in range(20):
                    stream.say("ping")
            assert stream.closed() == (4_003, "too many messages")
        with exchange.stream() as stream:
            stream.subscribe("marks")
            stream.subscribe("batches")
            stream.say("subscribe", channel="book", market=MARKET)
            assert stream.closed() == (4_003, "too many subscriptions")


def test_a_handshake_costs_what_a_read_costs(tmp_path: Path) -> None:
    settings = ServiceSettings(drain_seconds=2, reads=Rate(per_second=1.0, burst=2))
    with serving(tmp_path, settings) as exchange:
        with exchange.stream() as stream:
            stream.ask("ping")
        assert exchange.http.get("/v1/time").headers["ratelimit-remaining"] == "0"
        with pytest.raises(InvalidStatus) as refused, exchange.stream():
            pytest.fail("a stream that was not paid for")
        response = refused.value.response
        assert response.status_code == 429
        assert json.loads(response.body)["error"]["code"] == "rate_limited"
        exchange.time.pass_seconds(int(response.headers["retry-after"]))
        with exchange.stream() as stream:
            stream.ask("ping")


def test_what_a_subscription_costs_is_taken_from_the_reads_of_the_address(tmp_path: Path) -> None:
    settings = ServiceSettings(drain_seconds=2, reads=Rate(0.001, 3))
    with serving(tmp_path, settings) as exchange, exchange.stream() as stream:
        stream.subscribe("marks")
        stream.subscribe("batches")
        refused = stream.ask("subscribe", channel="book", market=MARKET)
        assert refused["error"]["code"] == "rate_limited"
        assert exchange.http.get("/v1/time").status_code == 429


def test_an_address_has_so_many_streams_and_no_more(tmp_path: Path) -> None:
    settings = ServiceSettings(drain_seconds=2, streams_per_address=2)
    with serving(tmp_path, settings) as exchange:
        with exchange.stream(), exchange.stream():
            with pytest.raises(InvalidStatus) as refused, exchange.stream():
                pytest.fail("a third stream")
            assert refused.value.response.status_code == 503
            assert json.loads(refused.value.response.body)["error"]["code"] == "too_many_connections"
        with exchange.stream() as stream:
            stream.ask("ping")


def fall_behind(exchange: Exchange, stream: Stream) -> None:
    """Ask for much, and read nothing."""
    for _ in range(600):
        try:
            stream.say("subscribe", channel="trades", market=MARKET)
            stream.say("unsubscribe", channel="trades", market=MARKET)
        except ConnectionClosed:
            return


def a_small_window(exchange: Exchange) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    host, port = exchange.address.split(":")
    client.connect((host, int(port)))
    return client


def trade_often(exchange: Exchange) -> None:
    ada, bob = Trader(1), Trader(2)
    for _ in range(5):
        exchange.batch(*(ada.order(Side.SELL, 10) for _ in range(10)))
        exchange.batch(*(bob.order(Side.BUY, 10) for _ in range(10)))


def test_who_does_not_read_is_left_and_told_why_and_the_others_go_on(tmp_path: Path) -> None:
    settings = replace(DEEP, queue_bytes_max=100_000)
    with serving(tmp_path, settings, send_bytes=8_192) as exchange, exchange.stream() as reader:
        trade_often(exchange)
        book = ClientBook()
        reader.subscribe("book", MARKET)
        book.take(reader.push())
        with exchange.stream(sock=a_small_window(exchange), max_queue=1) as sleeper:
            fall_behind(exchange, sleeper)
            for _ in range(200):
                # In each turn of its loop the server takes an operation of each stream.
                reader.ask("ping")
            exchange.send(Trader(1, nonce=1_000).order(Side.SELL, 70, PRICE + 7))
            book.take(reader.push())
            assert ("7000.07", "0.0070") in book.levels()[1]
            assert sleeper.closed() == (4_008, "slow consumer")


def test_who_asks_for_much_at_once_and_reads_it_gets_it_all(tmp_path: Path) -> None:
    with serving(tmp_path, replace(DEEP, queue_bytes_max=100_000)) as exchange:
        trade_often(exchange)
        with exchange.stream() as stream:
            for _ in range(40):
                stream.say("subscribe", channel="trades", market=MARKET)
                stream.say("unsubscribe", channel="trades", market=MARKET)
            told = stream.pushes(120)
            assert sum(len(push["trades"]) for push in told if "trades" in push) == 40 * 50


def test_what_has_waited_for_a_client_comes_in_its_order_once_it_reads(tmp_path: Path) -> None:
    with serving(tmp_path, DEEP, send_bytes=8_192) as exchange, exchange.stream() as quick:
        trade_often(exchange)
        with exchange.stream(sock=a_small_window(exchange), max_queue=1) as slow:
            asked = []
            for _ in range(40):
                asked.append(slow.say("subscribe", channel="trades", market=MARKET))
                asked.append(slow.say("unsubscribe", channel="trades", market=MARKET))
            for _ in range(100):
                quick.ask("ping")
            told = slow.pushes(120)
            assert [answer["id"] for answer in told if "id" in answer] == asked
            assert "time_ms" in slow.ask("ping")["result"]


def test_who_never_reads_again_does_not_keep_a_socket(tmp_path: Path) -> None:
    settings = replace(DEEP, queue_bytes_max=100_000, request_seconds=0.5)
    with serving(tmp_path, settings, send_bytes=8_192) as exchange:
        trade_often(exchange)
        exchange.http.close()
        with exchange.stream(sock=a_small_window(exchange), max_queue=1) as sleeper:
            fall_behind(exchange, sleeper)
            for _ in range(400):
                if not exchange.server.server_state.connections:
                    return
                time.sleep(0.02)
            pytest.fail("the server still has the socket")


def test_a_silent_stream_has_a_heartbeat(tmp_path: Path) -> None:
    settings = ServiceSettings(drain_seconds=2, heartbeat_seconds=0.05)
    with serving(tmp_path, settings) as exchange, exchange.stream() as stream:
        for push in stream.pushes(3):
            assert push["channel"] == "heartbeat"


def test_a_stream_that_has_ended_leaves_nothing_behind(exchange: Exchange) -> None:
    for _ in range(10):
        with exchange.stream() as stream:
            stream.subscribe("book", MARKET)
            stream.ask("submit", messages=[body_of(Trader(9).order(Side.SELL, 50))])
    soon(lambda: not streams_in_memory())


def streams_in_memory() -> list[object]:
    gc.collect()
    return [each for each in gc.get_objects() if type(each) is Connection]


def test_a_server_that_stops_says_so(tmp_path: Path) -> None:
    with serving(tmp_path) as exchange, exchange.stream() as stream:
        stream.subscribe("marks")
        exchange.server.should_exit = True
        assert stream.closed() == (1_001, "going away")
