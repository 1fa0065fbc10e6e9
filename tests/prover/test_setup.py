"""What the set-up exports for a chain."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from prover.compile import compile_circuit
from prover.errors import SetupError
from prover.setup import development_keys, name_verifier
from sequencer.chain.artifacts import verifier
from tests.prover.conftest import small_circuit

PRODUCT = small_circuit("Product")


def test_a_verifier_is_called_as_its_circuit_says() -> None:
    """The verification key is the same, and one deployment can have both contracts."""
    other = development_keys(compile_circuit(replace(PRODUCT, verifier="ProductVerifier")))
    ours = development_keys(compile_circuit(PRODUCT))
    exported, named = ours.verifier.read_text(), other.verifier.read_text()
    assert other.directory != ours.directory
    assert "contract Groth16Verifier {" in exported
    assert named == exported.replace("contract Groth16Verifier {", "contract ProductVerifier {")
    assert verifier(named).abi == verifier(exported).abi


def test_an_export_that_is_not_understood_is_refused(tmp_path: Path) -> None:
    exported = tmp_path / "verifier.sol"
    exported.write_text("contract PlonkVerifier {}")
    with pytest.raises(SetupError, match="the exported verifier has another name"):
        name_verifier(exported, "ExitVerifier")
