"""The state transition."""

from sequencer.engine.closing import close_epoch
from sequencer.engine.commands import CloseEpoch, Command, OpenEpoch, ProcessRequest, SequenceMessage
from sequencer.engine.epoch import open_epoch
from sequencer.engine.events import Event
from sequencer.engine.messages import sequence_message
from sequencer.engine.requests import process_request
from sequencer.engine.state import State
from sequencer.model.codes import RequestKind
from sequencer.model.message import Message
from sequencer.model.request import Request


def apply(state: State, command: Command) -> list[Event]:
    """Carry out one command (docs/spec/matching.md, liquidation.md, funding.md, breakers.md).

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
        case OpenEpoch(timestamp, reports, configuration):
            return [open_epoch(state, timestamp, reports, configuration or state.configuration)]
        case ProcessRequest(request):
            return _consume(state, request)
        case SequenceMessage(message):
            return sequence_message(state, message)
        case CloseEpoch():
            charged = close_epoch(state)
            return [charged] if charged is not None else []


def _consume(state: State, request: Request) -> list[Event]:
    """Consume a request; a message that it forces is sequenced at once."""
    processed = process_request(state, request)
    if request.kind != RequestKind.MESSAGE:
        return [processed]
    return [processed, *sequence_message(state, Message.from_words(*request.data), forced=True)]
