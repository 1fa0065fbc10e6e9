"""What traders send: operations of a stream, and bodies of requests."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from msgspec import json

from sequencer.model.codes import Side
from sequencer.model.message import Message, SignedMessage
from sequencer.service.http import decoded
from sequencer.service.wire import messages as wire
from sequencer.service.wire import stream
from sequencer.service.wire.errors import MalformedBodyError, WireError
from sequencer.service.wire.numbers import Markets, Units, field_element
from tests.fuzz.target import Target, chosen

DOMAIN = 77
MARKETS = Markets(
    (
        Units.of("BTC-USD", 0, Decimal("0.01"), Decimal("0.0001")),
        Units.of("ETH-USD", 2, Decimal("2.5"), Decimal("10")),
    )
)
ORDER = Message(3, 1, 9, side=Side.SELL, price=700_000, size=500, max_fee_ppm=300, post_only=True)
MESSAGES = (
    ORDER,
    Message(3, 1, 10, kind=1, market=2, price=7, target=12),
    Message(3, 65_535, (1 << 48) - 1, kind=2, expiry=99),
)
SIGNED = tuple(SignedMessage(message, (1, 2, 1 << 250)) for message in MESSAGES)
BODIES: tuple[Any, ...] = (
    wire.SignedOrder,
    wire.SignedCancel,
    wire.SignedCancelAll,
    wire.ReplaceRequest,
    wire.BatchRequest,
    wire.ChallengeRequest,
    wire.TokenRequest,
    wire.DeadManRequest,
)


def check_operation(data: bytes) -> None:
    """An operation of a stream, as its text."""
    _check(data, stream.Operation)


def check_body(data: bytes) -> None:
    """A body of a request; its kind is the first byte."""
    kind, body = chosen(BODIES, data)
    _check(body, kind)


def _check(data: bytes, kind: Any) -> None:
    decoder: json.Decoder[Any] = json.Decoder(kind)
    try:
        said = decoded(decoder, data)
    except MalformedBodyError:
        return
    assert decoder.decode(json.encode(said)) == said
    match said:
        case wire.SignedOrder() | wire.SignedCancel() | wire.SignedCancelAll():
            _check_message(said)
        case wire.ReplaceRequest(cancel=cancel, order=order):
            _check_message(cancel)
            _check_message(order)
        case wire.BatchRequest(messages=messages) | stream.Submit(messages=messages):
            for each in messages:
                _check_message(each)
        case wire.TokenRequest():
            _check_elements(said.challenge, *said.signature)


def _check_message(body: wire.SignedBody) -> None:
    try:
        signed = wire.to_signed(body, MARKETS)
    except WireError:
        return
    message = signed.message
    assert Message.from_words(*message.words()) == message
    assert message.hash(DOMAIN) == message.hash(DOMAIN)
    assert wire.to_signed(wire.from_signed(signed, MARKETS), MARKETS) == signed


def _check_elements(*texts: str) -> None:
    for text in texts:
        try:
            assert str(field_element(text)) == text
        except WireError:
            continue


def _operations() -> Iterator[bytes]:
    said: tuple[stream.Operation, ...] = (
        stream.Subscribe(id=1, channel="book", market="BTC-USD", since=7),
        stream.Unsubscribe(id=2, channel="account"),
        stream.Auth(id=3, token="x" * 43),
        stream.Submit(id=4, messages=[wire.from_signed(each, MARKETS) for each in SIGNED]),
        stream.Ping(id=(1 << 53) - 1),
    )
    yield from map(json.encode, said)
    yield b'{"id":1,"op":"ping","x":' + b"[" * 100


def _bodies() -> Iterator[bytes]:
    order, cancel, cancel_all = (wire.from_signed(each, MARKETS) for each in SIGNED)
    assert isinstance(cancel, wire.SignedCancel)
    assert isinstance(order, wire.SignedOrder)
    assert isinstance(cancel_all, wire.SignedCancelAll)
    said = (
        order,
        cancel,
        cancel_all,
        wire.ReplaceRequest(cancel=cancel, order=order),
        wire.BatchRequest(messages=[order, cancel, cancel_all]),
        wire.ChallengeRequest(account=3),
        wire.TokenRequest(account=3, challenge="5", signature=("1", "2", "3")),
        wire.DeadManRequest(cancel_all=cancel_all, fire_at_ms=1 << 40),
    )
    for place, body in enumerate(said):
        yield bytes([place]) + json.encode(body)


TARGETS = (
    Target("operation", check_operation, _operations),
    Target("body", check_body, _bodies),
)
