"""Signatures verified a second on one core, beside circomlibjs: each in a process of its own, in turn."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.timing import Rate, side_by_side
from prover.artifacts import PROJECT_ROOT
from prover.progress import Progress, reported
from sequencer.crypto import poseidon, public_key, sign

SIGNATURES: Final = 200
SIGNERS: Final = 40
RUNS: Final = 5

OURS: Final = (sys.executable, "-m", "bench.one_core")
CIRCOMLIBJS: Final = ("node", str(Path(__file__).with_suffix(".mjs")))
_PACKAGE: Final = PROJECT_ROOT / "node_modules" / "circomlibjs" / "package.json"
_ONE_THREAD: Final = {"RAYON_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class CircomlibjsFigures:
    """Signatures a second of processor time: the same ones, all good, for all three."""

    version: str
    signatures: int
    circomlibjs: Rate
    one_by_one: Rate
    at_once: Rate


def measure_circomlibjs(progress: Progress) -> CircomlibjsFigures:
    with reported(progress, f"sign {SIGNATURES} messages"):
        signed = json.dumps([signed_message(number) for number in range(SIGNATURES)])
    version = json.loads(_PACKAGE.read_text())["version"]
    rates = side_by_side(
        {
            "circomlibjs": lambda: float(verified(CIRCOMLIBJS, signed)),
            "verify": lambda: float(verified(OURS, signed)["one call each"]),
            "verify_many": lambda: float(verified(OURS, signed)["at once"]),
        },
        SIGNATURES,
        RUNS,
        progress,
    )
    return CircomlibjsFigures(version, SIGNATURES, *rates.values())


def signed_message(number: int) -> dict[str, Any]:
    """Return key, message and signature as decimal strings: JSON's numbers are too short."""
    secret, message = 1 + number % SIGNERS, poseidon((number,))
    return {
        "key": _decimals(public_key(secret)),
        "message": str(message),
        "signature": _decimals(sign(secret, message)),
    }


def verified(command: Sequence[str], signed: str) -> Any:
    """Return the processor seconds that a verifier says it took; it must accept all."""
    said = subprocess.run(
        command,
        input=signed,
        check=True,
        capture_output=True,
        text=True,
        cwd=PROJECT_ROOT,
        env={**os.environ, **_ONE_THREAD},
    )
    result = json.loads(said.stdout)
    assert result["accepted"]
    return result["seconds"]


def _decimals(elements: Sequence[int]) -> list[str]:
    return [str(element) for element in elements]
