"""Which files a circuit is made of: the include graph, resolved as the circom compiler resolves it."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from prover.errors import CircuitSourceError

# Where an include is looked for, after the including file's own directory; relative to the project.
LIBRARIES: Final = (".", "node_modules", "node_modules/circomlib/circuits")

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_INCLUDE = re.compile(r'^\s*include\s+"([^"]+)"', re.MULTILINE)
_TEMPLATE = re.compile(r"^\s*template\s+(?:custom\s+|parallel\s+)*(\w+)\s*\(([^)]*)\)", re.MULTILINE)


def include_graph(root: Path, text: str) -> list[Path]:
    """Return every file that `text` includes, directly or not, sorted; `text` itself stands in no file.

    Parameters
    ----------
    root : Path
        The project, which all includes lie below.
    text : str
        Source of the main component.
    """
    found: set[Path] = set()
    pending = [(path, "the main component") for path in _includes(root, text, None)]
    while pending:
        path, included_by = pending.pop()
        if path in found:
            continue
        if not path.is_file():
            raise CircuitSourceError(
                f"the file is included by {included_by} and is not there",
                "correct the include, or run `make setup` if it is circomlib's",
                path,
            )
        found.add(path)
        pending += [(child, path.name) for child in _includes(root, path.read_text(), path.parent)]
    return sorted(found)


def source_digest(root: Path, text: str) -> str:
    """Return the SHA-256 of `text` and of all that it includes, names and contents."""
    digest = hashlib.sha256(text.encode())
    for path in include_graph(root, text):
        content = path.read_bytes()
        digest.update(f"\0{path.relative_to(root)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def templates_in(text: str) -> dict[str, tuple[str, ...]]:
    """Return the names of the parameters of each template that `text` defines, in its order."""
    found = _TEMPLATE.findall(_COMMENT.sub("", text))
    return {name: tuple(re.findall(r"\w+", parameters)) for name, parameters in found}


def template_files(folder: Path) -> dict[str, Path]:
    """Return which file below `folder` defines each template.

    Raises
    ------
    CircuitSourceError
        If two files define templates of one name.
    """
    files: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.circom")):
        for name in templates_in(path.read_text()):
            if name in files:
                raise CircuitSourceError(
                    f"the template {name} is also defined by {files[name].name}", "rename one of them", path
                )
            files[name] = path
    return files


def _includes(root: Path, text: str, directory: Path | None) -> Iterator[Path]:
    for name in _INCLUDE.findall(_COMMENT.sub("", text)):
        folders = [root / library for library in LIBRARIES]
        if directory is not None:
            folders.insert(0, directory)
        candidates = [(folder / name).resolve() for folder in folders]
        yield next((path for path in candidates if path.is_file()), candidates[0])
