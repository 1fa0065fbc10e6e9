"""Every message that needs a signature has that of its account's key."""

from collections.abc import Sequence

import pytest

from prover.witness import Nested
from sequencer.crypto import BASE8, public_key, sign
from sequencer.model import constants as c
from tests.circuits.harness import CircuitTester

SECRETS = (101, 202)
KEYS = tuple(public_key(secret) for secret in SECRETS)
HASHES = (71, 72)
NOBODY = (*BASE8, 0)


@pytest.fixture(scope="module")
def messages() -> CircuitTester:
    return CircuitTester("MessageSignatures", (2, 2))


def inputs(signed_by: Sequence[int], **lies: Nested) -> dict[str, Nested]:
    """Message k is signed by the key of slot `signed_by[k] - 1`, or by nobody."""
    signatures = [
        sign(SECRETS[slot - 1], message) if slot else NOBODY
        for slot, message in zip(signed_by, HASHES, strict=True)
    ]
    honest: dict[str, Nested] = {
        "signer": signed_by,
        "hash": HASHES,
        "key": KEYS,
        "slot": [[int(slot == 1), int(slot == 2)] for slot in signed_by],
        "r8": [signature[:2] for signature in signatures],
        "s": [signature[2] for signature in signatures],
    }
    return honest | lies


@pytest.mark.parametrize("signer", [(1, 2), (2, 1), (1, 1), (0, 2), (1, 0), (0, 0)])
def test_messages_are_signed_by_their_accounts(messages: CircuitTester, signer: tuple[int, int]) -> None:
    assert messages.accepts(inputs(signer))


@pytest.mark.parametrize("signer", [(1, 2), (2, 1)])
@pytest.mark.parametrize("message", [0, 1])
def test_an_unsigned_message_is_rejected(
    messages: CircuitTester, signer: tuple[int, int], message: int
) -> None:
    """No slot is selected, as for a message that needs no signature."""
    unsigned = [0 if place == message else slot for place, slot in enumerate(signer)]
    assert messages.rejects(inputs(unsigned, signer=signer))


@pytest.mark.parametrize("message", [0, 1])
def test_a_message_signed_by_another_account_is_rejected(messages: CircuitTester, message: int) -> None:
    signer = [2 if place == message else 1 for place in (0, 1)]
    assert messages.rejects(inputs(signer, signer=[1, 1]))
    assert messages.rejects(inputs(signer, signer=[1, 1], slot=[[1, 0], [1, 0]]))


@pytest.mark.parametrize("message", [0, 1])
def test_a_message_that_was_not_signed_is_rejected(messages: CircuitTester, message: int) -> None:
    changed = [value + (place == message) for place, value in enumerate(HASHES)]
    assert messages.rejects(inputs([1, 2], hash=changed))


def test_a_message_that_needs_no_signature_has_no_signer(messages: CircuitTester) -> None:
    assert messages.rejects(inputs([1, 2], signer=[0, 2]))


def test_two_slots_do_not_sign_as_a_third_one(messages: CircuitTester) -> None:
    """Slots 0 and 1 together would be signer 3, with the sum of their keys less the default key."""
    assert messages.rejects(
        inputs([2, 0], signer=[3, 0], slot=[[1, 1], [0, 0]], key=[c.DEFAULT_KEY, KEYS[1]])
    )


def test_a_selector_that_is_not_boolean_is_rejected(messages: CircuitTester) -> None:
    """Slot 1 less slot 0 would be signer 1 with no signature: its places sum to 0."""
    assert messages.rejects(inputs([0, 0], signer=[1, 0], slot=[[-1, 1], [0, 0]]))


def test_the_default_key_signs_for_no_account(messages: CircuitTester) -> None:
    """A slot whose key is the default key still needs a signature."""
    assert messages.rejects(
        inputs([0, 0], signer=[1, 0], slot=[[1, 0], [0, 0]], key=[c.DEFAULT_KEY, KEYS[1]])
    )
