"""The exchange as a pure function: `apply(state, command)` gives events. No clock, file, socket or chance."""

from sequencer.engine.admission import admit
from sequencer.engine.apply import apply
from sequencer.engine.state import Book, State

__all__ = ["Book", "State", "admit", "apply"]
