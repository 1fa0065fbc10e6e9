"""Messages that are hashed together have the hashes that they have alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sequencer.model.constants import FIELD_MODULUS, NONCE_BITS
from sequencer.model.message import Message, message_hashes

MESSAGES = st.builds(Message.from_words, st.integers(0, (1 << 158) - 1), st.integers(0, (1 << 120) - 1))


@given(messages=st.lists(MESSAGES, max_size=6), domain=st.integers(0, FIELD_MODULUS - 1))
def test_each_message_has_the_hash_that_it_has_alone(messages: list[Message], domain: int) -> None:
    assert message_hashes(messages, domain) == [message.hash(domain) for message in messages]


def test_one_field_that_does_not_fit_is_refused_with_all() -> None:
    message = Message(account=1, key_epoch=1, nonce=1)
    with pytest.raises(ValueError, match=f"does not fit {NONCE_BITS} bits"):
        message_hashes([message, replace(message, nonce=1 << NONCE_BITS)], domain=1)
