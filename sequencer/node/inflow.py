"""What L1 shows, as the settler writes it down: requests to consume, and how far batches are."""

from collections import deque
from pathlib import Path
from typing import Final

from sequencer.chain.queue import QueueHashes
from sequencer.journal.reader import LogFollower
from sequencer.model.request import Request
from sequencer.records.entries import Confirmed, Progressed, Unwound
from sequencer.records.entry_codec import decode_entry

_AT_ONCE: Final = 10_000


class Inflow:
    """Follows the settlement log.

    Parameters
    ----------
    consumed
        Requests of the queue that the state has taken.
    unwindings
        How many of the log's unwindings the journal has.

    Attributes
    ----------
    hashes : QueueHashes
        Of the request queue, for receipts.
    requests : deque of Request
        Confirmed and not yet consumed.
    """

    def __init__(self, path: Path, consumed: int, unwindings: int) -> None:
        self._follower = LogFollower(path)
        self._consumed, self._unwindings = consumed, unwindings
        self.hashes = QueueHashes()
        self.requests: deque[Request] = deque()

    def poll(self) -> list[Progressed | Unwound]:
        """Return what is new of batches, and take in what is new of the queue."""
        found: list[Progressed | Unwound] = []
        while entries := self._follower.poll(_AT_ONCE):
            for _, payload in entries:
                match decode_entry(payload):
                    case Confirmed(request):
                        self._confirm(request)
                    case Progressed() as progressed:
                        found.append(progressed)
                    case Unwound() as unwound:
                        # What is confirmed is told again from the first request on.
                        self.hashes.clear()
                        self.requests.clear()
                        if self._unwindings:
                            self._unwindings -= 1
                        else:
                            found.append(unwound)
                    case other:
                        raise AssertionError(f"the settlement log has no {type(other).__name__}")
        return found

    def close(self) -> None:
        """Give the log's files back."""
        self._follower.close()

    def _confirm(self, request: Request) -> None:
        self.hashes.extend((request,))
        if len(self.hashes) > self._consumed:
            self.requests.append(request)


def newest_states(progress: list[Progressed | Unwound]) -> list[Progressed]:
    """Return the last that is said of each batch, by number."""
    newest: dict[int, Progressed] = {}
    for entry in progress:
        if isinstance(entry, Progressed):
            newest[entry.batch] = entry
        else:
            newest = {number: each for number, each in newest.items() if number <= entry.to_batch}
    return [newest[number] for number in sorted(newest)]
