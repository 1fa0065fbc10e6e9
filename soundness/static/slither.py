"""What slither says of our contracts.

slither (`tools/run_slither.py`) reads what forge compiles for it: the compiler is ours. It asks the forge on
the path for its settings.
"""

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

from prover.artifacts import PROJECT_ROOT
from soundness.static.errors import AnalyserError
from soundness.static.findings import Finding, finding_at

EXPLAINED: Final = Path(__file__).with_name("slither.toml")
INTERPRETER: Final = PROJECT_ROOT / ".tools" / "analysers" / "bin" / "python"

_TOOLS: Final = PROJECT_ROOT / "tools"
_SOURCES: Final = "contracts/src"
_PASSED_OVER: Final = re.compile(r"(?:Impossible to|Missing) .*")


def analyse(root: Path) -> list[Finding]:
    """Return all findings of all detectors in a project's own contracts.

    Parameters
    ----------
    root : Path
        The project, or what stands for it.

    Raises
    ------
    AnalyserError
        If slither is not there, or the contracts cannot be compiled or read.
    """
    if not INTERPRETER.is_file():
        raise AnalyserError("slither is not installed", "run `make setup`", INTERPRETER)
    with tempfile.TemporaryDirectory(prefix="proofbook-static-") as directory:
        built = Path(directory).resolve()
        _build(root, built)
        return [_finding(result, root) for result in _results(root, built)]


def _build(root: Path, built: Path) -> None:
    """Compile all sources at once: forge's cache would leave parts of older builds for slither to read."""
    command = [str(_TOOLS / "forge"), "build", _SOURCES, "--root", str(root), "--build-info"]
    places = ["--out", str(built), "--build-info-path", str(built / "build-info")]
    done = _run([*command, *places, "--cache-path", str(built / "cache")], root)
    if done.returncode != 0:
        raise AnalyserError(f"forge ended with {done.returncode}", "read what `make check-contracts` says")


def _results(root: Path, built: Path) -> list[Any]:
    report = built / "slither.json"
    command = [str(INTERPRETER), str(_TOOLS / "run_slither.py"), str(root)]
    compiled = ["--compile-force-framework", "foundry", "--foundry-ignore-compile"]
    options = ["--foundry-out-directory", str(built), "--filter-paths", "node_modules"]
    outputs = ["--json", str(report), "--json-types", "detectors,console"]
    done = _run([*command, *compiled, *options, *outputs], root)
    said: Any = json.loads(report.read_text()) if report.is_file() else {"success": False}
    if not said["success"]:
        words = done.stderr.strip().splitlines()[-1:] or ["nothing"]
        raise AnalyserError(f"slither ended with {done.returncode}: {words[0]}", "read what it says")
    if missed := _PASSED_OVER.search(said["results"]["console"]["stderr"]):
        raise AnalyserError(f"slither passed over a part: {missed[0]}", "see tools/run_slither.py")
    results: list[Any] = said["results"].get("detectors", [])
    return results


def _finding(result: Any, root: Path) -> Finding:
    source = result["elements"][0]["source_mapping"]
    file = Path(source["filename_absolute"]).relative_to(root)
    message = result["description"].splitlines()[0]
    return finding_at(root, result["check"], file, source["lines"][0], message)


def _run(command: list[str], root: Path) -> subprocess.CompletedProcess[str]:
    path = f"{_TOOLS}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
