"""Coverage-guided runs of the targets: atheris begins with real bytes and keeps what reaches new code."""

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import atheris  # type: ignore[import-untyped]

from tests.fuzz.mutator import mutator

INSTRUMENTED = ["tests.fuzz", "sequencer", "prover.farm", "proofbook.client", "tomllib", "eth_abi", "json"]
ALL = "all"
SECONDS_EACH_MAX = 20
MEMORY_MB_MAX = 2_048
INPUT_BYTES_MAX = 16_384


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how, and where what fails is written."""

    runs: int
    seconds: int
    seed: int
    findings: Path


def fuzz(name: str, plan: Plan) -> None:
    """Fuzz a target, or all of them by the first byte; the process ends with it, by 0 if nothing failed."""
    with atheris.instrument_imports(include=INSTRUMENTED):
        from tests.fuzz.targets import TARGETS
    chosen = TARGETS if name == ALL else [target for target in TARGETS if target.name == name]
    if not chosen:
        sys.exit(f"there is no target {name}, but {', '.join(target.name for target in TARGETS)}")
    seeds = [bytes([place]) + seed for place, target in enumerate(chosen) for seed in target.seeds()]
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder)
        for number, seed in enumerate(seeds):
            (corpus / str(number)).write_bytes(seed)
        check = _by_first_byte([target.check for target in chosen])
        atheris.Setup(_arguments(plan, corpus), check, custom_mutator=mutator(seeds))
        atheris.Fuzz()


def _by_first_byte(checks: Sequence[Callable[[bytes], None]]) -> Callable[[bytes], None]:
    def check(data: bytes) -> None:
        if data:
            checks[data[0] % len(checks)](data[1:])

    return check


def _arguments(plan: Plan, corpus: Path) -> list[str]:
    return [
        sys.argv[0],
        f"-runs={plan.runs}",
        f"-max_total_time={plan.seconds}",
        f"-seed={plan.seed}",
        f"-timeout={SECONDS_EACH_MAX}",
        f"-rss_limit_mb={MEMORY_MB_MAX}",
        f"-max_len={INPUT_BYTES_MAX}",
        f"-artifact_prefix={plan.findings}/",
        "-print_final_stats=1",
        str(corpus),
    ]
