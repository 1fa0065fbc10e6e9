"""Both back ends prove on the same key and witness, and three verifiers that share no code agree."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from prover import (
    Points,
    Proof,
    Prover,
    VerificationKey,
    verify_independently,
    verify_natively,
    verify_with_snarkjs,
)
from sequencer.model.constants import FIELD_MODULUS
from tests.prover.conftest import commitment_inputs

Verifier = Callable[[VerificationKey, Points, tuple[int, ...]], bool]

each_verifier = pytest.mark.parametrize(
    "verify", [verify_natively, verify_with_snarkjs, verify_independently]
)


@each_verifier
def test_a_proof_is_accepted(prover: Prover, proof: Proof, verify: Verifier) -> None:
    assert verify(prover.keys.verification_key, proof.points, proof.public)


def test_the_public_signals_are_c_r_y(proof: Proof) -> None:
    inputs = commitment_inputs()
    assert proof.public == (inputs["c"], inputs["r"], inputs["y"])


@each_verifier
@pytest.mark.parametrize("position", range(3))
def test_another_public_signal_is_refused(
    prover: Prover, proof: Proof, verify: Verifier, position: int
) -> None:
    tampered = list(proof.public)
    tampered[position] = (tampered[position] + 1) % FIELD_MODULUS
    assert not verify(prover.keys.verification_key, proof.points, tuple(tampered))


@each_verifier
def test_a_public_signal_has_one_form(prover: Prover, proof: Proof, verify: Verifier) -> None:
    c, r, y = proof.public
    assert not verify(prover.keys.verification_key, proof.points, (c, r, y + FIELD_MODULUS))


@each_verifier
def test_missing_and_surplus_public_signals_are_refused(
    prover: Prover, proof: Proof, verify: Verifier
) -> None:
    assert not verify(prover.keys.verification_key, proof.points, proof.public[:2])
    assert not verify(prover.keys.verification_key, proof.points, (*proof.public, 0))


@each_verifier
def test_points_of_another_proof_are_refused(prover: Prover, proof: Proof, verify: Verifier) -> None:
    other = prover.prove(commitment_inputs())
    assert other.points != proof.points, "a proof is blinded"
    assert verify(prover.keys.verification_key, other.points, proof.public)
    assert not verify(prover.keys.verification_key, replace(proof.points, c=other.points.c), proof.public)


@each_verifier
def test_a_point_off_the_curve_is_refused(prover: Prover, proof: Proof, verify: Verifier) -> None:
    x, y = proof.points.a
    assert not verify(prover.keys.verification_key, replace(proof.points, a=(x, y + 1)), proof.public)
    (bx, (b0, b1)) = proof.points.b
    assert not verify(prover.keys.verification_key, replace(proof.points, b=(bx, (b0, b1 + 1))), proof.public)


def test_a_proof_keeps_its_points_through_the_form_of_snarkjs(proof: Proof) -> None:
    assert Points.from_snarkjs(proof.points.to_snarkjs()) == proof.points


def test_the_contract_takes_the_part_of_u_first(proof: Proof) -> None:
    a, b, c = proof.points.to_contract()
    assert (a, c) == (proof.points.a, proof.points.c)
    assert b == tuple(pair[::-1] for pair in proof.points.b)


def test_a_proof_tells_what_it_cost(proof: Proof) -> None:
    assert proof.proving.seconds > 0
    assert proof.proving.peak_memory_bytes > 0
    assert proof.witness.seconds > 0
