"""What is kept of a sealed batch beside the state that it left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sequencer.model.message import SignedMessage

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
    messages : tuple of SignedMessage
        In sequence order.
    """

    number: int
    size: str
    state_root: int
    inputs: Mapping[str, Signal]
    contract_words: tuple[int, ...]
    log_leaves: tuple[int, ...]
    messages: tuple[SignedMessage, ...]
