"""Who is slow, deaf or silent holds nothing for long, and costs nobody else anything."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from sequencer.model.codes import Side
from sequencer.service.settings import ServiceSettings
from tests.node.venue import Trader
from tests.service.exchange import Exchange, body_of, serving
from tests.service.hostile.raw import ADA, GET, PING, TEXT, UPGRADE, Raw, connections, frame, soon

IMPATIENT = ServiceSettings(
    drain_seconds=2, body_seconds=0.2, request_seconds=1.5, ping_seconds=0.5, keep_alive_seconds=1
)
SMALL = 2_048
SEND_BYTES = 8_192
POST = b"POST /v1/orders HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
OPENAPI = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[Exchange]:
    with serving(tmp_path, IMPATIENT, send_bytes=SEND_BYTES) as exchange:
        yield exchange


def goes_on(exchange: Exchange, trader: Trader) -> bool:
    """Whether another client is served, which must be so at all times."""
    body = json.dumps(body_of(trader.order(Side.SELL, 10))).encode()
    with Raw(exchange, ADA) as other:
        other.say(POST + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        return other.hear().startswith(b"HTTP/1.1 200 ")


def is_cut_off(exchange: Exchange, slow: Raw, drip: bytes) -> None:
    """Go on byte by byte until the server has ended it; another client is served meanwhile."""
    ada = Trader(1)

    def ended() -> bool:
        assert goes_on(exchange, ada)
        slow.say(drip)
        return connections(exchange) == 0

    soon(ended)


@pytest.mark.parametrize(
    ("first", "drip"),
    [
        (b"", b""),
        (b"", b"\r\n"),
        (b"G", b""),
        (b"GET /v1/time HTTP/1.1\r\nX-Slow: ", b"y"),
        (b"GET /v1/time HTTP/1.1\r\n", b"x: y\r\n"),
        (b"GET /" + b"a" * 1_000, b"a"),
        (UPGRADE, b"X: y\r\n"),
        (UPGRADE + b"Content-Length: 5\r\n\r\n", b""),
        (UPGRADE + b"X: " + b"y" * 9_000 + b"\r\n\r\n", b""),
        (UPGRADE + b"X: y\r\n" * 200 + b"\r\n", b""),
    ],
)
def test_a_request_that_never_ends_is_ended(impatient: Exchange, first: bytes, drip: bytes) -> None:
    with Raw(impatient) as slow:
        slow.say(first)
        is_cut_off(impatient, slow, drip)


@pytest.mark.parametrize("drip", [b"", b"\r\n", b"G", b"\x00"])
def test_a_connection_that_was_used_once_is_not_kept_for_ever(impatient: Exchange, drip: bytes) -> None:
    with Raw(impatient) as slow:
        slow.say(GET)
        assert slow.hear(until=b"}").startswith(b"HTTP/1.1 200 ")
        slow.say(drip)
        is_cut_off(impatient, slow, b"")


@pytest.mark.parametrize(
    ("first", "drip"),
    [
        (POST + b"Content-Length: 1000\r\n\r\n{", b" "),
        (POST + b"Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n", b""),
        (CHUNKED, b"1\r\n \r\n"),
        (CHUNKED + b"1;x=", b"y"),
        (CHUNKED + b"1\r\n \r\n0\r\n", b"x: y\r\n"),
    ],
)
def test_a_body_that_comes_byte_by_byte_is_answered_that_it_is_late(
    impatient: Exchange, first: bytes, drip: bytes
) -> None:
    with Raw(impatient) as slow:
        slow.say(first)
        for _ in range(20):
            slow.say(drip)
        heard = slow.hear().removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert heard.startswith(b"HTTP/1.1 408 ")
        assert b'"code":"request_timeout"' in heard
    assert goes_on(impatient, Trader(1))


@pytest.mark.parametrize("end", [b"\r\n", b"Connection: close\r\n\r\n"])
def test_who_does_not_read_even_one_answer_is_cut_off(impatient: Exchange, end: bytes) -> None:
    with Raw(impatient, window=SMALL) as deaf:
        deaf.say(OPENAPI + end)
        is_cut_off(impatient, deaf, b"")


def test_who_reads_slowly_but_reads_gets_all_of_it(tmp_path: Path) -> None:
    patient = replace(IMPATIENT, request_seconds=20)
    with serving(tmp_path, patient, send_bytes=SEND_BYTES) as exchange, Raw(exchange, window=SMALL) as slow:
        slow.say(OPENAPI + b"Connection: close\r\n\r\n")
        parts = []
        while part := slow.socket.recv(1_000):
            parts.append(part)
        assert b"".join(parts).endswith(b"}")


def test_an_upgrade_behind_requests_that_nobody_reads_is_refused(impatient: Exchange) -> None:
    with Raw(impatient, window=SMALL) as deaf:
        deaf.say((OPENAPI + b"\r\n") * 3 + UPGRADE + b"\r\n")
        is_cut_off(impatient, deaf, b"")


def test_a_stream_that_answers_no_ping_is_ended(impatient: Exchange) -> None:
    with Raw(impatient).upgraded() as silent:
        assert b"keepalive ping timeout" in silent.hear()
    soon(lambda: connections(impatient) == 0)


def test_a_stream_that_reads_nothing_is_ended_though_there_is_something_to_say(impatient: Exchange) -> None:
    with Raw(impatient, window=SMALL).upgraded() as deaf:
        for _ in range(1_000):
            deaf.say(frame(PING, bytes(125)))
        is_cut_off(impatient, deaf, b"")


def test_a_message_that_is_never_finished_ends_with_its_stream(impatient: Exchange) -> None:
    with Raw(impatient).upgraded() as slow:
        slow.say(frame(TEXT, b"{", final=False))
        is_cut_off(impatient, slow, b"")


def test_a_client_that_is_gone_holds_nothing(impatient: Exchange) -> None:
    for said in (b"", b"GET / HT", GET, POST + b"Content-Length: 9\r\n\r\n{", UPGRADE + b"\r\n"):
        with Raw(impatient, ADA) as gone:
            gone.say(said)
    soon(lambda: connections(impatient) == 0)
