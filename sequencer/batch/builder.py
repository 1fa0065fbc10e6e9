"""A batch that is collected on a ledger and sealed on it."""

from sequencer.batch.draft import Draft
from sequencer.batch.open_batch import OpenBatch
from sequencer.batch.sealed import SealedBatch, seal
from sequencer.batch.sizes import BatchSize
from sequencer.engine.commands import OpenEpoch
from sequencer.engine.state import State
from sequencer.state.ledger import Ledger


class BatchBuilder(OpenBatch):
    """One open batch of a ledger; sealing it moves the ledger.

    Parameters
    ----------
    ledger
        The state as of the last batch.
    state
        The engine's state at the same point, `ledger.state()` or what the last builder left; it runs ahead of
        the ledger until the batch is sealed.
    opening
        The batch's timestamp and oracle round.

    Raises
    ------
    EpochError
        If the round cannot be used.
    """

    def __init__(self, ledger: Ledger, state: State, size: BatchSize, opening: OpenEpoch) -> None:
        super().__init__(state, ledger.layout, ledger.counters.batch_number + 1, size, opening)
        self._ledger = ledger

    def seal(self) -> SealedBatch:
        """Close the batch, fill the circuit's tables and move the ledger."""
        shape = self.close()
        batch = seal(
            Draft(
                size=self.size,
                ledger=self._ledger,
                state=self._state,
                opening=self.opening,
                opened=self._opened,
                messages=tuple(self._messages),
                events=self.events,
                plan=shape,
            )
        )
        self._ledger.apply(batch.change)
        return batch
