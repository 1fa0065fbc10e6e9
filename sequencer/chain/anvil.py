"""A local chain for demonstrations and tests: one anvil process that never outlives its user."""

import ctypes
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sequencer.chain.connection import Connection
from sequencer.chain.errors import LocalChainError

ANVIL: Final = Path(__file__).resolve().parents[2] / "tools" / "anvil"
CHAIN_ID: Final = 31337
START_SECONDS_MAX: Final = 30.0

_POLL_SECONDS: Final = 0.02
_STOP_SECONDS: Final = 5.0
_LISTENING: Final = re.compile(r"^Listening on (\S+)$", re.MULTILINE)
_PR_SET_PDEATHSIG: Final = 1


class LocalChain(Connection):
    """A connection to an anvil node, with what only a test chain grants."""

    def fund(self, address: str, wei: int) -> None:
        """Set an address's balance of the chain's own coin, which pays for gas."""
        self.request("anvil_setBalance", [address, hex(wei)])

    @property
    def time(self) -> int:
        """Time of the last block, in seconds."""
        return int(self.request("eth_getBlockByNumber", ["latest", False])["timestamp"], 16)

    def advance(self, timestamp: int) -> None:
        """Mine an empty block of this time, in seconds, unless the chain is past it already."""
        if self.time < timestamp:
            self.request("evm_mine", [timestamp])


@contextmanager
def local_chain(timestamp: int, executable: Path = ANVIL) -> Iterator[LocalChain]:
    """Run a chain whose genesis has this time; each block is one second later unless told otherwise.

    A block is mined for every transaction. The process is stopped when the body ends, however it ends.

    Raises
    ------
    LocalChainError
        If anvil is not there, ends at once, or does not listen in time.
    """
    with tempfile.TemporaryDirectory(prefix="proofbook-anvil-") as directory:
        log = Path(directory) / "anvil.log"
        process = _start(executable, timestamp, log)
        try:
            chain = LocalChain(_address(process, log))
            chain.request("anvil_setBlockTimestampInterval", [1])
            yield chain
        finally:
            _stop(process)


def _start(executable: Path, timestamp: int, log: Path) -> subprocess.Popen[bytes]:
    # Port 0: the kernel picks a free one, so that several chains run side by side.
    options = ["--host", "127.0.0.1", "--port", "0", "--chain-id", str(CHAIN_ID)]
    options += ["--timestamp", str(timestamp), "--accounts", "1"]
    try:
        with log.open("wb") as output:
            return subprocess.Popen(
                [str(executable), *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent,
            )
    except OSError as error:
        raise LocalChainError(f"{executable} cannot be started: {error.strerror}") from error


def _die_with_parent() -> None:
    """Ask the kernel to kill anvil when this process dies, even if it is killed itself."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        status = process.poll()
        said = log.read_text(errors="replace")
        if match := _LISTENING.search(said):
            return f"http://{match[1]}"
        if status is not None:
            last = said.strip().splitlines()[-1:] or ["nothing"]
            raise LocalChainError(f"anvil ended with status {status} and said: {last[0]}")
        time.sleep(_POLL_SECONDS)
    raise LocalChainError(f"anvil did not listen within {START_SECONDS_MAX:.0f} seconds")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
