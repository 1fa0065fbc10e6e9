"""An account's own channel: nothing happens to its orders or its money without an event that says why."""

from sequencer.model.codes import RequestKind, Side
from sequencer.model.request import Request
from sequencer.records.entries import Confirmed, Progressed
from sequencer.store.life import BatchState
from tests.node.venue import PRICE, START, Trader, settle
from tests.service.exchange import Body, Exchange, Stream

ENDS = {"filled", "cancelled", "expired", "rejected"}


def joined(exchange: Exchange, stream: Stream, account: int) -> Body:
    """The snapshot of an account's channel."""
    answer = stream.ask("auth", token=exchange.token(account))
    assert answer["result"]["account"] == account
    stream.subscribe("account")
    return stream.push()


def events(stream: Stream, until: str) -> list[Body]:
    """What the account is told, up to the first event of a type."""
    pushes = stream.until(lambda push: any(event["type"] == until for event in push["events"]))
    return [event for push in pushes for event in push["events"]]


def types(found: list[Body]) -> list[str]:
    return [event["type"] for event in found]


def test_the_snapshot_has_the_orders_that_rest(exchange: Exchange) -> None:
    placed = exchange.send(Trader(1).order(Side.SELL, 500))
    with exchange.stream() as stream:
        snapshot = joined(exchange, stream, 1)
        assert (snapshot["snapshot"], snapshot["events"]) == (True, [])
        assert [order["sequence"] for order in snapshot["orders"]] == [placed["sequence"]]


def test_an_order_is_told_from_its_acceptance_to_its_end(exchange: Exchange) -> None:
    ada, bob = Trader(1), Trader(2)
    with exchange.stream() as maker, exchange.stream() as taker:
        entries = {
            id(maker): joined(exchange, maker, 1)["entry"],
            id(taker): joined(exchange, taker, 2)["entry"],
        }
        order = ada.order(Side.SELL, 500)
        placed = exchange.send(order)
        push = maker.push()
        assert push["prev"] == entries[id(maker)]
        accepted, resting = push["events"]
        assert (accepted["type"], resting["type"]) == ("accepted", "resting")
        assert accepted["message"]["sequence"] == resting["order"]["sequence"] == placed["sequence"]
        exchange.send(bob.order(Side.BUY, 200))
        (filled,) = events(maker, "filled")
        assert (filled["fill"]["role"], filled["fill"]["size"]) == ("maker", "0.0200")
        assert (filled["order"]["filled"], filled["order"]["status"]) == ("0.0200", "resting")
        accepted, filled = events(taker, "filled")
        assert (filled["fill"]["role"], filled["order"]["status"]) == ("taker", "filled")
        exchange.send(ada.cancel(order, placed["sequence"]))
        accepted, cancelled = events(maker, "cancelled")
        assert accepted["message"]["cancelled"] == [placed["sequence"]]
        assert (cancelled["order"]["reason"], cancelled["order"]["remaining"]) == ("cancelled", "0.0000")


def test_what_is_rejected_says_why(exchange: Exchange) -> None:
    ada, bob = Trader(1), Trader(2)
    exchange.send(ada.order(Side.SELL, 200))
    with exchange.stream() as stream:
        joined(exchange, stream, 2)
        exchange.send(bob.order(Side.BUY, 500, post_only=True))
        assert events(stream, "rejected")[-1]["order"]["reason"] == "post_only"
        exchange.send(bob.order(Side.BUY, 500, ioc=True))
        found = events(stream, "filled")
        ended = found[-1] if found[-1]["type"] in ENDS - {"filled"} else stream.push()["events"][-1]
        assert (ended["order"]["filled"], ended["order"]["reason"]) == ("0.0200", "ioc_remainder")


def test_an_order_that_expires_is_told(exchange: Exchange) -> None:
    with exchange.stream() as stream:
        joined(exchange, stream, 1)
        exchange.send(Trader(1).order(Side.SELL, 500, expiry=START + 3))
        exchange.time.pass_seconds(7)
        expired = events(stream, "expired")[-1]
        assert expired["order"]["reason"] == "expired"


def test_deposits_and_the_progress_of_batches_are_told_to_those_whom_they_concern(exchange: Exchange) -> None:
    with exchange.stream() as concerned, exchange.stream() as other:
        joined(exchange, concerned, 1)
        joined(exchange, other, 2)
        batch = exchange.send(Trader(1).order(Side.SELL, 500))["batch"]
        exchange.time.pass_seconds(7)
        while exchange.get("status")["closed_batch"] < batch:
            exchange.get("time")
        deposit = Request(RequestKind.DEPOSIT, 2, owner=2, amount=1_500_000)
        settle(
            exchange.directories,
            Progressed(batch, BatchState.PROVEN),
            Progressed(batch, BatchState.FINAL, b"\x11" * 32),
            Confirmed(deposit),
        )
        told = events(concerned, "final")
        assert told[-1] == {"type": "final", "batch": batch, "transaction": "0x" + "11" * 32}
        transfer = events(other, "transfer")[-1]["transfer"]
        assert (transfer["kind"], transfer["amount"], transfer["refused"]) == ("deposit", "1.500000", False)
        assert exchange.get("account/transfers", exchange.token(2))["items"][0] == transfer


def test_who_comes_back_gets_every_event_once(exchange: Exchange) -> None:
    ada = Trader(1)
    with exchange.stream() as stream:
        joined(exchange, stream, 1)
        exchange.send(ada.order(Side.SELL, 500))
        first = stream.push()
    exchange.send(ada.order(Side.SELL, 300, PRICE + 1))
    exchange.send(ada.cancel_all())
    with exchange.stream() as stream:
        stream.ask("auth", token=exchange.token(1))
        stream.subscribe("account", since=first["entry"])
        missed = stream.pushes(2)
        assert [push["prev"] for push in missed] == [first["entry"], missed[0]["entry"]]
        assert types([event for push in missed for event in push["events"]]) == [
            "accepted",
            "resting",
            "accepted",
            "cancelled",
            "cancelled",
        ]
        exchange.send(ada.order(Side.SELL, 100))
        assert stream.push()["prev"] == missed[1]["entry"]


def test_a_stream_ends_with_its_token(exchange: Exchange) -> None:
    with exchange.stream() as stream:
        joined(exchange, stream, 1)
        exchange.time.pass_seconds(901)
        assert stream.closed() == (4_001, "token expired")


def test_a_stream_is_of_one_account(exchange: Exchange) -> None:
    with exchange.stream() as stream:
        joined(exchange, stream, 1)
        answer = stream.ask("auth", token=exchange.token(2))
        assert answer["error"]["code"] == "foreign_account"
