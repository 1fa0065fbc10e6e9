"""A node and its service on a socket, and clients that are not ours: httpx and websockets."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn
import uvloop
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from sequencer.batch.sizes import BatchSize
from sequencer.crypto import sign
from sequencer.model.message import SignedMessage
from sequencer.node.node import Node
from sequencer.node.policy import NodePolicy
from sequencer.records.directories import Directories
from sequencer.service.app import create_app
from sequencer.service.clock import Clock
from sequencer.service.server import server
from sequencer.service.settings import ServiceSettings
from sequencer.service.wire.challenge import challenge_hash
from sequencer.service.wire.messages import from_signed
from sequencer.service.wire.numbers import Markets, Units
from tests.node.venue import BTC, DOMAIN, POLICY, Time, create, running, secret_of

MARKETS = Markets((Units.of(BTC.symbol, BTC.slot, BTC.tick_size, BTC.lot_size),))
SETTINGS = ServiceSettings(drain_seconds=2)
ROOMY = BatchSize("roomy", 100_000, 1_000, 1_000, 100_000, messages=10_000, requests=100)
"""No batch of a test is ever full: its clock hardly moves, and a new batch needs a later second."""
PATHS = {"order": "/v1/orders", "cancel": "/v1/orders/cancel", "cancel_all": "/v1/orders/cancel-all"}

Body = dict[str, Any]


def body_of(signed: SignedMessage) -> Body:
    """The body that says a message, with its `type`."""
    return dict(json.loads(msgspec.json.encode(from_signed(signed, MARKETS))))


@dataclass
class Exchange:
    """A server, as its clients see it, and the parts behind it that only a test may touch."""

    address: str
    node: Node
    directories: Directories
    time: Time
    server: uvicorn.Server
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=f"http://{self.address}", trust_env=False, timeout=30)

    def get(self, path: str, token: str = "", **query: Any) -> Body:
        answer = self.http.get(f"/v1/{path}", params=query, headers=bearer(token))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def post(self, signed: SignedMessage) -> httpx.Response:
        """Send a message by the route of its kind."""
        body = body_of(signed)
        return self.http.post(PATHS[body["type"]], json=body)

    def send(self, signed: SignedMessage) -> Body:
        """The answer to a message that is taken."""
        answer = self.post(signed)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def batch(self, *messages: SignedMessage) -> list[Body]:
        answer = self.http.post("/v1/orders/batch", json={"messages": [body_of(each) for each in messages]})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["results"])

    def challenge(self, account: int) -> int:
        answer = self.http.post("/v1/auth/challenge", json={"account": account})
        return int(answer.json()["challenge"])

    def prove(self, account: int, challenge: int, signer: int | None = None) -> httpx.Response:
        """Show a signature of the challenge, by the account's own key or another's."""
        secret = secret_of(account if signer is None else signer)
        signature = sign(secret, challenge_hash(DOMAIN, account, challenge))
        body = {
            "account": account,
            "challenge": str(challenge),
            "signature": [str(part) for part in signature],
        }
        return self.http.post("/v1/auth/token", json=body)

    def token(self, account: int) -> str:
        answer = self.prove(account, self.challenge(account))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    def stream(self, **options: Any) -> "Stream":
        return Stream(connect(f"ws://{self.address}/v1/stream", max_size=None, proxy=None, **options))


class Stream:
    """A client of the stream: answers by id, pushes in their order."""

    socket: ClientConnection

    def __init__(self, opening: AbstractContextManager[ClientConnection]) -> None:
        self._opening = opening
        self._ids = 0
        self._pushes: list[Body] = []

    def __enter__(self) -> "Stream":
        self.socket = self._opening.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def say(self, op: str, **fields: Any) -> int:
        """Send an operation and return its id, without waiting for the answer."""
        self._ids += 1
        self.socket.send(json.dumps({"id": self._ids, "op": op} | fields))
        return self._ids

    def closed(self) -> tuple[int, str]:
        """With which code and reason the server ends the stream; what it sends before is dropped."""
        with pytest.raises(ConnectionClosed) as ended:
            self.until(lambda _: False)
        said = ended.value.rcvd
        assert said is not None, "the server has said nothing"
        return said.code, said.reason

    def ask(self, op: str, **fields: Any) -> Body:
        """The answer to an operation; pushes that come before it are kept."""
        operation = self.say(op, **fields)
        while True:
            message = self._receive()
            if message.get("id") == operation:
                return message
            self._pushes.append(message)

    def subscribe(self, channel: str, market: str | None = None, since: int | None = None) -> Body:
        """What the answer to a subscription says."""
        answer = self.ask("subscribe", channel=channel, market=market, since=since)
        assert "error" not in answer, answer
        return dict(answer["result"])

    def push(self, timeout: float = 30) -> Body:
        """The next push."""
        return self._pushes.pop(0) if self._pushes else self._receive(timeout)

    def pushes(self, count: int) -> list[Body]:
        return [self.push() for _ in range(count)]

    def until(self, holds: Callable[[Body], bool]) -> list[Body]:
        """The pushes up to the first that something holds for; none of them is a heartbeat."""
        found = [self.push()]
        while not holds(found[-1]):
            assert found[-1].get("channel") != "heartbeat", "nothing else came"
            found.append(self.push())
        return found

    def _receive(self, timeout: float = 30) -> Body:
        return dict(json.loads(self.socket.recv(timeout)))


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} if token else {}


@contextmanager
def serving(
    data: Path,
    settings: ServiceSettings = SETTINGS,
    *,
    accounts: int = 2,
    directories: Directories | None = None,
    size: BatchSize = ROOMY,
    policy: NodePolicy = POLICY,
    send_bytes: int = 0,
) -> Iterator[Exchange]:
    """An exchange on a free port, from its start to the end of its drain.

    Parameters
    ----------
    send_bytes
        What the kernel may hold for a client that does not read; 0 for as much as it likes.
    """
    parts = directories or create(data, accounts)
    time = Time()
    clock = Clock(wall_ms=time, seconds=lambda: time.now_ms / 1_000)
    started: list[Any] = []
    ready = threading.Event()

    async def main(listening: socket.socket) -> None:
        async with running(parts, time, size, policy) as node:
            service = server(create_app(node, settings, clock))
            started.extend((node, service))
            ready.set()
            await service.serve(sockets=[listening])

    def run(listening: socket.socket) -> None:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(main(listening))
        finally:
            ready.set()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        if send_bytes:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_bytes)
        thread = threading.Thread(target=run, args=(listening,))
        thread.start()
        ready.wait()
        node, service = started
        try:
            yield Exchange(f"127.0.0.1:{listening.getsockname()[1]}", node, parts, time, service)
        finally:
            service.should_exit = True
            thread.join()
