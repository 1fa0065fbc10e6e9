"""The whole batch: whatever the engine does, the circuit accepts; seeds replay any failure."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover import Prover, open_prover
from tests.batch.fixtures import demo_like_batches


@pytest.fixture(scope="module")
def small() -> Prover:
    return open_prover("small", "native")


@settings(max_examples=12)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_batch_of_the_engine_is_provable(small: Prover, seed: int) -> None:
    for batch in demo_like_batches(seed, 2):
        small.check(batch.inputs)


def test_the_public_inputs_are_the_ones_that_the_contract_computes(small: Prover) -> None:
    batch = demo_like_batches(seed=7, count=1)[0]
    proof = small.prove(batch.inputs)
    assert proof.public == (batch.c, batch.r, batch.y)
