"""Floods: what one client can make the server keep is bounded, others are served meanwhile, and it passes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from msgspec.structs import replace

from sequencer.model.codes import Side
from sequencer.service.floods import LATE_MAX
from sequencer.service.server import FILES_KEPT
from sequencer.service.settings import Rate, ServiceSettings
from tests.node.venue import PRICE, Trader
from tests.service.book import ClientBook
from tests.service.exchange import Exchange, serving
from tests.service.hostile.raw import (
    ADA,
    CONTINUED,
    GET,
    PING,
    TEXT,
    UPGRADE,
    Raw,
    connections,
    frame,
    soon,
)

MARKET = "BTC-USD"
SETTINGS = ServiceSettings(drain_seconds=2, request_seconds=2)
PLENTY = Rate(per_second=1e6, burst=1_000_000)
FLOOD = 2_000
FLOOD_BYTES = 64 << 20
KEPT_BYTES_MAX = 24 << 20
CHUNKED = b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def flooded(tmp_path: Path) -> Iterator[Exchange]:
    with serving(tmp_path, SETTINGS) as exchange:
        yield exchange


def resident_bytes() -> int:
    """Memory of this process, the server's and its client's."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HTTP/1.1\r\nX-Slow: ",
        GET,
        UPGRADE,
        UPGRADE + b"\r\n",
        UPGRADE + b"Content-Length: 5\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=["silent", "half a head", "request", "half an upgrade", "stream", "no handshake", "TLS"],
)
def test_two_thousand_connections_of_one_address_are_nobody_elses_trouble(
    flooded: Exchange, said: bytes
) -> None:
    ada, most = Trader(1), SETTINGS.connections_per_address
    with flooded.stream() as reader, ExitStack() as flood:
        book = ClientBook()
        reader.subscribe("book", MARKET)
        book.take(reader.push())
        before, files = resident_bytes(), open_files()
        for number in range(FLOOD):
            raw = flood.enter_context(Raw(flooded))
            raw.say(said)
            if number % 100 == 0:
                flooded.send(ada.order(Side.SELL, 10, PRICE + number))
                book.take(reader.push())
                soon(lambda: connections(flooded) <= most + 2)
        soon(lambda: open_files() <= files + FLOOD + most + 2)
        assert resident_bytes() - before < KEPT_BYTES_MAX
        assert len(book.levels()[1]) == FLOOD // 100
    soon(lambda: connections(flooded) <= 1)
    flooded.time.pass_seconds(1 / SETTINGS.reads.per_second)
    with Raw(flooded) as again:
        again.say(GET)
        assert again.hear(until=b"}").startswith(b"HTTP/1.1 200 ")


def test_an_address_without_streams_left_is_told_and_another_has_its_own(flooded: Exchange) -> None:
    with ExitStack() as flood:
        for _ in range(SETTINGS.streams_per_address):
            flood.enter_context(Raw(flooded).upgraded())
        with Raw(flooded) as beyond:
            beyond.say(UPGRADE + b"\r\n")
            heard = beyond.hear()
            assert heard.startswith(b"HTTP/1.1 503 ")
            assert b'"code":"too_many_connections"' in heard
        with flooded.stream() as stream:
            assert "time_ms" in stream.ask("ping")["result"]


def test_streams_that_are_ended_at_once_count_until_they_are_gone(tmp_path: Path) -> None:
    few = replace(SETTINGS, connections_per_address=30)
    with serving(tmp_path, few) as exchange, ExitStack() as flood:
        for _ in range(200):
            raw = flood.enter_context(Raw(exchange))
            raw.say(UPGRADE + b"\r\n" + frame(TEXT, b"nonsense"))
            soon(lambda: connections(exchange) <= 30)
        assert exchange.get("time")


def test_beyond_all_connections_the_next_is_told_and_those_that_are_there_go_on(tmp_path: Path) -> None:
    few = replace(SETTINGS, connections_max=50, connections_per_address=1_000)
    with serving(tmp_path, few) as exchange, exchange.stream() as stream, ExitStack() as flood:
        exchange.get("time")
        for _ in range(48):
            flood.enter_context(Raw(exchange))
        soon(lambda: connections(exchange) == 50)
        with Raw(exchange, ADA) as late, Raw(exchange, ADA) as later:
            late.say(GET)
            assert late.hear().startswith(b"HTTP/1.1 503 ")
            later.say(UPGRADE + b"\r\n")
            assert later.hear() == b""
        assert exchange.get("time")
        assert "time_ms" in stream.ask("ping")["result"]
        for _ in range(2 * LATE_MAX):
            flood.enter_context(Raw(exchange))
            soon(lambda: connections(exchange) <= 50 + LATE_MAX)
        assert exchange.get("time")


