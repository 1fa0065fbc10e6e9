"""WebAssembly modules, translated to machine code once and kept in the cache.

The circom compiler takes 15 seconds to translate and a large circuit's witness calculator several; a cached
translation loads in milliseconds.
"""

import functools
import hashlib
from importlib.metadata import version
from pathlib import Path

import wasmtime

from prover.artifacts import ArtifactStore, required_file
from prover.errors import ArtifactError


@functools.cache
def engine() -> wasmtime.Engine:
    """Return the engine that all modules of this process share."""
    return wasmtime.Engine()


def load_module(store: ArtifactStore, path: Path, cure: str) -> wasmtime.Module:
    """Return the module at `path`; ArtifactError with `cure` if it is not there."""
    source = required_file(path, cure).read_bytes()
    key = hashlib.sha256(version("wasmtime").encode() + b"\0" + source).hexdigest()

    def translate(target: Path) -> None:
        target.write_bytes(wasmtime.Module(engine(), source).serialize())

    translated = store.file("wasm", path.stem, key, translate)
    try:
        return wasmtime.Module.deserialize_file(engine(), str(translated))
    except wasmtime.WasmtimeError as error:
        reason = f"the machine code is corrupt or of another machine ({str(error).splitlines()[0]})"
        raise ArtifactError(
            reason, "delete its directory to translate the module again", translated
        ) from error
