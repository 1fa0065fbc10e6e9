"""A whole batch whose signatures are checked one by one: it holds what the combined check holds."""

from itertools import count

import pytest
from msgspec.structs import replace

from prover import Prover
from prover.backends import backend_named
from prover.circuit import batch_circuit
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.signals import Inputs
from sequencer.batch.sizes import batch_size
from soundness.attacks.attack import CircuitAttack
from soundness.attacks.catalogue import CIRCUIT_ATTACKS
from soundness.attacks.trial import CircuitTrial
from soundness.hints.inputs import value_at, with_value
from tests.batch.fixtures import demo_like_batches, trading

SMALL = batch_size("small")
FORGERIES = [attack for attack in CIRCUIT_ATTACKS if "SignatureBatch" in attack.rejected_in]
SCALARS = {"signatureBit", "signatureQuotient", "signatureCarry"}


@pytest.fixture(scope="module")
def circuit() -> CircuitTrial:
    batched = batch_circuit("small")
    parameters = batched.parameters | {"signatures": 0}
    single = replace(batched, name="batch-small-single", parameters=parameters)
    return CircuitTrial(Prover(single, backend_named("native")))


@pytest.fixture(scope="module")
def seed() -> int:
    """Of a batch whose first message is signed: neither forced nor of another key epoch."""
    return next(seed for seed in count(1) if begins_signed(first_batch(seed)))


@pytest.fixture(scope="module")
def batch(seed: int) -> SealedBatch:
    return first_batch(seed)


def begins_signed(batch: SealedBatch) -> bool:
    return any(value_at(batch.inputs["signatureSlot"], (0, slot)) for slot in range(SMALL.accounts))


def first_batch(seed: int) -> SealedBatch:
    return next(trading(seed, replace(SMALL, signatures="single")))


def test_an_honest_batch_is_accepted_with_the_same_published_values(
    circuit: CircuitTrial, batch: SealedBatch, seed: int
) -> None:
    (batched,) = demo_like_batches(seed, 1, "small")
    assert (batch.c, batch.r, batch.y) == (batched.c, batched.r, batched.y)
    assert batch.inputs.items() <= batched.inputs.items()
    assert circuit.refusal(batch.inputs) is None


def test_another_published_value_is_refused(circuit: CircuitTrial, batch: SealedBatch) -> None:
    for name in ("c", "y"):
        place = circuit.refusal(one_more(batch.inputs, name, ()))
        assert place is not None
        assert (place.template, place.binds) == ("Batch", True)


@pytest.mark.parametrize("slot", [0, SMALL.messages], ids=["of a message", "of a report"])
def test_a_wrong_signature_is_refused(circuit: CircuitTrial, batch: SealedBatch, slot: int) -> None:
    place = circuit.refusal(one_more(batch.inputs, "signatureS", (slot,)))
    assert place is not None
    assert (place.template, place.binds) == ("SignatureEach", True)


@pytest.mark.parametrize("attack", FORGERIES, ids=lambda attack: attack.name)
def test_what_the_combined_check_refuses_is_refused(circuit: CircuitTrial, attack: CircuitAttack) -> None:
    inputs = {name: signal for name, signal in attack.inputs().items() if name not in SCALARS}
    place = circuit.refusal(inputs)
    assert place is not None
    assert place.template in ("SignatureEach", "MessageOwners")
    assert place.binds


def one_more(inputs: Inputs, name: str, place: tuple[int, ...]) -> Inputs:
    return with_value(inputs, name, place, value_at(inputs[name], place) + 1)
