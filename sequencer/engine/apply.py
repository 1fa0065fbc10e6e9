"""The state transition."""

from sequencer.engine.commands import Command, OpenEpoch, ProcessRequest, SequenceMessage
from sequencer.engine.epoch import open_epoch
from sequencer.engine.events import Event
from sequencer.engine.messages import sequence_message
from sequencer.engine.requests import process_request
from sequencer.engine.state import State


def apply(state: State, command: Command) -> list[Event]:
    """Carry out one command (docs/spec/matching.md).

    Returns
    -------
    list of Event
        What happened, in order: the same for the same state and command on every machine.

    Raises
    ------
    ProofbookError
        If the command is malformed or its oracle round is unusable; the state is then unchanged. A message or
        request that fails for any other reason raises nothing: its verdict or outcome is in the events.
    """
    match command:
        case OpenEpoch(timestamp, reports):
            return [open_epoch(state, timestamp, reports)]
        case ProcessRequest(request):
            return [process_request(state, request)]
        case SequenceMessage(message):
            return sequence_message(state, message)
