"""Three verifiers that share no code: snarkjs, the native core, and py_ecc."""

import json
import tempfile
from pathlib import Path
from typing import Any, Final

from py_ecc.fields import optimized_bn128_FQ as FQ
from py_ecc.fields import optimized_bn128_FQ2 as FQ2
from py_ecc.fields import optimized_bn128_FQ12 as FQ12
from py_ecc.optimized_bn128 import optimized_curve as curve
from py_ecc.optimized_bn128 import optimized_pairing

from prover.errors import ProvingError
from prover.proof import G1, G2, Points
from prover.snarkjs import run_snarkjs
from prover.verification_key import VerificationKey

# What snarkjs says of a proof that it could read and refuses; anything else is a failure of the check itself.
_REFUSALS: Final = ("Invalid proof", "Proof commitments are not valid", "Public inputs are not valid")


def verify_natively(key: VerificationKey, points: Points, public: tuple[int, ...]) -> bool:
    """Return whether the native core accepts the proof; some milliseconds."""
    return key.prepared.verify(points.to_native(), list(public))


def verify_with_snarkjs(key: VerificationKey, points: Points, public: tuple[int, ...]) -> bool:
    """Return whether `snarkjs groth16 verify` accepts the proof; about a second, most of it node's start.

    snarkjs takes missing public signals for 0, so their number is checked here.
    """
    if len(public) != key.public_signals:
        return False
    with tempfile.TemporaryDirectory() as directory:
        proof_path, public_path = Path(directory) / "proof.json", Path(directory) / "public.json"
        proof_path.write_text(json.dumps(points.to_snarkjs()))
        public_path.write_text(json.dumps([str(value) for value in public]))
        outcome = run_snarkjs("groth16", "verify", key.path, public_path, proof_path)
    if outcome.status != 0 and not any(refusal in outcome.output for refusal in _REFUSALS):
        raise ProvingError(f"snarkjs cannot verify: {outcome.reason}", "run the set-up again", key.path)
    return outcome.status == 0


def verify_independently(key: VerificationKey, points: Points, public: tuple[int, ...]) -> bool:
    """Return whether e(-A, B) e(alpha, beta) e(vk, gamma) e(C, delta) = 1, computed with py_ecc.

    The four Miller loops share one final exponentiation; about a second. Source: Groth, On the Size of
    Pairing-Based Non-interactive Arguments (2016), section 3.
    """
    if len(public) != key.public_signals or not all(0 <= value < curve.curve_order for value in public):
        return False
    a, b, c = _proof_point(points.a), _proof_twist(points.b), _proof_point(points.c)
    if a is None or b is None or c is None:
        return False
    combined = _point(key.ic[0])
    for value, base in zip(public, key.ic[1:], strict=True):
        combined = curve.add(combined, curve.multiply(_point(base), value))
    pairs = (
        (b, curve.neg(a)),
        (_twist(key.beta), _point(key.alpha)),
        (_twist(key.gamma), combined),
        (_twist(key.delta), c),
    )
    product = FQ12.one()
    for twist, point in pairs:
        product *= optimized_pairing.pairing(twist, point, final_exponentiate=False)
    return bool(optimized_pairing.final_exponentiate(product) == FQ12.one())


def _point(point: G1) -> Any:
    return tuple(FQ(value) for value in (*point, 1))


def _twist(point: G2) -> Any:
    return tuple(FQ2(list(pair)) for pair in (*point, (1, 0)))


def _proof_point(point: G1) -> Any | None:
    """Return a point of the proof, or None unless it is a point of the curve; the group has no cofactor."""
    if not all(0 <= value < optimized_pairing.field_modulus for value in point):
        return None
    candidate = _point(point)
    return candidate if curve.is_on_curve(candidate, curve.b) else None


def _proof_twist(point: G2) -> Any | None:
    """Return a point of the proof, or None unless it is in the subgroup of the twist of order r."""
    if not all(0 <= value < optimized_pairing.field_modulus for pair in point for value in pair):
        return None
    candidate = _twist(point)
    on_curve = curve.is_on_curve(candidate, curve.b2)
    return candidate if on_curve and curve.is_inf(curve.multiply(candidate, curve.curve_order)) else None