HEADS = {
    "a line": (b"GET /", b"a" * 65_536),
    "a header": (b"GET / HTTP/1.1\r\nx: ", b"y" * 65_536),
    "headers": (b"GET / HTTP/1.1\r\n", b"x: y\r\n" * 10_000),
    "a size of a part": (CHUNKED + b"1;", b"x" * 65_536),
    "parts of a byte": (CHUNKED, b"1\r\nx\r\n" * 10_000),
    "trailers": (CHUNKED + b"1\r\nx\r\n0\r\n", b"x: y\r\n" * 10_000),
    "a trailer": (CHUNKED + b"1\r\nx\r\n0\r\nx: ", b"y" * 65_536),
    "requests": (b"", GET * 1_000),
    "empty lines": (GET, b"\r\n" * 32_768),
    "a body nobody asked for": (b"POST /v1/orders HTTP/1.1\r\nContent-Length: 999999\r\n\r\n", b" " * 65_536),
    "after the last request": (GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), GET * 1_000),
    "after a foreign upgrade": (
        b"GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
        GET * 1_000,
    ),
    "after CONNECT": (b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", GET * 1_000),
}


@pytest.mark.parametrize("name", HEADS)
def test_bytes_without_end_are_cut_off(flooded: Exchange, name: str) -> None:
    first, more = HEADS[name]
    before = resident_bytes()
    with Raw(flooded) as endless:
        endless.say(first)
        assert not all(endless.say(more) for _ in range(FLOOD_BYTES // len(more)))
        assert resident_bytes() - before < KEPT_BYTES_MAX
    assert flooded.send(Trader(1).order(Side.SELL, 10))["sequence"]
    soon(lambda: connections(flooded) <= 1)


FRAMES = {
    "pings": frame(PING, bytes(125)),
    "empty pings": frame(PING),
    "pongs": frame(10, bytes(125)),
    "parts of nothing": frame(CONTINUED, final=False),
    "parts of a byte": frame(CONTINUED, b"x", final=False),
    "operations": frame(TEXT, b'{"id":1,"op":"ping"}'),
    "empty messages": frame(TEXT),
}


@pytest.mark.parametrize("name", FRAMES)
def test_frames_without_end_are_cut_off_though_nobody_reads_the_answers(flooded: Exchange, name: str) -> None:
    before, more = resident_bytes(), FRAMES[name] * 1_000
    with Raw(flooded, window=2_048).upgraded() as endless:
        if "parts" in name:
            endless.say(frame(TEXT, b"{", final=False))
        assert not all(endless.say(more) for _ in range(FLOOD_BYTES // len(more)))
        assert resident_bytes() - before < KEPT_BYTES_MAX
    assert flooded.send(Trader(1).order(Side.SELL, 10))["sequence"]
    soon(lambda: connections(flooded) <= 1)


def test_a_message_has_so_many_parts_however_slowly_they_come(tmp_path: Path) -> None:
    settings = replace(SETTINGS, operations=PLENTY, parts_max=50)
    with serving(tmp_path, settings) as exchange:
        with Raw(exchange).upgraded() as stream:
            stream.say(frame(TEXT, b'{"id":1,', final=False) + frame(CONTINUED, final=False) * 40)
            stream.say(frame(CONTINUED, b'"op":"ping"}'))
            assert b'"id":1,"result"' in stream.hear(until=b"}}")
        with Raw(exchange).upgraded() as stream:
            stream.say(frame(TEXT, b'{"id":1,', final=False) + frame(CONTINUED, final=False) * 60)
            assert b"too many messages" in stream.hear()


def test_a_stream_may_ping_as_often_as_it_may_ask_and_be_answered(flooded: Exchange) -> None:
    with Raw(flooded).upgraded() as stream:
        stream.say(frame(PING, b"still there?") * 200)
        heard = b""
        while heard.count(b"still there?") < 200:
            heard += stream.socket.recv(65_536)


def test_connections_leave_files_for_the_logs() -> None:
    program = """
import resource
from sequencer.service.server import within_files
from sequencer.service.settings import ServiceSettings
for most in (20_000, 4_000, 64):
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, most))
    print(within_files(ServiceSettings()).connections_max, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=300
    )
    kept = LATE_MAX + FILES_KEPT
    assert told.stdout.split("\n")[:3] == [f"5000 {5_000 + kept}", f"{4_000 - kept} 4000", "16 64"]
