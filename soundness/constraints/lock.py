"""The committed number of constraints of every template and of every part of the proven circuits."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypedDict

from prover import native
from prover.artifacts import PROJECT_ROOT, ArtifactStore
from prover.circuit import circuit_of
from prover.compile import compile_circuit
from prover.info import describe
from prover.progress import SILENT, Progress
from soundness.templates import Template, every_template

TABLE_FILE: Final = PROJECT_ROOT / "circuits" / "constraints.json"


class TemplateCount(TypedDict):
    """A template at the parameters of the harness's table."""

    parameters: dict[str, int]
    constraints: int


class Lock(TypedDict):
    """Content of constraints.json; what is counted is left after `--O2`."""

    templates: dict[str, TemplateCount]
    sizes: dict[str, dict[str, int]]


def count(sizes: Iterable[str], progress: Progress = SILENT) -> Lock:
    """Count the constraints of all templates, and by part those of circuits that are proven.

    Parameters
    ----------
    sizes : iterable of str
        Of `circuits/sizes.json`, or `exit`.
    """
    return {
        "templates": {template.name: _template(template, progress) for template in every_template()},
        "sizes": {size: _parts(size, progress) for size in sizes},
    }


def read_lock(path: Path = TABLE_FILE) -> Lock:
    """Read constraints.json."""
    lock: Lock = json.loads(path.read_text())
    return lock


def write_lock(lock: Lock, path: Path = TABLE_FILE) -> None:
    """Write constraints.json."""
    path.write_text(json.dumps(lock, indent=2) + "\n")


def differences(locked: Lock, counted: Lock) -> Iterator[str]:
    """Say what differs; a size that was not counted is not compared."""
    yield from _between("template", locked["templates"], counted["templates"])
    for size, parts in counted["sizes"].items():
        yield from _between(f"part of {size}", locked["sizes"].get(size, {}), parts)


def _between(what: str, locked: Mapping[str, object], counted: Mapping[str, object]) -> Iterator[str]:
    for name in [*locked, *(name for name in counted if name not in locked)]:
        before, now = locked.get(name, "not there"), counted.get(name, "not there")
        if before != now:
            yield f"{what} {name}: {_shown(now)}, locked at {_shown(before)}"


def _template(template: Template, progress: Progress) -> TemplateCount:
    compiled = compile_circuit(template.circuit("--O2"), progress=progress)
    return {"parameters": template.parameters, "constraints": native.sizes(compiled.r1cs)["constraints"]}


def _parts(size: str, progress: Progress) -> dict[str, int]:
    store = ArtifactStore()
    info = describe(compile_circuit(circuit_of(size), store, progress), store, progress)
    return {"all": info["constraints"], **info["constraints_by_part"]}


def _shown(value: object) -> str:
    return (
        ", ".join(f"{key} {item}" for key, item in value.items()) if isinstance(value, dict) else str(value)
    )
