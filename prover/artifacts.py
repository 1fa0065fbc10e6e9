"""The cache of built files: directories named by the hash of everything that they were built from.

An entry appears under its final name only when it is complete (rename), and two processes that want the same
entry build it once (file lock). So a killed process leaves a cache that the next one uses.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from prover.errors import ArtifactError

PROJECT_ROOT: Final = Path(__file__).resolve().parents[1]
CACHE_VARIABLE: Final = "PROOFBOOK_CACHE"
DIGEST_CHARACTERS: Final = 16
_TEMPORARY: Final = ".building"


class ArtifactStore:
    """Content-addressed directories below one root.

    Parameters
    ----------
    root : Path, optional
        Where the cache lies; else the environment variable PROOFBOOK_CACHE; else `.build` in the project.
    """

    def __init__(self, root: Path | None = None) -> None:
        named = root or os.environ.get(CACHE_VARIABLE) or PROJECT_ROOT / ".build"
        self.root = Path(named).resolve()

    def entry(self, kind: str, name: str, digest: str) -> Path:
        """Return the directory of an entry, built or not: `<root>/<kind>/<name>-<digest>`."""
        return self.root / kind / f"{name}-{digest[:DIGEST_CHARACTERS]}"

    def build(self, kind: str, name: str, digest: str, build: Callable[[Path], None]) -> Path:
        """Return the entry's directory; if it is not there yet, let `build` fill it, once for all processes.

        Parameters
        ----------
        kind, name, digest : str
            What the entry is; `digest` covers all that its content depends on.
        build : callable
            Called with an empty directory, which then becomes the entry. What it raises leaves no entry.
        """
        entry = self.entry(kind, name, digest)
        if entry.is_dir():
            return entry
        with self._locked(entry):
            if not entry.is_dir():
                temporary = entry.with_name(entry.name + _TEMPORARY)
                shutil.rmtree(temporary, ignore_errors=True)
                temporary.mkdir()
                try:
                    build(temporary)
                    temporary.rename(entry)
                except BaseException:
                    shutil.rmtree(temporary, ignore_errors=True)
                    raise
        return entry

    def file(self, kind: str, name: str, digest: str, build: Callable[[Path], None]) -> Path:
        """Return the only file of an entry; `build` is called with the path to write."""
        return self.build(kind, name, digest, lambda directory: build(directory / name)) / name

    @contextmanager
    def _locked(self, entry: Path) -> Iterator[None]:
        entry.parent.mkdir(parents=True, exist_ok=True)
        with (entry.parent / f".{entry.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def required_file(path: Path, cure: str) -> Path:
    """Return `path` if it is a file; ArtifactError otherwise."""
    if not path.is_file():
        raise ArtifactError("the file is not there", cure, path)
    return path
