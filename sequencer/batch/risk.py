"""The operator's duty in a batch: to liquidate whoever is due, and to let the insurance fund unwind."""

from sequencer.batch.errors import CapacityError
from sequencer.batch.open_batch import OpenBatch
from sequencer.engine.risk import next_liquidation, next_unwinding
from sequencer.engine.state import State
from sequencer.model.message import Message


def reduce_risk(batch: OpenBatch, state: State) -> bool:
    """Liquidate every account as far as due and possible, then unwind; tell whether the batch had room.

    Accounts come in the order of their ids. Only what changes something is sequenced, so that batch after
    batch comes closer to the end.

    Parameters
    ----------
    state
        The engine's state that the batch moves.
    """
    if not all(_liquidate(batch, state, number) for number in sorted(state.accounts)):
        return False
    message = next_unwinding(state)
    return message is None or _add(batch, message) is not False


def _liquidate(batch: OpenBatch, state: State, number: int) -> bool:
    """Liquidate one account; return False if the batch is full."""
    while (message := next_liquidation(state, number)) is not None:
        added = _add(batch, message)
        if added is not True:
            return added is None
    return True


def _add(batch: OpenBatch, message: Message) -> bool | None:
    """Return whether the batch had room; None for what fits no batch of this size, but may a larger one."""
    try:
        return batch.add_unsigned(message) is not None
    except CapacityError:
        return None
