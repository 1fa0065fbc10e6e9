"""A message has one reading, and its hash is the one that a trader signs."""

from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sequencer.model.message import Message
from tests.circuits.book.lies import Tables
from tests.circuits.harness import CircuitTester
from tests.circuits.step.micro_steps import message_bus
from tests.strategies import DOMAIN

BITS = {
    "account": 20,
    "key_epoch": 16,
    "nonce": 48,
    "kind": 2,
    "market": 8,
    "side": 1,
    "ioc": 1,
    "post_only": 1,
    "reduce_only": 1,
    "expiry": 40,
    "max_fee_ppm": 20,
    "price": 32,
    "size": 48,
    "target": 40,
}
SIGNALS = dict(zip(message_bus(Message(0, 0, 0)), BITS.values(), strict=True))
LARGEST = Message(**cast(dict[str, Any], {name: (1 << bits) - 1 for name, bits in BITS.items()}))


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("MessageWords")


def inputs(message: Message) -> Tables:
    return {"domain": DOMAIN, "message": message_bus(message)}


@given(st.builds(Message, **{name: st.integers(0, (1 << bits) - 1) for name, bits in BITS.items()}))
@settings(max_examples=30)
def test_what_is_signed_is_what_the_engine_hashes(circuit: CircuitTester, message: Message) -> None:
    expected = {
        "words": list(message.words()),
        "hash": message.hash(DOMAIN),
        "kind": [message.kind >> bit & 1 for bit in range(2)],
        "market": [message.market >> bit & 1 for bit in range(8)],
    }
    assert circuit.witness(inputs(message)) == expected


@pytest.mark.parametrize("message", [Message(0, 0, 0, expiry=0), LARGEST], ids=["smallest", "largest"])
def test_the_smallest_and_largest_fields_are_in_range(circuit: CircuitTester, message: Message) -> None:
    assert circuit.accepts(inputs(message))


@pytest.mark.parametrize(("name", "bits"), SIGNALS.items())
def test_a_field_that_spills_into_its_neighbour_is_rejected(
    circuit: CircuitTester, name: str, bits: int
) -> None:
    for value in (1 << bits, -1):
        told = inputs(Message(1, 1, 1))
        assert circuit.rejects(told | {"message": told["message"] | {name: value}})


@pytest.mark.parametrize(
    "signal", ["words[0]", "words[1]", "hash", "kind[0]", "kind[1]", "market[0]", "market[7]"]
)
def test_what_is_signed_cannot_be_lied_about(circuit: CircuitTester, signal: str) -> None:
    assert not circuit.accepts_witness_with(inputs(LARGEST), {f"main.{signal}": 0})
