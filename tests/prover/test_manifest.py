"""A manifest says what keys are, and a development key stays on local chains."""

from pathlib import Path

import pytest

from prover.errors import ArtifactError, DevelopmentKeyError
from prover.manifest import Manifest, Setup, file_digest, read_manifest


def manifest(setup: Setup, sha256: dict[str, str] | None = None) -> Manifest:
    return Manifest("batch-small", "Batch", {"steps": 8}, ["c", "r", "y"], setup, sha256 or {})


@pytest.mark.parametrize("chain_id", [1, 10, 42161, 11155111])
def test_a_development_key_is_refused_on_a_chain_that_is_not_local(chain_id: int) -> None:
    with pytest.raises(DevelopmentKeyError, match=f"DEVELOPMENT key, which chain {chain_id} must not trust"):
        manifest(Setup.DEVELOPMENT).require_chain(chain_id)


@pytest.mark.parametrize("chain_id", [1337, 31337])
def test_a_development_key_serves_a_local_chain(chain_id: int) -> None:
    manifest(Setup.DEVELOPMENT).require_chain(chain_id)


def test_a_key_of_a_ceremony_serves_every_chain() -> None:
    manifest(Setup.PRODUCTION).require_chain(1)


def test_a_manifest_survives_its_file(tmp_path: Path) -> None:
    written = manifest(Setup.DEVELOPMENT, {"zkey": "00"})
    written.write(tmp_path / "manifest.json")
    assert read_manifest(tmp_path / "manifest.json") == written


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"setup": "DEVELOPMENT"}', '{"setup": "TRUSTED"}'])
def test_a_malformed_manifest_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(content)
    with pytest.raises(ArtifactError, match=r"manifest\.json: the manifest cannot be read"):
        read_manifest(path)


def test_every_file_is_held_against_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "verifier.sol"
    path.write_text("contract Verifier {}")
    expected = manifest(Setup.DEVELOPMENT, {"verifier": file_digest(path)})
    expected.check({"verifier": path})
    path.write_text("contract Verifier { }")
    with pytest.raises(ArtifactError, match=r"verifier\.sol: the verifier has SHA-256"):
        expected.check({"verifier": path})
