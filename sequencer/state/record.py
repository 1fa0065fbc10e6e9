"""What is kept of a sealed batch beside the state that it left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sequencer.model import constants as c
from sequencer.model.message import SignedMessage
from sequencer.model.request import Request

Signal = int | Sequence["Signal"]
"""The value of a circuit's input signal: a field element, or a nested list of them."""


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """Enough to prove, publish and answer for a batch after a restart.

    Attributes
    ----------
    number : int
        From 1 up.
    size : str
        Name of the circuit's size.
    state_root : int
        Of the state that the batch left.
    inputs : mapping
        The circuit's input signals.
    contract_words : tuple of int
        The words that the operator sends to the contract.
    log_leaves : tuple of int
        Hashes of the messages, in sequence order.
    requests : tuple of Request
        The L1 requests that the batch consumed, in queue order.
    messages : tuple of SignedMessage
        In sequence order.
    """

    number: int
    size: str
    state_root: int
    inputs: Mapping[str, Signal]
    contract_words: tuple[int, ...]
    log_leaves: tuple[int, ...]
    requests: tuple[Request, ...]
    messages: tuple[SignedMessage, ...]

    @property
    def commitment(self) -> int:
        """The circuit's commitment to the whole data stream: equal for equal batches alone."""
        commitment = self.inputs["c"]
        assert isinstance(commitment, int), "the commitment is one field element"
        return commitment

    @property
    def timestamp(self) -> int:
        """Seconds."""
        return self.contract_words[c.HEADER_TIMESTAMP]

    @property
    def old_state_root(self) -> int:
        """Root of the state that the batch rests on."""
        return self.contract_words[c.HEADER_OLD_STATE_ROOT]

    @property
    def requests_begin(self) -> int:
        """Place in the L1 queue of the first request that the batch consumes, if it consumes any."""
        return self.contract_words[c.HEADER_REQUESTS_BEGIN]
