"""Messages sent again, in another order or at another place: each is sequenced once, as it was meant."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from sequencer.crypto import sign
from sequencer.model import constants as c
from sequencer.model.codes import MessageKind, Side
from sequencer.model.message import Message, SignedMessage
from sequencer.verifier.replica import Identity
from tests.node.venue import DOMAIN, PRICE, ROLLUP, Trader, secret_of
from tests.service.exchange import Body, Exchange, body_of

MARKET = "BTC-USD"
Way = Callable[[Exchange, SignedMessage], Body]


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def by_route(exchange: Exchange, signed: SignedMessage) -> Body:
    return dict(exchange.post(signed).json())


def by_batch(exchange: Exchange, signed: SignedMessage) -> Body:
    return exchange.batch(signed)[0]


def by_stream(exchange: Exchange, signed: SignedMessage) -> Body:
    with exchange.stream() as stream:
        return dict(stream.ask("submit", messages=[body_of(signed)])["result"]["results"][0])


WAYS = (by_route, by_batch, by_stream)


def resting(exchange: Exchange) -> list[list[Any]]:
    """What rests in the book."""
    book = exchange.get(f"markets/{MARKET}/book")
    return [*book["bids"], *book["asks"]]


def each_kind(trader: Trader, exchange: Exchange) -> list[SignedMessage]:
    """A message of each kind, of which only an order of 10 lots is left in the book."""
    order = trader.order(Side.SELL, 10)
    target = exchange.send(order)["sequence"]
    messages = [order, trader.cancel(order, target), trader.cancel_all(), trader.order(Side.SELL, 10)]
    for message in messages[1:]:
        exchange.send(message)
    return messages


@pytest.mark.parametrize("way", WAYS)
def test_what_is_sent_again_by_whatever_way_is_answered_and_not_done_again(
    exchange: Exchange, way: Way
) -> None:
    messages = each_kind(Trader(1), exchange)
    before, state = resting(exchange), exchange.get("account", exchange.token(1))
    for _ in range(3):
        for message in messages:
            again = way(exchange, message)
            assert (again["repeated"], again["nonce"]) == (True, message.message.nonce)
    assert resting(exchange) == before == [["7000.00", "0.0010", 1]]
    after = exchange.get("account", exchange.token(1))
    assert {**after, "entry": 0, "time_ms": 0} == {**state, "entry": 0, "time_ms": 0}


def test_a_cancel_all_that_is_sent_again_spares_the_orders_after_it(exchange: Exchange) -> None:
    ada = Trader(1)
    exchange.send(ada.order(Side.SELL, 10))
    cancel_all = ada.cancel_all()
    exchange.send(cancel_all)
    kept = exchange.send(ada.order(Side.SELL, 20))
    for way in WAYS:
        answer = way(exchange, cancel_all)
        assert answer["repeated"]
        assert kept["sequence"] not in answer["cancelled"]
    assert resting(exchange) == [["7000.00", "0.0020", 1]]


@pytest.mark.parametrize("way", WAYS)
def test_another_message_of_any_kind_under_a_used_nonce_is_refused(exchange: Exchange, way: Way) -> None:
    ada = Trader(1)
    messages = each_kind(ada, exchange)
    before = resting(exchange)
    for used in messages:
        for other in (
            Message(1, 1, 0, side=Side.BUY, price=PRICE - 5, size=30, max_fee_ppm=500),
            Message(1, 1, 0, MessageKind.CANCEL, 0, Side.SELL, price=PRICE, target=4),
            Message(1, 1, 0, MessageKind.CANCEL_ALL, expiry=1 << 30),
        ):
            signed = ada.signed(other, nonce=used.message.nonce)
            assert way(exchange, signed)["error"]["code"] == "nonce_used"
    assert resting(exchange) == before


def test_the_same_signature_in_another_form_is_no_other_message(exchange: Exchange) -> None:
    ada = Trader(1)
    order = ada.order(Side.SELL, 10)
    exchange.send(order)
    r8x, r8y, s = order.signature
    for signature in ((c.FIELD_MODULUS - r8x, r8y, s), (r8x, r8y, (s + 1) % c.FIELD_MODULUS), (0, 1, 0)):
        answer = exchange.post(replace(order, signature=signature))
        assert answer.json().get("repeated") or refusal(answer)[0] in {409, 422}
    assert resting(exchange) == [["7000.00", "0.0010", 1]]


def test_one_message_from_many_at_once_is_sequenced_once(exchange: Exchange) -> None:
    order = Trader(1).order(Side.SELL, 10)
    with ThreadPoolExecutor(16) as senders:
        answers = [answer.json() for answer in senders.map(lambda _: exchange.post(order), range(64))]
    assert [answer["repeated"] for answer in answers].count(False) == 1
    assert len({answer["sequence"] for answer in answers}) == 1
    assert resting(exchange) == [["7000.00", "0.0010", 1]]


def test_a_message_that_is_twice_in_one_batch_is_sequenced_once(exchange: Exchange) -> None:
    order = Trader(1).order(Side.SELL, 10)
    answers = exchange.batch(*[order] * 100)
    assert [answer["repeated"] for answer in answers] == [False] + [True] * 99
    assert resting(exchange) == [["7000.00", "0.0010", 1]]


def test_of_a_batch_in_reverse_order_only_what_its_nonces_allow_is_sequenced(exchange: Exchange) -> None:
    ada = Trader(1)
    orders = [ada.order(Side.SELL, 10, PRICE + place) for place in range(5)]
    first, *others = exchange.batch(*reversed(orders))
    assert (first["verdict"], first["nonce"]) == ("accepted", 5)
    assert {other["error"]["code"] for other in others} == {"replayed_nonce"}
    assert resting(exchange) == [["7000.04", "0.0010", 1]]
    again = exchange.batch(*orders)
    assert again[-1]["repeated"]
    assert {other["error"]["code"] for other in again[:-1]} == {"replayed_nonce"}
    assert len(exchange.get("account/orders/history", exchange.token(1))["items"]) == 1


def test_a_message_that_comes_late_is_refused_and_does_nothing(exchange: Exchange) -> None:
    ada = Trader(1)
    late = [ada.order(Side.SELL, 10), ada.cancel_all()]
    exchange.send(ada.order(Side.SELL, 20))
    for way in WAYS:
        for message in late:
            assert way(exchange, message)["error"]["code"] == "replayed_nonce"
    assert resting(exchange) == [["7000.00", "0.0020", 1]]
    exchange.send(ada.order(Side.SELL, 20))


def test_the_parts_of_a_replacement_can_be_taken_out_of_it_but_not_done_twice(exchange: Exchange) -> None:
    ada = Trader(1)
    old = ada.order(Side.SELL, 50)
    cancel, order = ada.cancel(old, exchange.send(old)["sequence"]), ada.order(Side.SELL, 40)
    pair = {"cancel": body_of(cancel), "order": body_of(order)}
    assert exchange.send(order)["verdict"] == "accepted"
    removed, placed = exchange.http.post("/v1/orders/replace", json=pair).json()["results"]
    assert removed["error"]["code"] == "replayed_nonce"
    assert placed.get("repeated") or placed["error"]["code"] == "not_replaced"
    assert sorted(size for _, size, _ in resting(exchange)) in (["0.0040", "0.0050"], ["0.0090"])


DOMAINS = {
    "another chain": Identity(1, ROLLUP).domain(),
    "another rollup": Identity(31337, "0x" + "11" * 20).domain(),
    "no domain": 0,
    "the domain and one more": DOMAIN + 1,
}


@pytest.mark.parametrize("name", DOMAINS)
def test_a_signature_for_another_place_is_none_here(exchange: Exchange, name: str) -> None:
    messages = (
        Message(1, 1, 1, side=Side.SELL, price=PRICE, size=10, max_fee_ppm=500),
        Message(1, 1, 1, MessageKind.CANCEL, price=PRICE, side=Side.SELL, target=1),
        Message(1, 1, 1, MessageKind.CANCEL_ALL),
    )
    for message in messages:
        there = SignedMessage(message, sign(secret_of(1), message.hash(DOMAINS[name])))
        for way in WAYS:
            assert way(exchange, there)["error"]["code"] == "bad_signature"
        here = SignedMessage(message, sign(secret_of(1), message.hash(DOMAIN)))
        assert refusal(exchange.post(replace(here, signature=there.signature))) == (422, "bad_signature")
    assert exchange.get("account", exchange.token(1))["nonce"] == 0


MEANT = Message(1, 1, 1, market=0, side=Side.SELL, price=PRICE, size=10, max_fee_ppm=500, post_only=True)
OTHERS = {
    "another market": replace(MEANT, market=1),
    "the other side": replace(MEANT, side=Side.BUY),
    "another price": replace(MEANT, price=PRICE + 1),
    "another size": replace(MEANT, size=11),
    "another nonce": replace(MEANT, nonce=2),
    "another account": replace(MEANT, account=2),
    "another key": replace(MEANT, key_epoch=2),
    "another expiry": replace(MEANT, expiry=MEANT.expiry - 1),
    "another fee": replace(MEANT, max_fee_ppm=501),
    "ioc": replace(MEANT, ioc=True),
    "not post only": replace(MEANT, post_only=False),
    "reduce only": replace(MEANT, reduce_only=True),
    "a cancel": Message(1, 1, 1, MessageKind.CANCEL, side=Side.SELL, price=PRICE, target=1),
    "a cancel-all": Message(1, 1, 1, MessageKind.CANCEL_ALL),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_signature_of_one_message_is_good_for_no_other(exchange: Exchange, name: str) -> None:
    signature = sign(secret_of(1), OTHERS[name].hash(DOMAIN))
    for way in WAYS:
        assert way(exchange, SignedMessage(MEANT, signature))["error"]["code"] == "bad_signature"
    assert exchange.send(SignedMessage(MEANT, sign(secret_of(1), MEANT.hash(DOMAIN))))["sequence"] == 1
