"""When the node fails at a message in a way that nobody has foreseen, its sender is told so, and no more."""

import logging
from collections.abc import Iterator, Sequence

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from sequencer.model.codes import Side
from sequencer.model.message import SignedMessage
from tests.node.venue import Trader
from tests.service.exchange import Exchange, body_of
from tests.service.hostile.raw import soon

SECRET = "the disk is in the sea"


@pytest.fixture
def failing(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[Exchange]:
    async def submit(_: Sequence[SignedMessage]) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(exchange.node, "submit", submit)
    # uvicorn keeps what it logs from the root.
    servers = logging.getLogger("uvicorn")
    servers.addHandler(caplog.handler)
    yield exchange
    servers.removeHandler(caplog.handler)


def test_a_request_is_answered_in_the_one_form_and_the_log_says_why(
    failing: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    answer = failing.post(Trader(1).order(Side.SELL, 10))
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    assert SECRET not in answer.text
    soon(lambda: SECRET in caplog.text)
    assert failing.http.get("/v1/time").status_code == 200


def test_a_stream_is_ended_and_the_log_says_why(failing: Exchange, caplog: pytest.LogCaptureFixture) -> None:
    with failing.stream() as stream:
        stream.say("submit", messages=[body_of(Trader(1).order(Side.SELL, 10))])
        assert stream.closed() == (1_011, "the node failed")
    assert SECRET in caplog.text


def test_routes_of_messages_take_posts_alone(exchange: Exchange) -> None:
    for path in ("", "/cancel", "/cancel-all", "/replace", "/batch"):
        for method in ("GET", "PUT", "DELETE"):
            answer = exchange.http.request(method, f"/v1/orders{path}")
            assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")
            assert answer.headers["allow"] == "POST"
            assert "ratelimit-remaining" in answer.headers


def test_there_is_one_stream_and_no_other(exchange: Exchange) -> None:
    for path in ("/v1/orders", "/v1/stream/", "/stream"):
        with pytest.raises(InvalidStatus) as refused, connect(f"ws://{exchange.address}{path}", proxy=None):
            pytest.fail(f"a stream at {path}")
        assert refused.value.response.status_code == 403
