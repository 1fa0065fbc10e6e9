"""Runs the snarkjs command line under node."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prover.artifacts import PROJECT_ROOT
from prover.errors import MissingToolError
from prover.measure import KIBIBYTE, Usage

SNARKJS: Final = PROJECT_ROOT / "node_modules" / "snarkjs" / "build" / "cli.cjs"
SNARKJS_VERSION: Final = "0.7.6"

_HEAP_MEBIBYTES: Final = 8_192
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ERROR = re.compile(r"^\[ERROR\]\s+snarkJS:\s*(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended: exit status, what it printed, what it cost."""

    status: int
    output: str
    usage: Usage

    @property
    def reason(self) -> str:
        """What snarkjs says went wrong, in one line."""
        errors = _ERROR.findall(self.output)
        lines = errors or self.output.strip().splitlines()[-1:]
        return "; ".join(line.strip() for line in lines) or f"exit status {self.status}"


def run_snarkjs(*arguments: str | Path, answer: str = "") -> Outcome:
    """Run `snarkjs <arguments>` to its end; a failure is in the outcome, not an exception.

    Parameters
    ----------
    arguments : str or Path
        Any process of the machine can read them.
    answer : str
        What snarkjs is told when it asks; it goes through a pipe and is not echoed.
    """
    node = shutil.which("node")
    if node is None:
        raise MissingToolError("node is not on PATH", "install Node.js 20 or newer")
    if not SNARKJS.is_file():
        raise MissingToolError("snarkjs is not installed", "run `make setup`", SNARKJS)
    command = [node, f"--max-old-space-size={_HEAP_MEBIBYTES}", str(SNARKJS), *map(str, arguments)]
    begin = time.perf_counter()
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=printed, stderr=subprocess.STDOUT)
        try:
            assert process.stdin is not None
            with suppress(BrokenPipeError), process.stdin:
                process.stdin.write(f"{answer}\n".encode() if answer else b"")
            _, status, resources = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        output = _COLOUR.sub("", printed.read().decode(errors="replace"))
    # The kernel counts the parent's memory at the fork too, so the peak is never below that.
    cpu_seconds = resources.ru_utime + resources.ru_stime
    usage = Usage(time.perf_counter() - begin, cpu_seconds, resources.ru_maxrss * KIBIBYTE)
    return Outcome(process.returncode, output, usage)
