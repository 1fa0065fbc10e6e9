"""A seeded stream of signed messages in one market: quotes, cancels, takers, now and then a cancel-all.

It is decided against a live engine, so that cancels name orders that rest, and recorded. A run that starts
from `funded_state` and applies the same batches does the same.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from msgspec.structs import replace

from bench.venue import GENESIS_SECONDS
from bench.workload import DOMAIN
from sequencer.crypto import SUBGROUP_ORDER, PublicKey, poseidon, public_key, sign
from sequencer.engine import State, apply
from sequencer.engine.commands import OpenEpoch, ProcessRequest, SequenceMessage
from sequencer.engine.events import MessageSequenced
from sequencer.model import constants as c
from sequencer.model.codes import MessageKind, RequestKind, Side
from sequencer.model.message import Message, SignedMessage
from sequencer.model.order import Order
from sequencer.model.request import Request
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import MARKET, MAX_FEE_PPM, PERPETUAL, configuration
from sequencer.state.genesis import genesis
from sequencer.state.ledger import Ledger

SEED: Final = 1
ACCOUNTS: Final = 40
BATCH_MESSAGES: Final = 32

_DEPOSIT: Final = 200_000_000_000
_FIRST_PRICE_TICKS: Final = 700_000
_STEP_TICKS: Final = 10
_QUOTE_DISTANCE_TICKS: Final = 150
_SLIPPAGE_TICKS: Final = 600
_SIZES_LOTS: Final = (500, 5_000)
# Shares of the messages. A book of `_DEPTH` orders sees as many cancels as quotes, which keeps it near there.
_QUOTES, _TAKERS, _CLOSES, _CANCEL_ALLS = 45, 8, 2, 0.5
_DEPTH: Final = 160


@dataclass(frozen=True, slots=True)
class FlowBatch:
    """The messages between two oracle rounds."""

    opening: OpenEpoch
    messages: tuple[SignedMessage, ...]


@dataclass(frozen=True, slots=True)
class OrderFlow:
    """The recorded stream, and how many events of each kind it makes."""

    batches: tuple[FlowBatch, ...]
    events: Counter[str]

    @property
    def messages(self) -> int:
        return sum(len(batch.messages) for batch in self.batches)


def funded_state() -> State:
    """The state that the stream starts from: every account has collateral and a key."""
    state = unfunded_ledger().state()
    for request in onboarding():
        apply(state, ProcessRequest(request))
    state.commit()
    return state


def unfunded_ledger() -> Ledger:
    return genesis(configuration(OracleSigners(SEED).keys), DOMAIN)


def onboarding() -> Iterator[Request]:
    """A deposit and a key of each account."""
    for account in _accounts():
        yield Request(RequestKind.DEPOSIT, account, owner=account + 1, amount=_DEPOSIT)
        yield Request(RequestKind.REGISTER_KEY, account, owner=account + 1, data=_key(account))


def record_order_flow(batches: int, batch_messages: int = BATCH_MESSAGES) -> OrderFlow:
    traders = _Traders()
    recorded = tuple(traders.batch(batch_messages) for _ in range(batches))
    return OrderFlow(recorded, traders.events)


class _Traders:
    """All traders at once; who sends a message is drawn with it."""

    def __init__(self) -> None:
        self.events: Counter[str] = Counter()
        self._state = funded_state()
        self._random = Random(f"proofbook order flow {SEED}")
        self._oracle = OracleSigners(SEED)
        self._price = _FIRST_PRICE_TICKS
        self._nonce = 0

    def batch(self, size: int) -> FlowBatch:
        time = max(self._state.timestamp, GENESIS_SECONDS) + 1
        opening = OpenEpoch(time, self._oracle.round(DOMAIN, time, self._price))
        apply(self._state, opening)
        messages = tuple(self._sent() for _ in range(size))
        self._state.commit()
        return FlowBatch(opening, messages)

    def _sent(self) -> SignedMessage:
        self._price += self._random.randint(-_STEP_TICKS, _STEP_TICKS)
        self._nonce += 1
        message = self._drawn()
        for event in apply(self._state, SequenceMessage(message)):
            if not isinstance(event, MessageSequenced):
                self.events[type(event).__name__] += 1
        return SignedMessage(message, sign(_secret(message.account), message.hash(DOMAIN)))

    def _drawn(self) -> Message:
        resting = [order for side in Side for order in self._state.book(MARKET, side)]
        account, side = self._random.choice(_accounts()), self._random.choice(tuple(Side))
        shares = (_QUOTES, _TAKERS, _CLOSES, _CANCEL_ALLS, _QUOTES * len(resting) / _DEPTH)
        match self._random.choices(("quote", "take", "close", "cancel all", "cancel"), shares)[0]:
            case "quote":
                return self._quote(account, side)
            case "take":
                return self._take(account, side)
            case "close":
                return self._close(account)
            case "cancel all":
                return self._cancel_all(account)
            case _:
                return self._cancel(self._random.choice(resting))

    def _quote(self, account: int, side: Side) -> Message:
        distance = 1 + round(self._random.expovariate(1 / _QUOTE_DISTANCE_TICKS))
        price = self._price - (1 - 2 * side) * distance
        post_only = self._random.random() < 1 / 2
        return replace(self._message(account), side=side, price=price, size=self._size(), post_only=post_only)

    def _take(self, account: int, side: Side) -> Message:
        ioc = self._random.random() < 3 / 4
        return replace(self._message(account), side=side, price=self._far(side), size=self._size(), ioc=ioc)

    def _close(self, account: int) -> Message:
        """Bring a position back to zero, or as close as the book allows."""
        position = self._state.account(account).positions[MARKET]
        side = Side.SELL if position > 0 else Side.BUY
        closing = replace(self._message(account), side=side, ioc=True, reduce_only=True)
        return replace(closing, price=self._far(side), size=max(abs(position), PERPETUAL.min_size))

    def _cancel(self, order: Order) -> Message:
        cancel = replace(self._message(order.account), kind=MessageKind.CANCEL, side=order.side)
        return replace(cancel, price=order.price, target=order.sequence)

    def _cancel_all(self, account: int) -> Message:
        return replace(self._message(account), kind=MessageKind.CANCEL_ALL)

    def _far(self, side: Side) -> int:
        return self._price + (1 - 2 * side) * _SLIPPAGE_TICKS

    def _size(self) -> int:
        return self._random.randint(*_SIZES_LOTS)

    def _message(self, account: int) -> Message:
        return Message(account, key_epoch=1, nonce=self._nonce, market=MARKET, max_fee_ppm=MAX_FEE_PPM)


def _accounts() -> range:
    return range(c.FIRST_ACCOUNT, c.FIRST_ACCOUNT + ACCOUNTS)


def _secret(account: int) -> int:
    return 1 + poseidon((3, account)) % (SUBGROUP_ORDER - 1)


def _key(account: int) -> PublicKey:
    return public_key(_secret(account))
