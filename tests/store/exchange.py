"""A small exchange whose batches are the same in every process."""

from collections.abc import Iterator

from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.state.ledger import Ledger
from tests import strategies
from tests.batch.fixtures import ledger_of, sealed_batch

ACCOUNTS, RESTING = 3, 10


def start() -> Ledger:
    """The ledger before the first batch."""
    return ledger_of(strategies.genesis(ACCOUNTS, resting=RESTING))


def trading(count: int, seed: int = 5) -> Iterator[tuple[SealedBatch, Ledger]]:
    """Each batch, and the ledger as it leaves it."""
    ledger, size = start(), batch_size("small")
    state = ledger.state()
    for commands in strategies.batches(seed, count, accounts=ACCOUNTS, resting=RESTING, newcomers=1):
        yield sealed_batch(ledger, state, size, commands), ledger
