"""What is too long, too slow or no request at all: refused in the one form, or cut off."""

import socket
import time
from pathlib import Path

import httpx
import pytest

from sequencer.model.codes import Side
from sequencer.service.gate import BODY_BYTES_MAX
from sequencer.service.settings import ServiceSettings
from tests.node.venue import Trader
from tests.service.exchange import Exchange, body_of, serving

IMPATIENT = ServiceSettings(drain_seconds=2, body_seconds=0.2, request_seconds=0.6)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'"order"',
        b"[" * 100_000,
        b'{"account":' + b"9" * 5_000 + b"}",
        b'{"type":"order"} trailing',
    ],
)
def test_a_body_that_is_no_such_json_is_refused(exchange: Exchange, body: bytes) -> None:
    for path in ("", "/cancel", "/cancel-all", "/replace", "/batch"):
        answer = exchange.http.post(f"/v1/orders{path}", content=body)
        assert refusal(answer) == (400, "malformed_body")


def test_a_body_that_is_too_long_is_not_read(exchange: Exchange) -> None:
    told = exchange.http.post("/v1/orders", content=b" " * (BODY_BYTES_MAX + 1))
    assert refusal(told) == (413, "body_too_large")
    untold = exchange.http.post("/v1/orders", content=(b" " * 10_000 for _ in range(20)))
    assert refusal(untold) == (413, "body_too_large")
    assert exchange.http.get("/v1/time").status_code == 200


def test_a_batch_of_more_messages_than_may_be_is_refused_as_a_whole(exchange: Exchange) -> None:
    ada = Trader(1)
    messages = [body_of(ada.order(Side.SELL, 10))] * 101
    assert refusal(exchange.http.post("/v1/orders/batch", json={"messages": messages})) == (
        400,
        "malformed_body",
    )
    assert refusal(exchange.http.post("/v1/orders/batch", json={"messages": []})) == (400, "malformed_body")
    assert exchange.get("markets/BTC-USD/book")["asks"] == []


def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Path) -> None:
    with serving(tmp_path, IMPATIENT) as exchange, connected(exchange) as client:
        client.sendall(b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        answer = all_of(client)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b'"code":"request_timeout"' in answer
        assert b"connection: close" in answer.lower()


def test_who_sends_headers_byte_by_byte_is_cut_off(tmp_path: Path) -> None:
    with serving(tmp_path, IMPATIENT) as exchange, connected(exchange) as client:
        client.sendall(b"GET /v1/time HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(65_536).startswith(b"HTTP/1.1 200")
        for byte in b"GET /v1/time HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"y" * 1_000:
            try:
                client.send(bytes([byte]))
            except OSError:
                break
            time.sleep(0.02)
        else:
            pytest.fail("the server listened for 20 seconds")


def test_who_says_nothing_is_cut_off(tmp_path: Path) -> None:
    with serving(tmp_path, IMPATIENT) as exchange, connected(exchange) as client:
        assert all_of(client) == b""


def test_who_does_not_read_his_answers_is_cut_off(tmp_path: Path) -> None:
    with (
        serving(tmp_path, IMPATIENT, send_bytes=8_192) as exchange,
        connected(exchange, receive_bytes=2_048) as client,
    ):
        request = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
        try:
            for _ in range(2_000):
                client.sendall(request)
                time.sleep(0.005)
        except OSError:
            return
        pytest.fail("the server kept what was not read")


def test_an_address_has_so_many_connections_and_no_more(tmp_path: Path) -> None:
    with serving(tmp_path, ServiceSettings(drain_seconds=2, connections_per_address=3)) as exchange:
        held = [connected(exchange) for _ in range(3)]
        with connected(exchange) as beyond:
            assert asked(beyond) == b""
        held.pop().close()
        while True:
            with connected(exchange) as client:
                if asked(client).startswith(b"HTTP/1.1 200"):
                    break
        for client in held:
            client.close()


def test_paths_and_methods_that_are_not_there_are_refused_in_the_one_form(exchange: Exchange) -> None:
    assert refusal(exchange.http.get("/v1/nothing")) == (404, "not_found")
    assert refusal(exchange.http.get("/v1/time/")) == (404, "not_found")
    assert refusal(exchange.http.get("/v1/orders")) == (405, "method_not_allowed")
    assert refusal(exchange.http.get("/v1/markets/BTC-USD/book?depth=0")) == (400, "malformed_query")
    assert refusal(exchange.http.get("/v1/batches?before=-1")) == (400, "malformed_query")
    assert refusal(exchange.http.get("/v1/batches?limit=1001")) == (400, "malformed_query")
    assert refusal(exchange.http.get("/v1/markets/ETH-USD/trades")) == (404, "unknown_market")
    assert refusal(exchange.http.get("/v1/batches/999")) == (404, "not_found")


def connected(exchange: Exchange, receive_bytes: int | None = None) -> socket.socket:
    client = socket.socket()
    if receive_bytes is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    client.settimeout(20)
    host, port = exchange.address.split(":")
    client.connect((host, int(port)))
    return client


def asked(client: socket.socket) -> bytes:
    """The answer to a request; nothing if the server does not take it."""
    try:
        client.sendall(b"GET /v1/time HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    except OSError:
        return b""
    return all_of(client)


def all_of(client: socket.socket) -> bytes:
    """What comes until the server closes."""
    parts = []
    try:
        while part := client.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        return b"".join(parts)
    return b"".join(parts)
