"""Who may read what: a token follows from the key, and only for as long and as far as it says."""

import httpx
import pytest
from msgspec.structs import replace

from sequencer.crypto import poseidon, sign, verify
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind, Side
from sequencer.model.message import Message
from sequencer.model.request import Request
from sequencer.records.entries import Confirmed
from sequencer.service.wire.challenge import API_TAG, challenge_hash
from tests.node.venue import DOMAIN, Trader, secret_of, settle
from tests.service.exchange import Exchange, bearer, body_of

PRIVATE = (
    "account",
    "account/orders",
    "account/orders/history",
    "account/orders/1",
    "account/fills",
    "account/transfers",
    "account/dead-man",
)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def read(exchange: Exchange, path: str, token: str) -> httpx.Response:
    return exchange.http.get(f"/v1/{path}", headers=bearer(token))


@pytest.mark.parametrize("path", PRIVATE)
def test_without_a_token_nothing_of_an_account_is_shown(exchange: Exchange, path: str) -> None:
    exchange.send(Trader(1).order(Side.SELL, 500))
    answer = read(exchange, path, "")
    assert refusal(answer) == (401, "token_missing")
    assert answer.headers["www-authenticate"] == "Bearer"
    forged = exchange.token(1)[:-1] + "_"
    assert refusal(read(exchange, path, forged)) == (401, "token_invalid")
    assert refusal(exchange.http.get(f"/v1/{path}", headers={"authorization": "Basic YTpi"})) == (
        401,
        "token_missing",
    )
    assert read(exchange, path, exchange.token(1)).status_code == 200


def test_a_token_shows_its_own_account_and_no_other(exchange: Exchange) -> None:
    placed = exchange.send(Trader(1).order(Side.SELL, 500))
    mine, other = exchange.token(1), exchange.token(2)
    assert exchange.get("account", mine)["account"] == 1
    assert exchange.get("account", other)["account"] == 2
    assert exchange.get("account/orders", other)["items"] == []
    assert exchange.get("account/orders/history", other)["items"] == []
    assert refusal(read(exchange, f"account/orders/{placed['nonce']}", other)) == (404, "not_found")


def test_a_challenge_is_good_for_one_token(exchange: Exchange) -> None:
    challenge = exchange.challenge(1)
    assert exchange.prove(1, challenge).status_code == 200
    assert refusal(exchange.prove(1, challenge)) == (401, "challenge_used")


def test_a_challenge_is_of_one_account_and_of_this_server(exchange: Exchange) -> None:
    challenge = exchange.challenge(1)
    assert refusal(exchange.prove(2, challenge)) == (401, "challenge_invalid")
    assert refusal(exchange.prove(1, challenge ^ 1)) == (401, "challenge_invalid")
    assert refusal(exchange.prove(1, challenge + (1 << 200))) == (401, "challenge_invalid")
    assert refusal(exchange.prove(1, 12_345)) == (401, "challenge_invalid")


def test_another_key_gets_no_token_and_spoils_no_challenge(exchange: Exchange) -> None:
    challenge = exchange.challenge(1)
    assert refusal(exchange.prove(1, challenge, signer=2)) == (401, "challenge_signature")
    assert exchange.prove(1, challenge).status_code == 200
    assert refusal(exchange.prove(999, exchange.challenge(999))) == (401, "challenge_signature")


def test_challenges_and_tokens_expire(exchange: Exchange) -> None:
    challenge = exchange.challenge(1)
    exchange.time.pass_seconds(61)
    assert refusal(exchange.prove(1, challenge)) == (401, "challenge_expired")
    token = exchange.token(1)
    exchange.time.pass_seconds(899)
    assert read(exchange, "account", token).status_code == 200
    exchange.time.pass_seconds(2)
    assert refusal(read(exchange, "account", token)) == (401, "token_expired")


def test_a_new_key_ends_the_tokens_of_the_old_one(exchange: Exchange) -> None:
    token = exchange.token(1)
    x, y = 5, 6
    request = Request(RequestKind.REGISTER_KEY, 1, owner=1, data=(x, y))
    settle(exchange.directories, Confirmed(request))
    exchange.time.pass_seconds(6)
    while exchange.node.state().account(1).key_epoch == 1:
        exchange.time.pass_seconds(1)
        exchange.get("time")
    assert refusal(read(exchange, "account", token)) == (401, "token_invalid")


def test_no_more_tokens_of_an_account_are_kept_than_may_be(exchange: Exchange) -> None:
    tokens = [exchange.token(1) for _ in range(17)]
    assert refusal(read(exchange, "account", tokens[0])) == (401, "token_invalid")
    assert all(read(exchange, "account", token).status_code == 200 for token in tokens[1:])


def test_the_signature_of_a_challenge_can_never_be_that_of_a_message(exchange: Exchange) -> None:
    challenge = exchange.challenge(1)
    signature = sign(secret_of(1), challenge_hash(DOMAIN, 1, challenge))
    order = replace(Trader(1).order(Side.SELL, 500), signature=(signature.r8x, signature.r8y, signature.s))
    assert refusal(exchange.post(order)) == (422, "bad_signature")
    # Even words that were chosen for it: a message is hashed as three elements, a challenge as four.
    key = exchange.node.state().account(1).key
    for words in ((API_TAG, 1), (1, challenge), (API_TAG, challenge)):
        assert not verify(key, poseidon((DOMAIN, *words)), signature)


def test_the_signature_of_a_message_is_no_answer_to_a_challenge(exchange: Exchange) -> None:
    signed = Trader(1).order(Side.SELL, 500)
    body = {
        "account": 1,
        "challenge": str(exchange.challenge(1)),
        "signature": body_of(signed)["signature"],
    }
    answer = exchange.http.post("/v1/auth/token", json=body)
    assert refusal(answer) == (401, "challenge_signature")


def test_a_challenge_is_a_field_element() -> None:
    top = (1 << 48) - 1 << 64 | (1 << 64) - 1
    assert (top << 128 | (1 << 128) - 1) < c.FIELD_MODULUS
    assert Message(1, 1, 1).words()[0] < 1 << 200
