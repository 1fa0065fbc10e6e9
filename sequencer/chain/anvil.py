"""A local chain for demonstrations and tests: one anvil process that never outlives its user."""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sequencer.chain.child import ChildError, start, stop, wait_until_said
from sequencer.chain.connection import Connection
from sequencer.chain.errors import LocalChainError

ANVIL: Final = Path(__file__).resolve().parents[2] / "tools" / "anvil"
CHAIN_ID: Final = 31337

_LISTENING: Final = re.compile(r"^Listening on (\S+)$", re.MULTILINE)


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
        try:
            process = _start(executable, timestamp, log)
        except ChildError as error:
            raise LocalChainError(str(error)) from error
        try:
            chain = LocalChain(_address(process, log))
            chain.request("anvil_setBlockTimestampInterval", [1])
            yield chain
        finally:
            stop(process)


def _start(executable: Path, timestamp: int, log: Path) -> subprocess.Popen[bytes]:
    # Port 0: the kernel picks a free one, so that several chains run side by side.
    options = ["--host", "127.0.0.1", "--port", "0", "--chain-id", str(CHAIN_ID)]
    options += ["--timestamp", str(timestamp), "--accounts", "1"]
    return start([str(executable), *options], log)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    try:
        return f"http://{wait_until_said(process, log, _LISTENING)}"
    except ChildError as error:
        raise LocalChainError(f"anvil {error}") from error
