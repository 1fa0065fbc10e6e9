"""Telling many: what happens together is told together, to each once, and made once for all."""

import json
from typing import Any

from sequencer.model.codes import Side
from sequencer.service.channels import Fanout
from sequencer.service.wire.market import TradeBody
from sequencer.service.wire.stream import AccountPush, BookPush, DeadManVoid, TradesPush
from tests.node.venue import PRICE, Trader
from tests.service.book import ClientBook
from tests.service.exchange import Exchange, Stream, body_of

MARKET = "BTC-USD"
HEAD: dict[str, Any] = {"prev": 0, "time_ms": 1, "snapshot": False}


def trade(entry: int) -> TradeBody:
    return TradeBody(
        market=MARKET,
        price="7000.00",
        size="0.0010",
        side="buy",
        trade=entry << 8,
        liquidation=False,
        batch=1,
        time_ms=1,
        entry=entry,
    )


def said(frame: bytes | None) -> dict[str, Any]:
    assert frame is not None
    return dict(json.loads(frame[frame.index(b"{") :]))


def test_a_push_is_made_once_for_all_that_hold_the_same_entry() -> None:
    fanout = Fanout(BookPush(**HEAD, entry=9, market=MARKET, bids=[], asks=[], checksum=0))
    assert fanout.frame(7) is fanout.frame(7)
    assert (said(fanout.frame(7))["prev"], said(fanout.frame(8))["prev"]) == (7, 8)


def test_who_came_between_two_trades_is_told_of_the_second_alone() -> None:
    fanout = Fanout(TradesPush(**HEAD, entry=9, market=MARKET, trades=[trade(6), trade(9)]))
    assert [each["entry"] for each in said(fanout.frame(5))["trades"]] == [6, 9]
    assert [each["entry"] for each in said(fanout.frame(6))["trades"]] == [9]
    assert [each["entry"] for each in said(fanout.frame(8))["trades"]] == [9]


def test_who_has_it_all_from_the_snapshot_is_told_nothing() -> None:
    fanout = Fanout(TradesPush(**HEAD, entry=9, market=MARKET, trades=[trade(6), trade(9)]))
    assert fanout.frame(9) is fanout.frame(10) is None
    book = BookPush(**HEAD, entry=9, market=MARKET, bids=[], asks=[], checksum=0)
    assert Fanout(book).frame(9) is None


def test_two_events_of_one_entry_are_both_told() -> None:
    fanout = Fanout(AccountPush(**HEAD, entry=9, events=[DeadManVoid(nonce=1)]))
    assert said(fanout.frame(9))["events"] == [{"type": "dead_man_void", "nonce": 1}]


def test_what_becomes_durable_together_is_told_in_one_push(exchange: Exchange) -> None:
    ada, bob = Trader(1), Trader(2)
    makers = [ada.order(Side.SELL, 10, PRICE + step) for step in range(50)]
    takers = [bob.order(Side.BUY, 10, PRICE + 49) for _ in range(40)]
    with exchange.stream() as stream:
        book, entries = ClientBook(), {}
        for channel in ("book", "trades", "ticker"):
            entries[channel] = stream.subscribe(channel, MARKET)["entry"]
            first = stream.push()
            if channel == "book":
                book.take(first)
        exchange.batch(*makers, *takers)
        last = exchange.get("status")["entry"]
        told: dict[str, list[dict[str, Any]]] = {"book": [], "trades": [], "ticker": []}
        traded: list[int] = []
        while len(traded) < len(takers) or any(not pushes for pushes in told.values()):
            push = stream.push()
            told[push["channel"]].append(push)
            assert push["prev"] == entries[push["channel"]]
            entries[push["channel"]] = push["entry"]
            if push["channel"] == "book":
                book.take(push)
            traded += [each["trade"] for each in push.get("trades", ())]
        assert traded == sorted(set(traded))
        assert len(traded) == len(takers)
        assert all(len(pushes) < len(takers) // 2 for pushes in told.values())
        assert entries["trades"] == last
        shown = exchange.get(f"markets/{MARKET}/book", depth=1_000)
        while book.entry < last:
            book.take(stream.push())
        assert [list(level) for level in book.levels()[1]] == [row[:2] for row in shown["asks"]]


def test_who_subscribes_while_others_trade_gets_each_trade_once(exchange: Exchange) -> None:
    ada, bob = Trader(1), Trader(2)

    def trade_lots(trader: Stream, lots: int) -> None:
        pair = ada.order(Side.SELL, lots), bob.order(Side.BUY, lots)
        trader.say("submit", messages=[body_of(each) for each in pair])

    with exchange.stream() as trader, exchange.stream() as reader:
        for lots in range(10, 60, 2):
            trade_lots(trader, lots)
            reader.subscribe("trades", MARKET)
            seen = sizes(reader.push())
            trade_lots(trader, lots + 1)
            while seen[-1:] != [f"{(lots + 1) / 10_000:.4f}"]:
                seen += sizes(reader.push())
            assert seen == [f"{each / 10_000:.4f}" for each in range(10, lots + 2)][-len(seen) :]
            reader.ask("unsubscribe", channel="trades", market=MARKET)


def sizes(push: dict[str, Any]) -> list[str]:
    return [trade["size"] for trade in push["trades"]]
