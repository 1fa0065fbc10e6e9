"""Forged tokens and other people's, at every private route and channel that the API says it has."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from sequencer.model.codes import RequestKind, Side
from sequencer.model.request import Request
from sequencer.records.entries import Confirmed
from sequencer.service.settings import Rate, ServiceSettings
from sequencer.service.wire.stream import ChannelName
from tests.node.venue import PRICE, START, Trader, settle
from tests.service.exchange import Exchange, bearer, body_of, serving

MARKET = "BTC-USD"
PLENTY = Rate(per_second=1e6, burst=1_000_000)
SETTINGS = ServiceSettings(drain_seconds=2, reads=PLENTY)
SECRET_NONCE = 0x5EC2E7
ADA, EVE = 1, 2
PLACEHOLDERS = {"nonce": SECRET_NONCE}


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """An exchange at which Ada has everything that an account can have, under nonces that tell."""
    with serving(tmp_path_factory.mktemp("exchange"), SETTINGS) as exchange:
        ada, bob = Trader(ADA, nonce=SECRET_NONCE - 1), Trader(EVE)
        exchange.send(ada.order(Side.SELL, 500, PRICE + 1))
        exchange.send(bob.order(Side.BUY, 100, PRICE + 1))
        arm(exchange, ada, exchange.token(ADA))
        settle(exchange.directories, Confirmed(Request(RequestKind.DEPOSIT, ADA, owner=ADA, amount=31_337)))
        exchange.time.pass_seconds(7)
        while not exchange.get("account/transfers", exchange.token(ADA))["items"]:
            exchange.time.pass_seconds(1)
        yield exchange


def arm(exchange: Exchange, trader: Trader, token: str) -> httpx.Response:
    """Ask for a dead-man switch of a trader, with somebody's token."""
    body = body_of(trader.cancel_all(SECRET_NONCE + 1_000))
    fire_at_ms = (START + 50_000) * 1_000
    return exchange.http.put(
        "/v1/account/dead-man", json={"cancel_all": body, "fire_at_ms": fire_at_ms}, headers=bearer(token)
    )


def private(exchange: Exchange) -> list[tuple[str, str]]:
    """Method and path of every route that says that it needs a token."""
    paths: dict[str, dict[str, Any]] = exchange.http.get("/openapi.json").json()["paths"]
    found = [
        (method.upper(), path.format(**PLACEHOLDERS))
        for path, methods in paths.items()
        for method, operation in methods.items()
        if "security" in operation
    ]
    assert len(found) >= 9
    return found


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def forgeries(token: str) -> dict[str, str]:
    """Headers that are made from a good token, or from what a stranger may know."""
    flipped = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    raw = urlsafe_b64decode(token + "=")
    claims = urlsafe_b64encode(json.dumps({"account": ADA, "exp": 1 << 40}).encode()).decode()
    return {
        "nothing": "",
        "no scheme": token,
        "another scheme": f"Basic {token}",
        "an empty token": "Bearer",
        "a changed token": f"Bearer {flipped}",
        "half a token": f"Bearer {token[: len(token) // 2]}",
        "more than a token": f"Bearer {token}A",
        "a padded token": f"Bearer {token}=",
        "two tokens": f"Bearer {token} {token}",
        "a token in capitals": f"Bearer {token.upper()}",
        "the hash that the server keeps": f"Bearer {sha256(token.encode()).hexdigest()}",
        "the bytes": f"Bearer {raw.hex()}",
        "an account": f"Bearer {ADA}",
        "a token that nobody signed": f"Bearer eyJhbGciOiJub25lIn0.{claims}.",
        "a long token": f"Bearer {token * 500}",
        "what an injection looks like": "Bearer ' OR 1=1 --",
    }


def test_no_forged_token_opens_any_route(busy: Exchange) -> None:
    for name, header in forgeries(busy.token(ADA)).items():
        for method, path in private(busy):
            answer = busy.http.request(method, path, headers={"authorization": header})
            assert answer.status_code == 401, (name, method, path)
            assert answer.json()["error"]["code"] in {"token_missing", "token_invalid"}


