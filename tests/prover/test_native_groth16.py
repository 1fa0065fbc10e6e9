"""The native prover proves what the circuit says, and nothing else, and names the file that is wrong."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sequencer._core import (
    ArtifactError,
    check_witness,
    groth16_prove,
    groth16_setup,
    groth16_verify,
    r1cs_info,
)
from tests.prover import binfiles
from tests.prover.binfiles import PRIME

if TYPE_CHECKING:
    from sequencer._core import Groth16Proof

PRICE, SIZE, COLLATERAL = 64_250, 3, 20_000
EQUITY = PRICE * SIZE + COLLATERAL


@dataclass(frozen=True)
class Artifacts:
    """One circuit's files."""

    r1cs: str
    zkey: str
    wtns: str


@pytest.fixture
def files(tmp_path: Path) -> Artifacts:
    """A development key and a correct witness of the position circuit."""
    made = Artifacts(*(str(tmp_path / name) for name in ("position.r1cs", "position.zkey", "position.wtns")))
    Path(made.r1cs).write_bytes(binfiles.r1cs_bytes())
    Path(made.wtns).write_bytes(binfiles.wtns_bytes(binfiles.position_witness(PRICE, SIZE, COLLATERAL)))
    groth16_setup(made.r1cs, made.zkey, b"seed")
    return made


def write_wrong_wire(files: Artifacts, wire: int) -> None:
    values = binfiles.position_witness(PRICE, SIZE, COLLATERAL)
    values[wire] += 1
    Path(files.wtns).write_bytes(binfiles.wtns_bytes(values))


def flip(path: str, offset: int) -> None:
    content = bytearray(Path(path).read_bytes())
    content[offset] ^= 1
    Path(path).write_bytes(content)


def test_the_constraint_system_tells_its_sizes(files: Artifacts) -> None:
    assert r1cs_info(files.r1cs) == {
        "constraints": 3,
        "wires": 7,
        "public_outputs": 1,
        "public_inputs": 1,
        "private_inputs": 2,
        "labels": 7,
    }


def test_a_proof_shows_outputs_then_public_inputs_and_verifies(files: Artifacts) -> None:
    proof, public = groth16_prove(files.zkey, files.wtns)
    assert public == [EQUITY, PRICE]
    assert groth16_verify(files.zkey, proof, public)


@pytest.mark.parametrize("public", [[EQUITY + 1, PRICE], [EQUITY, PRICE - 1], [PRICE, EQUITY]])
def test_a_proof_holds_for_no_other_public_signals(files: Artifacts, public: list[int]) -> None:
    proof, _ = groth16_prove(files.zkey, files.wtns)
    assert not groth16_verify(files.zkey, proof, public)


def test_a_public_signal_is_not_taken_modulo_the_field(files: Artifacts) -> None:
    proof, public = groth16_prove(files.zkey, files.wtns)
    assert not groth16_verify(files.zkey, proof, [public[0] + PRIME, public[1]])


def test_every_public_signal_must_be_given(files: Artifacts) -> None:
    proof, public = groth16_prove(files.zkey, files.wtns)
    with pytest.raises(ArtifactError, match="2 public signals and 1 are given") as raised:
        groth16_verify(files.zkey, proof, public[:1])
    assert raised.value.code == "mismatch"


def test_a_proof_with_one_changed_coordinate_does_not_verify(files: Artifacts) -> None:
    proof, public = groth16_prove(files.zkey, files.wtns)
    (x, y), ((x0, x1), (y0, y1)) = proof["a"], proof["b"]
    changed: list[Groth16Proof] = [
        {**proof, "a": (x, y + 1)},
        {**proof, "a": proof["c"]},
        {**proof, "b": ((x1, x0), (y1, y0))},
        {**proof, "c": (0, 0)},
    ]
    assert not any(groth16_verify(files.zkey, each, public) for each in changed)


def test_proofs_are_blinded(files: Artifacts) -> None:
    assert groth16_prove(files.zkey, files.wtns)[0] != groth16_prove(files.zkey, files.wtns)[0]


def test_a_proof_survives_json(files: Artifacts) -> None:
    proof, public = groth16_prove(files.zkey, files.wtns)
    restored: Groth16Proof = json.loads(json.dumps(proof), object_hook=_tuples)
    assert restored == proof
    assert groth16_verify(files.zkey, restored, public)


def test_a_seed_decides_the_key_and_another_key_refuses_the_proof(files: Artifacts, tmp_path: Path) -> None:
    same, other = str(tmp_path / "same.zkey"), str(tmp_path / "other.zkey")
    groth16_setup(files.r1cs, same, b"seed")
    groth16_setup(files.r1cs, other, b"another seed")
    assert Path(same).read_bytes() == Path(files.zkey).read_bytes()

    proof, public = groth16_prove(files.zkey, files.wtns)
    assert groth16_verify(same, proof, public)
    assert not groth16_verify(other, proof, public)


def test_a_correct_witness_satisfies_every_constraint(files: Artifacts) -> None:
    assert check_witness(files.r1cs, files.wtns) is None


