"""A dead-man switch: a cancel-all that was signed ahead is sequenced when its owner falls silent."""

from typing import Any

import httpx

from sequencer.model.codes import Side
from sequencer.model.message import SignedMessage
from tests.node.venue import Trader
from tests.service.exchange import Exchange, Stream, bearer, body_of


def arm(exchange: Exchange, token: str, signed: SignedMessage, fire_at_ms: int) -> httpx.Response:
    body = {"cancel_all": body_of(signed), "fire_at_ms": fire_at_ms}
    return exchange.http.put("/v1/account/dead-man", json=body, headers=bearer(token))


def kept(exchange: Exchange, token: str) -> dict[str, Any]:
    return exchange.get("account/dead-man", token)


def watching(exchange: Exchange, stream: Stream, token: str) -> None:
    stream.ask("auth", token=token)
    stream.subscribe("account")
    stream.push()


def event(stream: Stream, name: str) -> dict[str, Any]:
    pushes = stream.until(lambda push: any(each["type"] == name for each in push["events"]))
    return dict(next(each for each in pushes[-1]["events"] if each["type"] == name))


def test_a_switch_fires_when_its_time_comes(exchange: Exchange) -> None:
    ada, token = Trader(1), exchange.token(1)
    exchange.send(ada.order(Side.SELL, 500))
    fire_at_ms = exchange.time.now_ms + 60_000
    assert arm(exchange, token, ada.cancel_all(1_000), fire_at_ms).json() == {
        "nonce": 1_000,
        "fire_at_ms": fire_at_ms,
    }
    with exchange.stream() as stream:
        watching(exchange, stream, token)
        exchange.time.pass_seconds(61)
        assert event(stream, "dead_man_fired") == {"type": "dead_man_fired", "nonce": 1_000}
    assert kept(exchange, token) == {"nonce": None, "fire_at_ms": None}
    assert exchange.get("account/orders", token)["items"] == []
    assert exchange.get("account/orders/1000", token)["verdict"] == "cancelled"


def test_a_switch_is_put_off_by_another_and_taken_back(exchange: Exchange) -> None:
    ada, token = Trader(1), exchange.token(1)
    exchange.send(ada.order(Side.SELL, 500))
    now_ms = exchange.time.now_ms
    arm(exchange, token, ada.cancel_all(1_000), now_ms + 60_000)
    arm(exchange, token, ada.cancel_all(1_001), now_ms + 600_000)
    assert kept(exchange, token)["nonce"] == 1_001
    answer = exchange.http.delete("/v1/account/dead-man", headers=bearer(token))
    assert answer.json() == {"nonce": None, "fire_at_ms": None}
    exchange.time.pass_seconds(700)
    again = exchange.token(1)
    assert len(exchange.get("account/orders", again)["items"]) == 1


def test_a_switch_whose_nonce_was_overtaken_is_void_and_its_owner_is_told(exchange: Exchange) -> None:
    ada, token = Trader(1), exchange.token(1)
    with exchange.stream() as stream:
        watching(exchange, stream, token)
        assert arm(exchange, token, ada.cancel_all(50), exchange.time.now_ms + 60_000).status_code == 200
        ada.nonce = 60
        exchange.send(ada.order(Side.SELL, 500))
        exchange.time.pass_seconds(61)
        assert event(stream, "dead_man_void") == {"type": "dead_man_void", "nonce": 50}
    assert len(exchange.get("account/orders", token)["items"]) == 1


def test_a_switch_is_of_the_tokens_account_and_signed_by_its_key(exchange: Exchange) -> None:
    fire_at_ms = exchange.time.now_ms + 60_000
    foreign = arm(exchange, exchange.token(2), Trader(1).cancel_all(1_000), fire_at_ms)
    assert (foreign.status_code, foreign.json()["error"]["code"]) == (403, "foreign_account")
    forged = SignedMessage(Trader(1).cancel_all(1_000).message, (1, 2, 3))
    refused = arm(exchange, exchange.token(1), forged, fire_at_ms)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "bad_signature")
    late = arm(exchange, exchange.token(1), Trader(1).cancel_all(1_000), exchange.time.now_ms - 1)
    assert (late.status_code, late.json()["error"]["code"]) == (422, "dead_man")
    assert kept(exchange, exchange.token(1)) == {"nonce": None, "fire_at_ms": None}