def test_no_token_shows_or_changes_anothers_account(busy: Exchange) -> None:
    own, foreign = busy.token(ADA), busy.token(EVE)
    kept = busy.get("account/dead-man", own)
    marks = {f'"nonce":{SECRET_NONCE}', f'"nonce":{SECRET_NONCE + 1_000}', f'"account":{ADA},', "0.031337"}
    seen: set[str] = set()
    for method, path in private(busy):
        asked = {"params": {"account": ADA}, "headers": bearer(foreign) | {"x-account": str(ADA)}}
        answer = busy.http.request(method, path, **asked)  # type: ignore[arg-type]
        assert not [mark for mark in marks if mark in answer.text], (method, path)
        if method == "GET":
            shown = busy.http.get(path, headers=bearer(own)).text
            found = {mark for mark in marks if mark in shown}
            assert found, f"{path} shows nothing that could have been shown to another"
            seen |= found
    assert seen == marks
    assert busy.get("account/dead-man", own) == kept


def test_a_token_arms_no_switch_of_another_account(busy: Exchange) -> None:
    own = busy.token(ADA)
    kept = busy.get("account/dead-man", own)
    assert refusal(arm(busy, Trader(ADA), busy.token(EVE))) == (403, "foreign_account")
    assert busy.get("account/dead-man", own) == kept


@pytest.mark.parametrize("channel", get_args(ChannelName))
def test_no_channel_tells_one_account_of_another(busy: Exchange, channel: str) -> None:
    ada = Trader(ADA, nonce=SECRET_NONCE + 1)
    ada.nonce = busy.get("account", busy.token(ADA))["nonce"]
    market = MARKET if channel in {"book", "trades", "ticker"} else None
    with busy.stream() as stranger, busy.stream() as eve, busy.stream() as own:
        for stream, account in ((eve, EVE), (own, ADA)):
            assert stream.ask("auth", token=busy.token(account))["result"]["account"] == account
            stream.subscribe(channel, market)
        answer = stranger.ask("subscribe", channel=channel, market=market)
        assert ("error" in answer) == (channel == "account")
        placed = busy.send(ada.order(Side.SELL, 10, PRICE + 900))
        busy.send(ada.order(Side.SELL, 10, PRICE + 900))
        marks = (f'"nonce": {ada.nonce}', f'"nonce": {placed["nonce"]}', f'"account": {ADA},')
        for stream in (stranger, eve):
            told = json.dumps(told_up_to_now(stream))
            assert not [mark for mark in marks if mark in told]
        assert (marks[0] in json.dumps(told_up_to_now(own))) == (channel == "account")


def told_up_to_now(stream: Any) -> list[Any]:
    """What a stream has been told when it gets the answer to a ping."""
    stream.ask("ping")
    found, stream._pushes = stream._pushes, []
    return list(found)


def test_no_forged_token_opens_a_stream(busy: Exchange) -> None:
    for name, header in forgeries(busy.token(ADA)).items():
        token = header.removeprefix("Bearer ")
        if name in {"no scheme", "another scheme", "two tokens"} or not 0 < len(token) <= 64:
            continue
        with busy.stream() as stream:
            assert stream.ask("auth", token=token)["error"]["code"] == "token_invalid", name
            assert stream.ask("subscribe", channel="account")["error"]["code"] == "token_missing"


def test_a_token_in_the_address_of_a_stream_opens_nothing(busy: Exchange) -> None:
    token = busy.token(ADA)
    with busy.stream(additional_headers=bearer(token)) as stream:
        assert stream.ask("subscribe", channel="account")["error"]["code"] == "token_missing"
    answer = busy.http.get(f"/v1/account?token={token}&authorization=Bearer {token}")
    assert refusal(answer) == (401, "token_missing")


def test_a_new_key_ends_every_token_and_every_stream_of_the_old_one(tmp_path: Path) -> None:
    with serving(tmp_path, SETTINGS) as exchange, exchange.stream() as stream:
        token = exchange.token(ADA)
        stream.ask("auth", token=token)
        stream.subscribe("account")
        old = Trader(ADA)
        request = Request(RequestKind.REGISTER_KEY, ADA, owner=ADA, data=(5, 6))
        settle(exchange.directories, Confirmed(request))
        exchange.time.pass_seconds(6)
        while exchange.node.state().account(ADA).key_epoch == 1:
            exchange.time.pass_seconds(1)
            exchange.get("time")
        for method, path in private(exchange):
            answer = exchange.http.request(method, path, headers=bearer(token))
            assert refusal(answer) == (401, "token_invalid")
        assert stream.closed() == (4_001, "token expired")
        for signed in (old.order(Side.SELL, 10), old.cancel(old.sent[0], 1), old.cancel_all()):
            assert refusal(exchange.post(signed))[0] == 422
        assert refusal(exchange.prove(ADA, exchange.challenge(ADA))) == (401, "challenge_signature")
