"""The chained hash of the request queue, as the contract keeps it beside each request."""

from collections.abc import Iterable
from typing import Final

from eth_utils.crypto import keccak

from sequencer.model.request import Request

QUEUE_HASH_BITS: Final = 176
_WORD_BYTES: Final = 32


def queue_hash(before: int, request: Request) -> int:
    """Return the hash of a queue that one more request has joined: the last 176 bits of keccak256."""
    words = (before, *request.words())
    digest = keccak(b"".join(word.to_bytes(_WORD_BYTES, "big") for word in words))
    return int.from_bytes(digest, "big") % (1 << QUEUE_HASH_BITS)


class QueueHashes:
    """The hash over the first n requests, for each n; 0 for none."""

    def __init__(self) -> None:
        self._hashes = [0]

    def __len__(self) -> int:
        """Return the number of requests."""
        return len(self._hashes) - 1

    def extend(self, requests: Iterable[Request]) -> None:
        """Append requests in queue order."""
        for request in requests:
            self._hashes.append(queue_hash(self._hashes[-1], request))

    def clear(self) -> None:
        """Forget all requests: another queue has taken the place of this one."""
        del self._hashes[1:]

    def at(self, end: int) -> int:
        """Return the hash over the first `end` requests."""
        return self._hashes[end]
