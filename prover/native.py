"""The native core's functions, with the errors of this package."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from prover.errors import ArtifactError, InvalidProofError, ProverError
from prover.proof import Points
from sequencer import _core


@contextmanager
def _translated() -> Iterator[None]:
    """Raise the core's `<path>: <reason>; <cure>` as the error of its cause."""
    try:
        yield
    except _core.ArtifactError as error:
        reason, _, cure = str(error).rpartition("; ")
        causes: dict[str, type[ProverError]] = {"unproven": InvalidProofError}
        raise causes.get(error.code, ArtifactError)(reason, cure) from error


def setup(r1cs: Path, zkey: Path, seed: bytes) -> None:
    """Write the development proving key of a constraint system; the same seed gives the same key."""
    with _translated():
        _core.groth16_setup(str(r1cs), str(zkey), seed)


def prove(zkey: Path, witness: Path) -> tuple[Points, tuple[int, ...]]:
    """Return a proof and its public signals; InvalidProofError if the witness breaks a constraint."""
    with _translated():
        points, public = _core.groth16_prove(str(zkey), str(witness))
    return Points(points["a"], points["b"], points["c"]), tuple(public)


def verify(zkey: Path, points: Points, public: tuple[int, ...]) -> bool:
    """Return whether the proof verifies under the key in the zkey."""
    with _translated():
        return _core.groth16_verify(str(zkey), points.to_native(), list(public))


def violated_constraint(r1cs: Path, witness: Path) -> int | None:
    """Return the number of the first constraint that the witness breaks, or None."""
    with _translated():
        return _core.check_witness(str(r1cs), str(witness))


def sizes(r1cs: Path) -> dict[str, int]:
    """Return constraints, wires, public_outputs, public_inputs, private_inputs and labels."""
    with _translated():
        return dict(_core.r1cs_info(str(r1cs)))


def free_wires(r1cs: Path, witness: Path) -> list[int]:
    """Return the wires of a valid witness that can be changed alone, all others kept."""
    with _translated():
        return [wire for wire, _ in _core.free_wires(str(r1cs), str(witness))]


def undetermined_wires(r1cs: Path, known: Collection[int], trusted: Collection[int]) -> dict[int, bool]:
    """Return the wires that are not determined: whether each is only ever multiplied by zero."""
    with _translated():
        return dict(_core.undetermined_wires(str(r1cs), list(known), list(trusted)))
