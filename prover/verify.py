"""Three verifiers that share no code: snarkjs, the native core, and py_ecc."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from py_ecc.fields import optimized_bn128_FQ as FQ
from py_ecc.fields import optimized_bn128_FQ2 as FQ2
from py_ecc.fields import optimized_bn128_FQ12 as FQ12
from py_ecc.optimized_bn128 import optimized_curve as curve
from py_ecc.optimized_bn128 import optimized_pairing

from prover import native
from prover.errors import ProvingError
from prover.proof import Points
from prover.setup import Keys
from prover.snarkjs import run_snarkjs

# What snarkjs says of a proof that it could read and refuses; anything else is a failure of the check itself.
_REFUSALS: Final = ("Invalid proof", "Proof commitments are not valid", "Public inputs are not valid")


def verify_natively(keys: Keys, points: Points, public: tuple[int, ...]) -> bool:
    """Return whether the native core accepts the proof; some milliseconds."""
    return len(public) == _public_signals(_key(keys)) and native.verify(keys.zkey, points, public)


def verify_with_snarkjs(keys: Keys, points: Points, public: tuple[int, ...]) -> bool:
    """Return whether `snarkjs groth16 verify` accepts the proof; about a second, most of it node's start.

    snarkjs takes missing public signals for 0, so their number is checked here.
    """
    if len(public) != _public_signals(_key(keys)):
        return False
    with tempfile.TemporaryDirectory() as directory:
        proof_path, public_path = Path(directory) / "proof.json", Path(directory) / "public.json"
        proof_path.write_text(json.dumps(points.to_snarkjs()))
        public_path.write_text(json.dumps([str(value) for value in public]))
        outcome = run_snarkjs("groth16", "verify", keys.verification_key, public_path, proof_path)
    if outcome.status != 0 and not any(refusal in outcome.output for refusal in _REFUSALS):
        raise ProvingError(
            f"snarkjs cannot verify: {outcome.reason}", "run the set-up again", keys.verification_key
        )
    return outcome.status == 0


def verify_independently(keys: Keys, points: Points, public: tuple[int, ...]) -> bool:
    """Return whether e(-A, B) e(alpha, beta) e(vk, gamma) e(C, delta) = 1, computed with py_ecc.

    The four Miller loops share one final exponentiation; about a second. Source: Groth, On the Size of
    Pairing-Based Non-interactive Arguments (2016), section 3.
    """
    key = _key(keys)
    if len(public) != _public_signals(key) or not all(0 <= value < curve.curve_order for value in public):
        return False
    a, b, c = _proof_point(points.a), _proof_twist(points.b), _proof_point(points.c)
    if a is None or b is None or c is None:
        return False
    combined = _point(key["IC"][0])
    for value, base in zip(public, key["IC"][1:], strict=True):
        combined = curve.add(combined, curve.multiply(_point(base), value))
    pairs = (
        (b, curve.neg(a)),
        (_twist(key["vk_beta_2"]), _point(key["vk_alpha_1"])),
        (_twist(key["vk_gamma_2"]), combined),
        (_twist(key["vk_delta_2"]), c),
    )
    product = FQ12.one()
    for twist, point in pairs:
        product *= optimized_pairing.pairing(twist, point, final_exponentiate=False)
    return bool(optimized_pairing.final_exponentiate(product) == FQ12.one())


def _key(keys: Keys) -> dict[str, Any]:
    key: dict[str, Any] = json.loads(keys.verification_key.read_text())
    return key


def _public_signals(key: dict[str, Any]) -> int:
    return len(key["IC"]) - 1


def _point(coordinates: Sequence[str]) -> Any:
    return tuple(FQ(int(value)) for value in coordinates)


def _twist(coordinates: Sequence[Sequence[str]]) -> Any:
    return tuple(FQ2([int(part) for part in pair]) for pair in coordinates)


def _proof_point(point: tuple[int, int]) -> Any | None:
    """Return a point of the proof, or None unless it is a point of the curve; the group has no cofactor."""
    if not all(0 <= value < optimized_pairing.field_modulus for value in point):
        return None
    candidate = _point((*map(str, point), "1"))
    return candidate if curve.is_on_curve(candidate, curve.b) else None


def _proof_twist(point: tuple[tuple[int, int], tuple[int, int]]) -> Any | None:
    """Return a point of the proof, or None unless it is in the subgroup of the twist of order r."""
    if not all(0 <= value < optimized_pairing.field_modulus for pair in point for value in pair):
        return None
    candidate = _twist(tuple(tuple(map(str, pair)) for pair in (*point, (1, 0))))
    on_curve = curve.is_on_curve(candidate, curve.b2)
    return candidate if on_curve and curve.is_inf(curve.multiply(candidate, curve.curve_order)) else None
