"""Signed messages over HTTP: each gets one answer, and the answer does not depend on how it was sent."""

import httpx
import pytest
from msgspec.structs import replace

from sequencer.chain.receipts import ReceiptDomain
from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.service.wire.orders import MessageResult, decode_result
from sequencer.service.wire.scalars import ErrorBody
from tests.node.venue import DOMAIN, PRICE, RECEIPT_KEY, ROLLUP, Trader
from tests.service.exchange import Body, Exchange, body_of


def test_an_order_rests_is_filled_and_its_owner_can_look_it_up(exchange: Exchange) -> None:
    ada, bob = Trader(1), Trader(2)
    placed = exchange.send(ada.order(Side.SELL, 500, post_only=True))
    assert (placed["verdict"], placed["order"]["status"]) == ("accepted", "resting")
    assert (placed["order"]["price"], placed["order"]["size"]) == ("7000.00", "0.0500")
    taken = exchange.send(bob.order(Side.BUY, 200))
    assert (taken["order"]["status"], taken["order"]["filled"]) == ("filled", "0.0200")
    assert taken["order"]["filled_value"] == "140.000000"
    token = exchange.token(1)
    again = exchange.get(f"account/orders/{placed['nonce']}", token)
    assert (again["order"]["filled"], again["order"]["remaining"]) == ("0.0200", "0.0300")
    assert [order["sequence"] for order in exchange.get("account/orders", token)["items"]] == [
        placed["sequence"]
    ]


def test_an_answer_carries_the_operators_promise(exchange: Exchange) -> None:
    order = Trader(1).order(Side.SELL, 500)
    result = decode_result(exchange.post(order).content)
    assert isinstance(result, MessageResult)
    receipt = result.receipt.receipt()
    assert ReceiptDomain(31337, ROLLUP).signer_of(receipt) == RECEIPT_KEY.address
    assert receipt.receipt.message_hash == order.message.hash(DOMAIN)
    assert (receipt.receipt.sequence, receipt.receipt.batch_number) == (result.sequence, result.batch)


def test_a_refusal_is_told_from_an_answer(exchange: Exchange) -> None:
    result = decode_result(exchange.post(Trader(9).order(Side.SELL, 500)).content)
    assert isinstance(result, ErrorBody)
    assert result.error.code == "bad_signature"


