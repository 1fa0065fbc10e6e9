"""A small exchange whose batches are the same in every process."""

from collections.abc import Iterator

from msgspec.structs import replace

from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.engine.commands import Command, OpenEpoch, ProcessRequest
from sequencer.model.venue import Venue
from sequencer.state.ledger import Ledger
from tests import strategies
from tests.batch.fixtures import ledger_of, sealed_batch

ACCOUNTS, RESTING = 3, 10
CHANGING_BATCH, RESTRICTING_BATCH = 2, 4
CHANGED = replace(
    strategies.configuration(),
    tiers=strategies.CONFIGURATION_TIERS[::-1],
    oracle_max_age_seconds=70,
    markets=(replace(strategies.PARAMETERS[0], initial_ppm=200_000, max_position=40),),
    schedules=(replace(strategies.SCHEDULES[0], tier_ppm=7, congestion_ppm=8, settle_seconds=9),),
    insurance_floor=1,
)
"""What holds from the batch after the one that consumes the change."""
RESTRICTED = Venue(congested_until=strategies.START + 100_000, restricted_markets=0b1010, restricted_until=9)
"""What L1 says in the fourth batch, which finds the fund below the new floor; the fifth brings it there."""


def start() -> Ledger:
    """The ledger before the first batch."""
    return ledger_of(strategies.genesis(ACCOUNTS, resting=RESTING))


def trading(count: int, seed: int = 5) -> Iterator[tuple[SealedBatch, Ledger]]:
    """Each batch, and the ledger as it leaves it; the second consumes a change, the fourth a restriction."""
    ledger, size = start(), batch_size("small")
    state = ledger.state()
    batches = strategies.batches(seed, count, accounts=ACCOUNTS, resting=RESTING, newcomers=1)
    for number, (opening, *others) in enumerate(batches, 1):
        yield sealed_batch(ledger, state, size, list(_changing(number, opening, others))), ledger


def _changing(number: int, opening: Command, others: list[Command]) -> Iterator[Command]:
    assert isinstance(opening, OpenEpoch)
    yield replace(opening, configuration=CHANGED) if number > CHANGING_BATCH else opening
    if number == CHANGING_BATCH:
        yield ProcessRequest(strategies.change(CHANGED.hash()))
    if number == RESTRICTING_BATCH:
        yield ProcessRequest(strategies.restriction(RESTRICTED))
    if number == RESTRICTING_BATCH + 1:
        yield ProcessRequest(strategies.insurance(CHANGED.insurance_floor))
    yield from others
