"""Anyone gets the same keys from the same sources and seed, and a file that differs is named."""

from pathlib import Path

import pytest

from prover.artifacts import ArtifactStore
from prover.compile import COMPILER, compile_circuit
from prover.reproduce import differing, rebuilt
from prover.setup import development_keys
from prover.wasm import load_module
from tests.prover.conftest import small_circuit

PRODUCT = small_circuit("Product")
FILES = ["r1cs", "wasm", "zkey", "verification_key", "verifier"]


@pytest.fixture(autouse=True)
def translated_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Translate the compiler to machine code once: the rebuilds share it, and nothing else."""
    shared = ArtifactStore()
    module = load_module(shared, COMPILER, "run `make setup`")
    monkeypatch.setattr("prover.compile.load_module", lambda *_: module)


def test_the_same_seed_gives_the_same_files_to_the_byte() -> None:
    with rebuilt(PRODUCT) as first, rebuilt(PRODUCT) as second:
        assert list(first.hashes) == FILES
        assert first.hashes == second.hashes
        assert first.keys.directory != second.keys.directory


def test_another_seed_gives_other_keys_of_the_same_circuit() -> None:
    with rebuilt(PRODUCT) as ours, rebuilt(PRODUCT, seed=b"another") as other:
        assert differing(ours.hashes, other.hashes) == ["zkey", "verification_key", "verifier"]


def test_a_rebuild_leaves_nothing_behind() -> None:
    with rebuilt(PRODUCT) as fresh:
        root = fresh.store.root
        assert root.is_dir()
    assert not root.exists()


@pytest.mark.parametrize("name", FILES)
def test_one_changed_byte_in_the_cache_is_told_by_name(tmp_path: Path, name: str) -> None:
    cache = ArtifactStore(tmp_path)
    compiled = compile_circuit(PRODUCT, cache)
    path = development_keys(compiled, cache).files(compiled)[name]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    with rebuilt(PRODUCT) as fresh:
        assert differing(fresh.hashes, fresh.cached(cache)) == []
        path.write_bytes(content)
        assert differing(fresh.hashes, fresh.cached(cache)) == [name]


def test_what_is_not_cached_is_not_compared(tmp_path: Path) -> None:
    with rebuilt(PRODUCT) as fresh:
        assert fresh.cached(ArtifactStore(tmp_path)) == {}
