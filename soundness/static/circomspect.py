"""What circomspect says of our templates.

circomspect reads circom 2.1. It gets the circuits without buses (`buses.py`), line by line where they stand.
"""

import json
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from prover.artifacts import PROJECT_ROOT
from prover.sources import templates_in
from soundness.static.buses import names_of, without_buses
from soundness.static.errors import AnalyserError
from soundness.static.findings import Finding, finding_at

EXPLAINED: Final = Path(__file__).with_name("circomspect.toml")
ANALYSER: Final = PROJECT_ROOT / ".tools" / "bin" / "circomspect"
CIRCUITS: Final = PROJECT_ROOT / "circuits"

_LIBRARY: Final = PROJECT_ROOT / "node_modules" / "circomlib" / "circuits"
_ISSUES_FOUND: Final = 1
_ANALYSED: Final = re.compile(r"analyzing template '(\w+)'")


def analyse(files: Sequence[Path], root: Path) -> list[Finding]:
    """Return all findings in some files, at the level of warnings and above.

    Parameters
    ----------
    files : sequence of Path
        Below `root`, with all files that they include from there.
    root : Path
        The project, or what stands for it.

    Raises
    ------
    AnalyserError
        If circomspect is not there or cannot read the files.
    BusSyntaxError
        If a bus cannot be replaced.
    """
    if not ANALYSER.is_file():
        raise AnalyserError("circomspect is not installed", "run `make setup`", ANALYSER)
    names = names_of(path.read_text() for path in files)
    with tempfile.TemporaryDirectory(prefix="proofbook-static-") as directory:
        plain = Path(directory).resolve()
        for path in files:
            target = plain / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(without_buses(path.read_text(), names))
        templates = {name for path in files for name in templates_in(path.read_text())}
        return [_finding(result, plain, root) for result in _results(plain, templates)]


def _results(plain: Path, templates: set[str]) -> list[Any]:
    report = plain / "report.sarif"
    files = sorted(map(str, plain.rglob("*.circom")))
    command = [str(ANALYSER), "-L", str(plain), "-L", str(_LIBRARY), "-s", str(report), *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode > _ISSUES_FOUND or not report.is_file():
        said = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["nothing"]
        raise AnalyserError(f"circomspect ended with {done.returncode}: {said[0]}", "read what it says")
    if missed := templates - set(_ANALYSED.findall(done.stdout)):
        raise AnalyserError(f"circomspect passed over {', '.join(sorted(missed))}", "read what it says")
    (run,) = json.loads(report.read_text())["runs"]
    results: list[Any] = run["results"]
    return results


def _finding(result: Any, plain: Path, root: Path) -> Finding:
    (location,) = (place["physicalLocation"] for place in result["locations"])
    file = Path(location["artifactLocation"]["uri"].removeprefix("file://")).relative_to(plain)
    number = location["region"]["startLine"]
    return finding_at(root, result["ruleId"], file, number, result["message"]["text"])
