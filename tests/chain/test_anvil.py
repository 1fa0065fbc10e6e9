"""The local chain starts where it is told and never outlives its user."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from sequencer.chain.anvil import CHAIN_ID, local_chain
from sequencer.chain.connection import Connection
from sequencer.chain.errors import ChainUnreachableError, LocalChainError

TIME = 1_584_008_000

ABANDON = textwrap.dedent(
    """
    import os, signal
    from sequencer.chain.anvil import local_chain
    with local_chain(1) as chain:
        print(chain.url, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
)


def test_the_chain_starts_at_its_genesis_time_and_is_gone_afterwards() -> None:
    with local_chain(TIME) as chain:
        assert chain.chain_id == CHAIN_ID
        assert chain.time == TIME
    with pytest.raises(ChainUnreachableError):
        _ = chain.chain_id


def test_the_chain_is_gone_when_its_user_fails() -> None:
    with pytest.raises(ZeroDivisionError), local_chain(TIME) as chain:
        _ = 1 // 0
    with pytest.raises(ChainUnreachableError):
        _ = chain.chain_id


def test_the_chain_dies_with_a_killed_user() -> None:
    done = subprocess.run([sys.executable, "-c", ABANDON], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    with pytest.raises(ChainUnreachableError):
        _ = Connection(done.stdout.strip()).chain_id


def test_two_chains_run_side_by_side() -> None:
    with local_chain(TIME) as one, local_chain(TIME + 1) as other:
        assert (one.time, other.time) == (TIME, TIME + 1)


def test_time_advances_only_forwards() -> None:
    with local_chain(TIME) as chain:
        chain.advance(TIME + 100)
        chain.advance(TIME + 50)
        assert chain.time == TIME + 100


def test_a_missing_executable_is_named() -> None:
    with (
        pytest.raises(LocalChainError, match="no-such-anvil cannot be started"),
        local_chain(TIME, Path("no-such-anvil")),
    ):
        pass


def test_what_anvil_says_when_it_ends_at_once_is_passed_on(tmp_path: Path) -> None:
    broken = tmp_path / "anvil"
    broken.write_text("#!/bin/sh\necho the disk is full\nexit 3\n")
    os.chmod(broken, 0o755)
    with (
        pytest.raises(LocalChainError, match="status 3 and said: the disk"),
        local_chain(TIME, broken),
    ):
        pass
