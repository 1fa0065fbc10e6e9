"""A referee of the batch circuit's claims, written from docs/spec/batch.md and nothing else.

It reads the circuit's inputs alone, carries the batch out from them, and accepts iff every claim holds;
nothing of the engine or of `sequencer.batch` is used.
"""

from tests.batch.referee.check import Verified, check
from tests.batch.referee.signals import RejectedError

__all__ = ["RejectedError", "Verified", "check"]
