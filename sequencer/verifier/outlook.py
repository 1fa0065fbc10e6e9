"""What is about to change: announced or queued, and whether anyone could follow it."""

from collections.abc import Iterator
from contextlib import suppress

from msgspec import Struct

from prover.errors import DevelopmentKeyError
from sequencer.chain.errors import UnannouncedChangeError
from sequencer.chain.timelock import Timelock, obstacles
from sequencer.model.codes import RequestKind
from sequencer.model.market import MarketParameters, live_markets
from sequencer.verifier.errors import UnknownVerifierError
from sequencer.verifier.key import trusted_key
from sequencer.verifier.replica import Replica, address_of


class Change(Struct, frozen=True):
    """A change of configuration or batch circuit that does not hold yet.

    Attributes
    ----------
    verifier : str
        Address that will check the proofs.
    ready_at : int or None
        Seconds; from then on anyone may queue it. None if it is in the queue.
    warnings : tuple of str
        Why nobody, or not this release, could follow the rollup beyond it.
    """

    configuration_hash: int
    verifier: str
    ready_at: int | None
    warnings: tuple[str, ...]


def coming_changes(timelock: Timelock, replica: Replica, from_block: int = 0) -> list[Change]:
    """Return the changes that wait, first those in the queue; none of a frozen rollup will come.

    Parameters
    ----------
    from_block
        Where to look for announcements.
    """
    if replica.frozen:
        return []
    waiting: list[tuple[int, str, int | None]] = [
        (request.data[0], address_of(request.data[1]), None)
        for request in replica.pending
        if request.kind == RequestKind.CHANGE
    ]
    pending = timelock.pending_change
    if pending:
        waiting.append((pending.configuration_hash, pending.verifier, pending.ready_at))
    markets = live_markets([words[3] for words in replica.state.markets])
    return [
        Change(
            *change, (*_obstacles(timelock, change[0], markets, from_block), *_doubts(timelock, change[1]))
        )
        for change in waiting
    ]


def _obstacles(
    timelock: Timelock, configuration_hash: int, markets: tuple[MarketParameters, ...], from_block: int
) -> Iterator[str]:
    announced = None
    with suppress(UnannouncedChangeError):
        announced = timelock.announced(configuration_hash, from_block)
    return obstacles(announced, markets)


def _doubts(timelock: Timelock, verifier: str) -> Iterator[str]:
    try:
        trusted_key(timelock.connection, verifier)
    except (UnknownVerifierError, DevelopmentKeyError):
        yield "its verifier is none of this release"
