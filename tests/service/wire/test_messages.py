"""Signed messages on the wire: the body says the very words that were signed."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.model.codes import MessageKind, Side
from sequencer.model.message import Message, SignedMessage
from sequencer.service.wire.messages import BatchRequest, SignedBody, from_signed, to_signed
from tests.service.exchange import MARKETS

FIELDS = {
    "account": st.integers(0, (1 << c.ACCOUNT_BITS) - 1),
    "key_epoch": st.integers(0, (1 << c.KEY_EPOCH_BITS) - 1),
    "nonce": st.integers(0, (1 << c.NONCE_BITS) - 1),
    "expiry": st.integers(0, c.NEVER_EXPIRES),
}
PLACE = {"side": st.sampled_from(Side), "price": st.integers(0, (1 << c.PRICE_BITS) - 1)}
ORDERS = st.builds(
    Message,
    **FIELDS,
    **PLACE,
    size=st.integers(0, (1 << c.SIZE_BITS) - 1),
    max_fee_ppm=st.integers(0, (1 << c.PPM_BITS) - 1),
    ioc=st.booleans(),
    post_only=st.booleans(),
    reduce_only=st.booleans(),
)
CANCELS = st.builds(
    Message,
    **FIELDS,
    **PLACE,
    kind=st.just(MessageKind.CANCEL),
    target=st.integers(0, (1 << c.SEQUENCE_BITS) - 1),
)
CANCEL_ALLS = st.builds(Message, **FIELDS, kind=st.just(MessageKind.CANCEL_ALL))
ELEMENTS = st.integers(0, c.FIELD_MODULUS - 1)
SIGNED = st.builds(
    SignedMessage, st.one_of(ORDERS, CANCELS, CANCEL_ALLS), st.tuples(ELEMENTS, ELEMENTS, ELEMENTS)
)


@given(SIGNED)
def test_a_message_comes_back_as_it_was_signed(signed: SignedMessage) -> None:
    text = msgspec.json.encode(from_signed(signed, MARKETS))
    body = msgspec.json.decode(text, type=SignedBody)
    assert to_signed(body, MARKETS) == signed


@given(st.lists(SIGNED, min_size=1, max_size=5))
def test_a_batch_keeps_kinds_and_order(messages: list[SignedMessage]) -> None:
    request = BatchRequest(messages=[from_signed(signed, MARKETS) for signed in messages])
    again = msgspec.json.decode(msgspec.json.encode(request), type=BatchRequest)
    assert [to_signed(body, MARKETS) for body in again.messages] == messages


def test_what_nobody_signs_has_no_body() -> None:
    liquidation = SignedMessage(Message.liquidation(1, 0, Side.BUY, 5), (0, 0, 0))
    with pytest.raises(ValueError, match="nobody signs"):
        from_signed(liquidation, MARKETS)


def test_flags_that_a_kind_does_not_have_cannot_be_said() -> None:
    signed = SignedMessage(Message(1, 1, 1, MessageKind.CANCEL_ALL), (0, 0, 0))
    body = msgspec.to_builtins(from_signed(signed, MARKETS)) | {"ioc": True}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body, type=SignedBody)
    assert to_signed(from_signed(replace(signed), MARKETS), MARKETS) == signed