@pytest.mark.parametrize(
    ("wire", "violated"),
    [
        (binfiles.EQUITY, binfiles.EQUITY_CONSTRAINT),
        (binfiles.PRICE, binfiles.NOTIONAL_CONSTRAINT),
        (binfiles.COLLATERAL, binfiles.EQUITY_CONSTRAINT),
        (binfiles.SIZE, binfiles.NOTIONAL_CONSTRAINT),
        (binfiles.NOTIONAL, binfiles.NOTIONAL_CONSTRAINT),
        (binfiles.SIZE_SQUARED, binfiles.SQUARE_CONSTRAINT),
    ],
)
def test_a_wrong_wire_is_found_and_never_proven(files: Artifacts, wire: int, violated: int) -> None:
    write_wrong_wire(files, wire)
    assert check_witness(files.r1cs, files.wtns) == violated
    with pytest.raises(ArtifactError, match="does not verify") as raised:
        groth16_prove(files.zkey, files.wtns)
    assert raised.value.code == "unproven"
    assert str(raised.value).startswith(f"{files.wtns}: ")


def test_a_witness_of_another_length_is_refused(files: Artifacts) -> None:
    Path(files.wtns).write_bytes(binfiles.wtns_bytes([1, 2, 3]))
    for use in (lambda: groth16_prove(files.zkey, files.wtns), lambda: check_witness(files.r1cs, files.wtns)):
        with pytest.raises(ArtifactError, match="has 3 wires") as raised:
            use()
        assert raised.value.code == "mismatch"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (binfiles.wtns_bytes([2, 0, 0, 0, 0, 0, 0]), "wire 0 is not one"),
        (binfiles.wtns_bytes([1] * 7, prime=PRIME - 2), "not over the scalar field"),
        (binfiles.wtns_bytes([1] * 7)[:-1], "224 bytes long where 223 are left"),
        (
            binfiles.wtns_bytes([1] * 7)[:-32] + PRIME.to_bytes(32, "little"),
            "wire 6 is not below the modulus",
        ),
        (binfiles.container(b"wtns", 2, {1: b""}), "ends too early"),
        (binfiles.r1cs_bytes(), "not of type"),
        (b"", "ends too early"),
    ],
)
def test_a_damaged_witness_is_named(files: Artifacts, content: bytes, reason: str) -> None:
    Path(files.wtns).write_bytes(content)
    with pytest.raises(ArtifactError, match=reason) as raised:
        groth16_prove(files.zkey, files.wtns)
    assert raised.value.code == "corrupt"
    assert str(raised.value).startswith(f"{files.wtns}: ")


@pytest.mark.parametrize("section", range(1, 11))
def test_a_key_cut_in_any_section_is_named(files: Artifacts, section: int) -> None:
    content = Path(files.zkey).read_bytes()
    offset, length = binfiles.section_offsets(content)[section]
    Path(files.zkey).write_bytes(content[: offset + length - 1])
    with pytest.raises(ArtifactError, match="are left in the file") as raised:
        groth16_prove(files.zkey, files.wtns)
    assert str(raised.value).startswith(f"{files.zkey}: ")


@pytest.mark.parametrize("section", [4, 5, 6, 7, 8, 9])
def test_a_key_with_one_flipped_bit_makes_no_proof(files: Artifacts, section: int) -> None:
    offset, _ = binfiles.section_offsets(Path(files.zkey).read_bytes())[section]
    in_the_first_value_or_point = offset + 16
    flip(files.zkey, in_the_first_value_or_point)
    with pytest.raises(ArtifactError, match="does not verify"):
        groth16_prove(files.zkey, files.wtns)


def test_a_verifying_point_off_the_curve_is_refused(files: Artifacts) -> None:
    offset, _ = binfiles.section_offsets(Path(files.zkey).read_bytes())[3]
    flip(files.zkey, offset)
    with pytest.raises(ArtifactError, match="not on the curve"):
        groth16_prove(files.zkey, files.wtns)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (binfiles.r1cs_bytes(prime=PRIME - 2), "not over the scalar field"),
        (binfiles.r1cs_bytes([binfiles.Constraint({7: 1}, {}, {})]), "constraint 0 names wire 7 of 7"),
        (binfiles.r1cs_bytes()[:-1], "are left in the file"),
        (binfiles.r1cs_bytes() + b"\0", "1 bytes follow"),
    ],
)
def test_a_set_up_of_a_damaged_circuit_fails_and_leaves_the_old_key(
    files: Artifacts, content: bytes, reason: str
) -> None:
    before = Path(files.zkey).read_bytes()
    Path(files.r1cs).write_bytes(content)
    with pytest.raises(ArtifactError, match=reason) as raised:
        groth16_setup(files.r1cs, files.zkey, b"seed")
    assert str(raised.value).startswith(f"{files.r1cs}: ")
    assert Path(files.zkey).read_bytes() == before
    assert len(list(Path(files.zkey).parent.iterdir())) == 3


def test_a_missing_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    absent = str(tmp_path / "absent.r1cs")
    with pytest.raises(ArtifactError, match="check that the path exists") as raised:
        r1cs_info(absent)
    assert raised.value.code == "io"
    assert str(raised.value).startswith(f"{absent}: ")


def _tuples(pairs: dict[str, object]) -> dict[str, object]:
    def frozen(value: object) -> object:
        return tuple(frozen(each) for each in value) if isinstance(value, list) else value

    return {name: frozen(value) for name, value in pairs.items()}
