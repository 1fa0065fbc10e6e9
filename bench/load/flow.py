"""The stream of signed messages that all runs send from its beginning: quotes, takers, cancels.

A cancel names the sequence of its order, so it can only be signed ahead if the sequences are known ahead.
They are: the stream is decided against a live engine that begins where the server begins, and it is sent in
its order. It comes in chunks of one lane each, the lanes in turn, and a lane has accounts of its own: should
two chunks overtake each other on their way, no nonce is lost, and no more than the cancels of their orders
find nothing.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Final

import msgspec
from msgspec.structs import replace

from bench.load.venue import ACCOUNTS, MARKETS, ORACLE, PRICE_TICKS, SEED, onboarding, secret_of
from bench.venue import GENESIS_SECONDS
from bench.workload import DOMAIN
from sequencer.crypto import sign
from sequencer.engine import State, apply
from sequencer.engine.commands import OpenEpoch, ProcessRequest, SequenceMessage
from sequencer.model.codes import MessageKind, Side
from sequencer.model.message import Message, SignedMessage
from sequencer.model.order import Order
from sequencer.replay.terms import MARKET, MAX_FEE_PPM, configuration
from sequencer.service.wire.messages import from_signed
from sequencer.state.genesis import genesis

_STEP_TICKS: Final = 10
_RANGE_TICKS: Final = 5_000
_QUOTE_DISTANCE_TICKS: Final = 150
_SLIPPAGE_TICKS: Final = 600
_SIZES_LOTS: Final = (500, 5_000)
# Shares of the messages. A book of `_DEPTH` orders sees as many cancels as quotes, which keeps it near there.
_QUOTES, _TAKERS = 45, 10
_DEPTH: Final = 400
_SIGNED_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Framing:
    """How a stream is cut: chunks of `chunk` messages, one request each, of `lanes` lanes in turn."""

    chunk: int
    lanes: int


class Flow:
    """The stream of one framing, made as far as it is needed.

    Attributes
    ----------
    chunks : list of list of bytes
        The messages as JSON, as the list of a batch has them.
    """

    def __init__(self, framing: Framing) -> None:
        self.framing = framing
        self.chunks: list[list[bytes]] = []
        self._traders = _Traders(framing)

    def extend(self, chunks: int) -> None:
        """Have so many chunks, or more; all cores sign."""
        missing = chunks - len(self.chunks)
        if missing <= 0:
            return
        size = self.framing.chunk
        messages = [message for _ in range(missing) for message in self._traders.chunk()]
        parts = [messages[at : at + _SIGNED_AT_ONCE] for at in range(0, len(messages), _SIGNED_AT_ONCE)]
        with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            texts = [text for part in pool.map(signed_texts, parts) for text in part]
        self.chunks += [texts[at : at + size] for at in range(0, len(texts), size)]


def signed_texts(messages: Sequence[Message]) -> list[bytes]:
    """Return messages with their signatures, as JSON."""
    texts = []
    for message in messages:
        signed = SignedMessage(message, sign(secret_of(message.account), message.hash(DOMAIN)))
        texts.append(msgspec.json.encode(from_signed(signed, MARKETS)))
    return texts


class _Traders:
    """All traders at once; who sends a message is drawn with it."""

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._state = _funded()
        self._random = Random(f"proofbook load {SEED}")
        self._price = PRICE_TICKS
        self._nonce = self._chunks = 0

    def chunk(self) -> Iterator[Message]:
        """The messages of the next lane."""
        lane = self._chunks % self._framing.lanes
        self._chunks += 1
        accounts = ACCOUNTS[lane :: self._framing.lanes]
        for _ in range(self._framing.chunk):
            yield self._sent(accounts)
        self._state.commit()

    def _sent(self, accounts: Sequence[int]) -> Message:
        moved = self._price + self._random.randint(-_STEP_TICKS, _STEP_TICKS)
        self._price = min(max(moved, PRICE_TICKS - _RANGE_TICKS), PRICE_TICKS + _RANGE_TICKS)
        self._nonce += 1
        message = self._drawn(accounts)
        apply(self._state, SequenceMessage(message))
        return message

    def _drawn(self, accounts: Sequence[int]) -> Message:
        resting = [o for side in Side for o in self._state.book(MARKET, side) if o.account in accounts]
        account, side = self._random.choice(accounts), self._random.choice(tuple(Side))
        cancels = _QUOTES * len(resting) * self._framing.lanes / _DEPTH
        match self._random.choices(("quote", "take", "cancel"), (_QUOTES, _TAKERS, cancels))[0]:
            case "quote":
                return self._quote(account, side)
            case "take":
                return self._take(account, side)
            case _:
                return self._cancel(self._random.choice(resting))

    def _quote(self, account: int, side: Side) -> Message:
        distance = 1 + round(self._random.expovariate(1 / _QUOTE_DISTANCE_TICKS))
        price = self._price - (1 - 2 * side) * distance
        post_only = self._random.random() < 1 / 2
        return replace(self._order(account, side), price=price, post_only=post_only)

    def _take(self, account: int, side: Side) -> Message:
        ioc = self._random.random() < 3 / 4
        return replace(
            self._order(account, side), price=self._price + (1 - 2 * side) * _SLIPPAGE_TICKS, ioc=ioc
        )

    def _cancel(self, order: Order) -> Message:
        return Message(
            order.account,
            key_epoch=1,
            nonce=self._nonce,
            kind=MessageKind.CANCEL,
            market=MARKET,
            side=order.side,
            price=order.price,
            target=order.sequence,
        )

    def _order(self, account: int, side: Side) -> Message:
        return Message(
            account,
            key_epoch=1,
            nonce=self._nonce,
            market=MARKET,
            side=side,
            size=self._random.randint(*_SIZES_LOTS),
            max_fee_ppm=MAX_FEE_PPM,
        )


def _funded() -> State:
    """The state that the server comes to before its first message."""
    state = genesis(configuration(ORACLE.keys), DOMAIN).state()
    opened = GENESIS_SECONDS + 1
    apply(state, OpenEpoch(opened, ORACLE.round(DOMAIN, opened, PRICE_TICKS)))
    for request in onboarding():
        apply(state, ProcessRequest(request))
    state.commit()
    return state
