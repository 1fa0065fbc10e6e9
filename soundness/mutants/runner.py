"""From mutants to verdicts: which tests may kill a mutant, and the worker that tries them."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from prover.artifacts import PROJECT_ROOT
from soundness.mutants.mutant import Mutant, circuit_files
from soundness.mutants.operators import LOOSENING
from soundness.mutants.results import KILLED, REFUSED
from soundness.mutants.summary import RULE
from soundness.mutants.worker import Job, Plan, Verdict


class UnsoundBaselineError(Exception):
    """The tests do not pass on the circuits as they are, so that they can say nothing about mutants."""


def suites_of(root: Path, file: str) -> tuple[str, ...]:
    """Return the test files of a circuit file, relative to `root`: those that bear its name, then the rule.

    `step/step.circom` has ``test_step.py`` and ``test_step_lies.py``, but ``test_row_word.py`` is of
    `book/row_word.circom` where that is a circuit.
    """
    path = Path(file)
    folder = root / "tests" / "circuits" / path.parent
    others = {Path(other).stem for other in circuit_files(root / "circuits")} - {path.stem}
    named = [
        test
        for test in sorted(folder.glob(f"test_{path.stem}*.py"))
        if test.stem == f"test_{path.stem}"
        or (test.stem.startswith(f"test_{path.stem}_") and test.stem.removeprefix("test_") not in others)
    ]
    rule = [root / RULE] if (root / RULE).is_file() else []
    return tuple(str(test.relative_to(root)) for test in [*named, *rule])


def run_mutants(
    mutants: Iterable[tuple[Mutant, str | None]], root: Path = PROJECT_ROOT
) -> Iterator[tuple[Mutant, str]]:
    """Yield the verdict on each mutant as soon as it is known.

    Parameters
    ----------
    mutants : iterable of (Mutant, str or None)
        With the test that killed it last time, which is tried first.
    root : Path
        The project whose circuits and tests they are.

    Raises
    ------
    UnsoundBaselineError
        If the tests fail without any mutation.
    """
    wanted = {mutant.name: (mutant, first) for mutant, first in mutants}
    files = dict.fromkeys(mutant.file for mutant, _ in wanted.values())
    jobs = [Job(file, "", file, None, suites_of(root, file)) for file in files]
    jobs += [_job(root, mutant, first) for mutant, first in wanted.values()]
    for verdict in _work(Plan(str(root), tuple(jobs))):
        if verdict.name in wanted:
            yield wanted[verdict.name][0], _said(verdict)
        elif verdict.outcome != "survived":
            raise UnsoundBaselineError(f"{verdict.name} without a mutation: {verdict.outcome}, {verdict.by}")


def _job(root: Path, mutant: Mutant, first: str | None) -> Job:
    text = mutant.apply((root / "circuits" / mutant.file).read_text())
    suites = suites_of(root, mutant.file)
    group = f"{mutant.template}: {mutant.operator}"
    if mutant.frees_copy:
        # A copy has no wire of its own to lie about, so the rule comes first: it needs no compiler.
        return Job(mutant.name, f"{group} of copies", mutant.file, text, suites[::-1], first)
    if mutant.operator in LOOSENING:
        suites = tuple(sorted(suites, key=lambda suite: not Path(suite).stem.endswith("_lies")))
    return Job(mutant.name, group, mutant.file, text, suites, first)


def _work(plan: Plan) -> Iterator[Verdict]:
    command = [sys.executable, "-m", "soundness.mutants.worker"]
    with subprocess.Popen(
        command, cwd=PROJECT_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        try:
            worker.stdin.write(plan.to_json())
            worker.stdin.close()
            for line in worker.stdout:
                yield Verdict(**json.loads(line))
        finally:
            worker.terminate()


def _said(verdict: Verdict) -> str:
    match verdict.outcome:
        case "killed":
            return KILLED + verdict.by
        case "refused":
            return REFUSED
        case "survived":
            return "survived"
        case _:
            return f"{verdict.outcome}: {verdict.by}"
