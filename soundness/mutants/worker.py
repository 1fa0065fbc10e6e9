"""Runs mutants in one warm process: pytest collects once, then each mutant gets a fork of its own.

The worker reads a `Plan` from standard input and writes one line of JSON a mutant. A fork sees a copy of the
circuits in which one file is changed, and a cache of its own over the project's, so that only circuits which
include the changed file are compiled again.
"""

import json
import os
import select
import shutil
import signal
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Final, Literal, TypeAlias

import pytest
from hypothesis import HealthCheck, Phase, settings

from prover.artifacts import CACHE_VARIABLE, PROJECT_ROOT, ArtifactStore
from prover.errors import CompileError, WitnessInputError, WitnessRejectedError

Outcome: TypeAlias = Literal["killed", "refused", "survived", "unfinished", "broken"]

# Modules that find the circuits' text below the project's root.
_READERS: Final = ("prover.compile", "tests.circuits.harness")
_COPIED: Final = ("circuits", "node_modules/circomlib/circuits")
_CACHED: Final = ("circuits", "wasm")
# How a test says that a circuit is wrong; anything else is trouble of the test or of the machine.
_TOLD: Final = (AssertionError, pytest.fail.Exception, WitnessInputError, WitnessRejectedError, KeyError)
_LIMIT_SECONDS: Final = 900.0
_PROFILE: Final = "mutants"


@dataclass(frozen=True, slots=True)
class Job:
    """One mutant, or the circuits as they are.

    Attributes
    ----------
    name : str
        The mutant's name.
    group : str
        Mutants of one group tend to die by the same test, which is then tried first in its file.
    file : str
        The changed file, relative to `circuits/`.
    text : str or None
        Its new text; None leaves all as it is.
    tests : tuple of str
        Test files that may kill it, in the order in which they are tried.
    first : str or None
        The test that killed it last time.
    """

    name: str
    group: str
    file: str
    text: str | None
    tests: tuple[str, ...]
    first: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mutant: `by` names the test, or what went wrong."""

    name: str
    outcome: Outcome
    by: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All jobs of one worker, and the project whose circuits and tests they are."""

    root: str
    jobs: tuple[Job, ...]

    def to_json(self) -> str:
        """Return the plan as one JSON document."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> "Plan":
        """Read what `to_json` wrote."""
        plan = json.loads(text)
        jobs = [Job(**(job | {"tests": tuple(job["tests"])})) for job in plan["jobs"]]
        return Plan(plan["root"], tuple(jobs))


class _Loop:
    """A pytest plugin that replaces pytest's loop over the tests by a loop over the mutants."""

    def __init__(self, plan: Plan, scratch: Path, verdicts: int) -> None:
        self._plan = plan
        self._tree = scratch / "project"
        self._cache = scratch / "cache"
        self._verdicts = verdicts
        self._killers: dict[str, list[str]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for folder in _COPIED:
            if (PROJECT_ROOT / folder).is_dir():
                root = Path(self._plan.root) if folder == "circuits" else PROJECT_ROOT
                shutil.copytree(root / folder, self._tree / folder)
        items = {item.nodeid: item for item in session.items}
        for job in self._plan.jobs:
            verdict = self._judge(job, items)
            os.write(self._verdicts, json.dumps(asdict(verdict)).encode() + b"\n")
        return True

    def _judge(self, job: Job, items: Mapping[str, pytest.Item]) -> Verdict:
        path = self._tree / "circuits" / job.file
        original = path.read_text()
        self._share_cache()
        try:
            path.write_text(original if job.text is None else job.text)
            verdict = self._in_fork(job, self._ordered(job, items))
        finally:
            path.write_text(original)
        if verdict.outcome == "killed":
            killers = self._killers.setdefault(job.group, [])
            if verdict.by in killers:
                killers.remove(verdict.by)
            killers.insert(0, verdict.by)
        return verdict

    def _ordered(self, job: Job, items: Mapping[str, pytest.Item]) -> list[pytest.Item]:
        """Return the tests that are likely to kill, then the others in the order of the files."""
        likely = [job.first or "", *self._killers.get(job.group, [])]

        def rank(name: str) -> tuple[int, int]:
            hope = likely.index(name) if name in likely else len(likely)
            return hope, job.tests.index(name.partition("::")[0])

        ours = [name for name in items if name.partition("::")[0] in job.tests]
        return [items[name] for name in sorted(ours, key=rank)]

    def _share_cache(self) -> None:
        """Show the project's artifacts in the fork's cache, and nothing that an earlier mutant left."""
        store = ArtifactStore()
        for kind in _CACHED:
            folder = self._cache / kind
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            for entry in (store.root / kind).glob("[!.]*"):
                (folder / entry.name).symlink_to(entry.resolve())

    def _in_fork(self, job: Job, items: Sequence[pytest.Item]) -> Verdict:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                found = self._run(job, items)
            except BaseException as error:
                found = Verdict(job.name, "broken", repr(error))
            os.write(writer, json.dumps(asdict(found)).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as answer:
            ready, _, _ = select.select([answer], [], [], _LIMIT_SECONDS)
            if not ready:
                os.kill(child, signal.SIGKILL)
            text = answer.read()
        os.waitpid(child, 0)
        if not text:
            return Verdict(job.name, "unfinished", f"no answer within {_LIMIT_SECONDS:g} seconds")
        return Verdict(**json.loads(text))

    def _run(self, job: Job, items: Sequence[pytest.Item]) -> Verdict:
        for name in _READERS:
            import_module(name).__dict__["PROJECT_ROOT"] = self._tree
        if job.text is not None:
            os.environ[CACHE_VARIABLE] = str(self._cache)
        if not items:
            return Verdict(job.name, "broken", f"no tests in {', '.join(job.tests)}")
        failures = _Failures()
        items[0].config.pluginmanager.register(failures)
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if failures.outcome == "broken":
                return Verdict(job.name, "broken", f"{item.nodeid}: {failures.message}")
            if failures.outcome is not None:
                return Verdict(job.name, failures.outcome, item.nodeid)
        return Verdict(job.name, "survived")


class _Failures:
    """Notes how a test failed: on the circuit, because circom refused the mutant, or for another reason."""

    def __init__(self) -> None:
        self.outcome: Outcome | None = None
        self.message = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.failed and call.excinfo is not None:
            self.message = repr(call.excinfo.value)
            if call.excinfo.errisinstance(CompileError):
                self.outcome = "refused"
            else:
                self.outcome = "killed" if call.excinfo.errisinstance(_TOLD) else "broken"
        return report


def main() -> int:
    """Work on the plan of standard input; the exit status is pytest's."""
    plan = Plan.from_json(sys.stdin.read())
    verdicts = os.dup(1)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    # The same examples every time, and no effort on small ones: that a test fails is all that counts.
    settings.register_profile(
        _PROFILE,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
        # One failure is told as itself, several as a group.
        report_multiple_bugs=False,
    )
    os.environ["HYPOTHESIS_PROFILE"] = _PROFILE
    files = dict.fromkeys(str(Path(plan.root, file)) for job in plan.jobs for file in job.tests)
    options = [
        f"--rootdir={plan.root}",
        "--capture=no",
        "--tb=no",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
    ]
    with tempfile.TemporaryDirectory() as scratch:
        return pytest.main([*options, *files], plugins=[_Loop(plan, Path(scratch), verdicts)])


if __name__ == "__main__":
    sys.exit(main())
