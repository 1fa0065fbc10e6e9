"""The production path from end to end, as docs/spec/proving.md tells it, on a small circuit."""

from pathlib import Path

import pytest

from prover import verify_independently, verify_natively, verify_with_snarkjs
from prover.backends import BACKENDS
from prover.compile import CompiledCircuit, compile_circuit
from prover.errors import SetupError
from prover.manifest import Setup
from prover.setup import Keys, ceremony_keys
from prover.snarkjs import run_snarkjs
from prover.witness import WitnessCalculator
from tests.prover.conftest import small_circuit

POWER = "4"
BEACON = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
BEACON_ITERATIONS_EXP = "10"


def snarkjs(*arguments: str | Path) -> None:
    outcome = run_snarkjs(*arguments)
    assert outcome.status == 0, outcome.output


@pytest.fixture(scope="module")
def product() -> CompiledCircuit:
    return compile_circuit(small_circuit("Product"))


@pytest.fixture(scope="module")
def ceremony(product: CompiledCircuit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a ceremony: powers of tau by two contributors and a beacon, a key by one and a beacon."""
    folder = tmp_path_factory.mktemp("ceremony")
    ptau = [folder / f"{index}.ptau" for index in range(5)]
    zkey = [folder / f"{index}.zkey" for index in range(3)]
    snarkjs("powersoftau", "new", "bn128", POWER, ptau[0])
    for index in (0, 1):
        snarkjs("powersoftau", "contribute", ptau[index], ptau[index + 1], f"-e=entropy {index}")
    snarkjs("powersoftau", "beacon", ptau[2], ptau[3], BEACON, BEACON_ITERATIONS_EXP)
    snarkjs("powersoftau", "prepare", "phase2", ptau[3], ptau[4])
    snarkjs("powersoftau", "verify", ptau[4])
    snarkjs("groth16", "setup", product.r1cs, ptau[4], zkey[0])
    snarkjs("zkey", "contribute", zkey[0], zkey[1], "-e=entropy 2")
    snarkjs("zkey", "beacon", zkey[1], zkey[2], BEACON, BEACON_ITERATIONS_EXP)
    ptau[4].rename(folder / "final.ptau")
    zkey[2].rename(folder / "final.zkey")
    return folder


@pytest.fixture(scope="module")
def keys(product: CompiledCircuit, ceremony: Path) -> Keys:
    return ceremony_keys(product, ceremony / "final.ptau", ceremony / "final.zkey")


@pytest.mark.parametrize("backend", sorted(BACKENDS))
def test_both_back_ends_prove_with_the_key_of_a_ceremony(
    product: CompiledCircuit, keys: Keys, backend: str, tmp_path: Path
) -> None:
    witness = tmp_path / "witness.wtns"
    WitnessCalculator(product).calculate({"c": 30, "r": 2, "y": 3, "factor": 5}).write(witness)
    points, public, _ = BACKENDS[backend].prove(keys.zkey, witness)
    assert public == (30, 2, 3)
    for verify in (verify_natively, verify_with_snarkjs, verify_independently):
        assert verify(keys, points, public)
        assert not verify(keys, points, (31, 2, 3))


def test_the_manifest_of_a_ceremony_lets_it_on_every_chain(product: CompiledCircuit, keys: Keys) -> None:
    assert keys.manifest.setup is Setup.CEREMONY
    keys.check(product)
    keys.manifest.require_chain(1)


def test_a_key_of_another_circuit_is_not_taken_over(ceremony: Path) -> None:
    other = compile_circuit(small_circuit("Commitment"))
    with pytest.raises(SetupError, match=r"final\.zkey: the key is not of test-commitment"):
        ceremony_keys(other, ceremony / "final.ptau", ceremony / "final.zkey")
