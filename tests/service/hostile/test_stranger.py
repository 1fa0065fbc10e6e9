"""Clients that are not ours: aiohttp in Python and ws in Node speak to the stream by its specification."""

import asyncio
import json
import subprocess
from pathlib import Path

import aiohttp

from sequencer.chain.receipts import ReceiptDomain
from sequencer.model.codes import Side
from sequencer.service.wire.orders import MessageResult, decode_result
from tests.node.venue import DOMAIN, PRICE, RECEIPT_KEY, ROLLUP, Trader
from tests.service.book import ClientBook
from tests.service.exchange import Body, Exchange, body_of

MARKET = "BTC-USD"
CLIENT = Path(__file__).with_name("stranger.mjs")
ORDERS = 30
_WAIT_SECONDS = 60


def orders(trader: Trader) -> list[Body]:
    """Orders of both sides, of which some buy what another sells."""
    for place in range(ORDERS // 2):
        trader.order(Side.BUY, 10 + place, PRICE + 2 - place % 5)
        trader.order(Side.SELL, 10 + place, PRICE + 3 + place % 5)
    return [body_of(signed) for signed in trader.sent]


async def follow(address: str, sent: list[Body]) -> tuple[ClientBook, list[Body]]:
    """The book after all orders were answered, and their answers."""
    book = ClientBook()
    answers: list[Body] = []
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"http://{address}/v1/stream") as socket,
        asyncio.timeout(_WAIT_SECONDS),
    ):
        await socket.send_json({"id": 0, "op": "subscribe", "channel": "book", "market": MARKET})
        assert (await socket.receive_json())["result"]["channel"] == "book"
        for number, message in enumerate(sent, 1):
            await socket.send_json({"id": number, "op": "submit", "messages": [message]})
        while len(answers) < ORDERS or not book.entry or book.entry < last_change(answers):
            told = await socket.receive_json()
            if told.get("channel") == "book":
                book.take(told)
            elif 0 < told.get("id", 0) <= ORDERS:
                answers += told["result"]["results"]
    return book, answers


def last_change(answers: list[Body]) -> int:
    """The entry of the last change of an order."""
    return max(int(answer["order"]["entry"]) for answer in answers)


def test_aiohttp_follows_the_book_and_trades(exchange: Exchange) -> None:
    exchange.send(Trader(2).order(Side.SELL, 500, PRICE + 2))
    book, answers = asyncio.run(follow(exchange.address, orders(Trader(1))))
    shown = exchange.get(f"markets/{MARKET}/book", depth=1_000)
    bids, asks = book.levels()
    assert [list(level) for level in bids + asks] == [row[:2] for row in shown["bids"] + shown["asks"]]
    assert book.checksum() == shown["checksum"]
    assert {answer["order"]["status"] for answer in answers} == {"resting", "filled"}
    result = decode_result(json.dumps(answers[0]).encode())
    assert isinstance(result, MessageResult)
    assert ReceiptDomain(31337, ROLLUP).signer_of(result.receipt.receipt()) == RECEIPT_KEY.address


def test_ws_of_node_follows_the_book_and_trades(exchange: Exchange) -> None:
    exchange.send(Trader(2).order(Side.SELL, 500, PRICE + 2))
    ada = Trader(1)
    asked = {"url": f"ws://{exchange.address}/v1/stream", "market": MARKET, "orders": orders(ada)}
    ended = subprocess.run(
        ["node", CLIENT], input=json.dumps(asked), capture_output=True, text=True, timeout=_WAIT_SECONDS
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    shown = exchange.get(f"markets/{MARKET}/book", depth=1_000)
    assert told["bids"] + told["asks"] == [row[:2] for row in shown["bids"] + shown["asks"]]
    assert told["checksums"] > 1
    hashes = [signed.message.hash(DOMAIN) for signed in ada.sent]
    assert [int(answer["receipt"]["message_hash"]) for answer in told["answers"]] == hashes