def code(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()["error"]
    assert set(body) == {"code", "message", "cure"}
    return answer.status_code, body["code"]


def test_a_message_that_is_sent_again_gets_the_answer_that_it_got(exchange: Exchange) -> None:
    ada, bob = Trader(1), Trader(2)
    order = ada.order(Side.SELL, 500)
    first = exchange.send(order)
    exchange.send(bob.order(Side.BUY, 200))
    again = exchange.send(order)
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert {**again, "repeated": False, "order": None} == {**first, "order": None}
    assert again["order"]["filled"] == "0.0200"
    assert exchange.get("markets/BTC-USD/book")["asks"] == [["7000.00", "0.0300", 1]]


def test_another_message_under_a_nonce_that_is_used_is_refused(exchange: Exchange) -> None:
    ada = Trader(1)
    exchange.send(ada.order(Side.SELL, 500))
    other = ada.signed(Trader(1).order(Side.SELL, 600).message, nonce=1)
    assert code(exchange.post(other)) == (409, "nonce_used")


def test_a_cancel_takes_its_order_out_of_the_book(exchange: Exchange) -> None:
    ada = Trader(1)
    order = ada.order(Side.SELL, 500)
    sequence = exchange.send(order)["sequence"]
    answer = exchange.send(ada.cancel(order, sequence))
    assert (answer["verdict"], answer["cancelled"], answer["order"]) == ("cancelled", [sequence], None)
    assert exchange.get("markets/BTC-USD/book")["asks"] == []
    lost = exchange.send(ada.cancel(order, sequence))
    assert (lost["verdict"], lost["cancelled"]) == ("not_found", [])


def test_a_cancel_all_takes_every_order_of_the_account_and_no_other(exchange: Exchange) -> None:
    ada, bob = Trader(1), Trader(2)
    mine = [exchange.send(ada.order(Side.SELL, 500, PRICE + step))["sequence"] for step in range(3)]
    exchange.send(bob.order(Side.SELL, 100, PRICE + 9))
    answer = exchange.send(ada.cancel_all())
    assert sorted(answer["cancelled"]) == mine
    assert exchange.get("markets/BTC-USD/book")["asks"] == [["7000.09", "0.0100", 1]]


def test_a_replacement_places_the_new_order_only_where_the_old_one_was(exchange: Exchange) -> None:
    ada = Trader(1)
    old = ada.order(Side.SELL, 500)
    cancel, order = ada.cancel(old, exchange.send(old)["sequence"]), ada.order(Side.SELL, 400, PRICE + 5)
    answer = exchange.http.post(
        "/v1/orders/replace", json={"cancel": body_of(cancel), "order": body_of(order)}
    )
    removed, placed = answer.json()["results"]
    assert (removed["verdict"], placed["order"]["price"]) == ("cancelled", "7000.05")
    cancel, order = ada.cancel(old, removed["cancelled"][0]), ada.order(Side.SELL, 300)
    answer = exchange.http.post(
        "/v1/orders/replace", json={"cancel": body_of(cancel), "order": body_of(order)}
    )
    removed, placed = answer.json()["results"]
    assert (removed["verdict"], placed["error"]["code"]) == ("not_found", "not_replaced")
    assert exchange.get("markets/BTC-USD/book")["asks"] == [["7000.05", "0.0400", 1]]


def test_each_message_of_a_batch_has_its_own_result(exchange: Exchange) -> None:
    ada, bob = Trader(1), Trader(2)
    forged = replace(ada.order(Side.SELL, 100), signature=(1, 2, 3))
    good, bad, taken = exchange.batch(ada.order(Side.SELL, 500), forged, bob.order(Side.BUY, 500))
    assert good["verdict"] == "accepted"
    assert bad["error"]["code"] == "bad_signature"
    assert taken["order"]["status"] == "filled"
    assert taken["sequence"] == good["sequence"] + 1


def test_an_order_that_may_not_be_has_a_verdict_and_leaves_no_trace(exchange: Exchange) -> None:
    ada, bob = Trader(1), Trader(2)
    exchange.send(ada.order(Side.SELL, 500))
    answer = exchange.send(bob.order(Side.BUY, 500, post_only=True))
    assert (answer["verdict"], answer["order"]["status"]) == ("post_only", "rejected")
    assert exchange.get("markets/BTC-USD/book")["bids"] == []


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        ({"price": "7000.001"}, 400, "off_tick"),
        ({"size": "0.00015"}, 400, "off_lot"),
        ({"price": "7e3"}, 400, "malformed_number"),
        ({"price": "-7000"}, 400, "malformed_number"),
        ({"price": "\u0667\u0660\u0660\u0660"}, 400, "malformed_number"),
        ({"price": "42949673"}, 400, "number_range"),
        ({"market": "ETH-USD"}, 404, "unknown_market"),
        ({"side": "long"}, 400, "malformed_body"),
        ({"price": 7000}, 400, "malformed_body"),
        ({"ioc": 1}, 400, "malformed_body"),
        ({"client": "x"}, 400, "malformed_body"),
        ({"type": "cancel"}, 400, "malformed_body"),
        ({"nonce": 1 << 48}, 400, "malformed_body"),
        ({"account": -1}, 400, "malformed_body"),
        ({"signature": ["1", "2"]}, 400, "malformed_body"),
        ({"signature": ["01", "2", "3"]}, 400, "malformed_number"),
        ({"signature": [str(c.FIELD_MODULUS), "2", "3"]}, 400, "number_range"),
        ({"size": "0.0400"}, 422, "bad_signature"),
        ({"account": 999}, 422, "bad_signature"),
        ({"key_epoch": 2}, 422, "bad_signature"),
    ],
)
def test_an_order_that_says_something_else_than_was_signed_or_nothing_at_all_is_refused(
    exchange: Exchange, change: Body, status: int, reason: str
) -> None:
    body = body_of(Trader(1).order(Side.SELL, 500))
    assert code(exchange.http.post("/v1/orders", json=body | change)) == (status, reason)
    assert exchange.http.post("/v1/orders", json=body).status_code == 200


def test_a_price_may_be_written_with_more_or_fewer_zeros(exchange: Exchange) -> None:
    body = body_of(Trader(1).order(Side.SELL, 500))
    answer = exchange.http.post("/v1/orders", json=body | {"price": "7000", "size": "0.05000000"})
    assert answer.json()["order"]["price"] == "7000.00"
