"""Which messages are refused before they are sequenced."""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.engine import State, admit, apply, errors
from sequencer.engine.commands import SequenceMessage
from sequencer.model import constants as c
from sequencer.model.codes import MessageKind
from sequencer.model.errors import ProofbookError
from sequencer.model.message import Message, SignedMessage
from tests.engine.venue import engine_snapshot
from tests.strategies import DOMAIN, START, genesis, signed_message

ORDER = Message(account=1, key_epoch=1, nonce=5, price=1000, size=5, max_fee_ppm=500)


@pytest.fixture
def state() -> State:
    """A state in which account 1 has used nonce 4."""
    state = genesis()
    apply(state, SequenceMessage(replace(ORDER, nonce=4, size=0)))
    return state


@pytest.mark.parametrize(
    "message",
    [
        ORDER,
        replace(ORDER, expiry=START),
        replace(ORDER, price=(1 << 32) - 1),
        replace(ORDER, max_fee_ppm=0),
        replace(ORDER, size=2),
        replace(ORDER, size=60),
        replace(ORDER, size=1, reduce_only=True, ioc=True),
        replace(ORDER, kind=MessageKind.CANCEL, price=0, size=0, target=3),
        replace(ORDER, kind=MessageKind.CANCEL_ALL, market=9, price=0, size=0),
    ],
)
def test_what_the_book_or_the_mark_may_still_allow_is_admitted(state: State, message: Message) -> None:
    before = engine_snapshot(state)
    admit(state, signed_message(message))
    assert engine_snapshot(state) == before


REFUSALS: list[tuple[type[ProofbookError], dict[str, Any]]] = [
    (errors.UnknownAccountError, {"account": 99}),
    (errors.KeyEpochError, {"key_epoch": 2}),
    (errors.KeyEpochError, {"key_epoch": 0}),
    (errors.KeyEpochError, {"account": c.INSURANCE_ACCOUNT, "key_epoch": 0}),
    (errors.ReplayedNonceError, {"nonce": 4}),
    (errors.ReplayedNonceError, {"nonce": 3}),
    (errors.MessageExpiredError, {"expiry": START - 1}),
    (errors.UnknownKindError, {"kind": 3}),
    (errors.NoMarketError, {"market": 1}),
    (errors.NoMarketError, {"market": c.MARKETS}),
    (errors.NoMarketError, {"kind": MessageKind.CANCEL, "market": 1}),
    (errors.PriceOutOfRangeError, {"price": 0}),
    (errors.SizeOutOfRangeError, {"size": 0}),
    (errors.SizeOutOfRangeError, {"size": 1}),
    (errors.SizeOutOfRangeError, {"size": 1, "reduce_only": True}),
    (errors.SizeOutOfRangeError, {"size": 1, "ioc": True}),
    (errors.SizeOutOfRangeError, {"size": 0, "reduce_only": True, "ioc": True}),
    (errors.SizeOutOfRangeError, {"size": 61}),
]


@pytest.mark.parametrize(("error", "fields"), REFUSALS)
def test_a_message_that_cannot_succeed_is_refused(
    state: State, error: type[ProofbookError], fields: dict[str, Any]
) -> None:
    with pytest.raises(error):
        admit(state, signed_message(replace(ORDER, **fields)))


@pytest.mark.parametrize(
    "fields",
    [
        {"account": 1 << 20},
        {"nonce": 1 << 48},
        {"kind": 4},
        {"kind": True},
        {"side": True},
        {"side": 2},
        {"market": 256},
        {"expiry": 1 << 40},
        {"max_fee_ppm": 1 << 20},
        {"price": 1 << 32},
        {"price": -1},
        {"price": 1000.0},
        {"price": "1000"},
        {"size": 1 << 48},
        {"target": 1 << 40},
        {"ioc": 1},
        {"post_only": None},
        {"reduce_only": 0},
    ],
    ids=str,
)
def test_a_field_of_the_wrong_type_or_width_is_refused(state: State, fields: dict[str, Any]) -> None:
    message = replace(ORDER, **fields)
    with pytest.raises(errors.MalformedFieldError, match=next(iter(fields))):
        admit(state, SignedMessage(message, (0, 0, 0)))
    with pytest.raises(errors.MalformedFieldError):
        apply(state, SequenceMessage(message))


@pytest.mark.parametrize(
    "signature", [(0, 0), (0, 0, 0, 0), (0, 0, -1), (c.FIELD_MODULUS, 0, 0), (0, 0, "1")]
)
def test_a_signature_that_is_no_signature_is_refused(state: State, signature: Any) -> None:
    with pytest.raises(errors.MalformedFieldError, match="signature"):
        admit(state, SignedMessage(ORDER, signature))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nonce", 6),
        ("side", 1),
        ("ioc", True),
        ("post_only", True),
        ("reduce_only", True),
        ("expiry", START + 9),
        ("max_fee_ppm", 501),
        ("price", 1001),
        ("size", 6),
        ("target", 1),
        ("account", 2),
        ("kind", MessageKind.CANCEL_ALL),
    ],
)
def test_a_signature_covers_every_field(state: State, name: str, value: Any) -> None:
    signature = signed_message(ORDER).signature
    with pytest.raises(errors.BadSignatureError):
        admit(state, SignedMessage(replace(ORDER, **{name: value}), signature))


def test_a_signature_is_good_for_one_deployment(state: State) -> None:
    with pytest.raises(errors.BadSignatureError):
        admit(state, signed_message(ORDER, DOMAIN + 1))


def test_an_error_says_what_to_do(state: State) -> None:
    with pytest.raises(errors.ReplayedNonceError) as caught:
        admit(state, signed_message(replace(ORDER, nonce=4)))
    assert str(caught.value) == "replayed_nonce: nonce 4 follows 4; sign again with a larger nonce"
    assert (caught.value.code, caught.value.message) == ("replayed_nonce", "nonce 4 follows 4")


def test_every_cause_has_its_own_code() -> None:
    codes = [
        vars(error)["code"] for error in vars(errors).values() if "code" in getattr(error, "__dict__", {})
    ]
    assert len(codes) == len(set(codes)) > 20
