"""The same sources and the same seed give the same keys to the byte: built anew, from nothing kept."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from prover.artifacts import ArtifactStore
from prover.circuit import Circuit
from prover.compile import CompiledCircuit, compile_circuit
from prover.manifest import file_digest
from prover.progress import SILENT, Progress
from prover.setup import DEVELOPMENT_SEED, Keys, development_keys


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A circuit and its development keys in a cache that held nothing before.

    Attributes
    ----------
    store : ArtifactStore
        That cache.
    compiled : CompiledCircuit
        The circuit.
    keys : Keys
        Its keys.
    """

    store: ArtifactStore
    compiled: CompiledCircuit
    keys: Keys

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 of each file: r1cs, wasm, zkey, verification_key, verifier."""
        return self.keys.manifest.sha256

    def cached(self, cache: ArtifactStore) -> dict[str, str]:
        """Return the SHA-256 of each of these files in another cache, as far as they are there.

        Entries are named by what they are made of, so the same files lie at the same places of every cache.
        What the other cache's manifest says of its files is not asked.
        """
        places = {
            name: cache.root / path.relative_to(self.store.root)
            for name, path in self.keys.files(self.compiled).items()
        }
        return {name: file_digest(place) for name, place in places.items() if place.is_file()}


@contextmanager
def rebuilt(
    circuit: Circuit, progress: Progress = SILENT, seed: bytes = DEVELOPMENT_SEED
) -> Iterator[Rebuilt]:
    """Compile a circuit and make its keys in a fresh cache, which is gone when the body ends."""
    with tempfile.TemporaryDirectory(prefix="proofbook-keys-") as directory:
        store = ArtifactStore(Path(directory))
        compiled = compile_circuit(circuit, store, progress)
        yield Rebuilt(store, compiled, development_keys(compiled, store, progress, seed))


def differing(expected: dict[str, str], actual: dict[str, str]) -> list[str]:
    """Return the names whose hash is not the expected one; what `actual` does not have is not compared."""
    return [name for name, digest in actual.items() if expected.get(name) != digest]
