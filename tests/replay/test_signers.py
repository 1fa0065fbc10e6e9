"""The oracle of a replay is five processes; they end with it, however it ends."""

from contextlib import suppress

import httpx
import pytest

from sequencer.replay.signers import SignerProcesses
from tests.replay.conftest import DOMAIN, RecordedRounds
from tests.replay.data import BARS

FIRST = 1_584_008_280


@pytest.fixture(scope="module")
def ended() -> tuple[SignerProcesses, list[object]]:
    """What the processes signed until their user failed."""
    signers, rounds = SignerProcesses(BARS, 2, 1, DOMAIN), list[object]()
    with suppress(ZeroDivisionError), signers:
        rounds += [signers.round(FIRST + second) for second in (0, 15, 16, 179)]
        _ = 1 // 0
    return signers, rounds


def test_the_processes_sign_what_the_file_says(ended: tuple[SignerProcesses, list[object]]) -> None:
    _, rounds = ended
    recorded = RecordedRounds(seed=1)
    assert rounds[:3] == [recorded.round(FIRST + second) for second in (0, 15, 16)]


def test_after_the_replayed_minutes_the_last_close_holds(ended: tuple[SignerProcesses, list[object]]) -> None:
    """The file goes on; the replay does not."""
    _, rounds = ended
    assert rounds[3] != RecordedRounds(seed=1).round(FIRST + 179)


def test_no_process_outlives_its_user(ended: tuple[SignerProcesses, list[object]]) -> None:
    signers, _ = ended
    assert len(signers.endpoints) == 5
    for endpoint in signers.endpoints:
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{endpoint}/health", trust_env=False)
