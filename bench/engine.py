"""Messages a second through the engine, matching and margin included, without and with signatures."""

import time
from dataclasses import dataclass
from typing import Final

from bench.order_flow import OrderFlow, funded_state, record_order_flow
from bench.timing import Rate, Seconds, side_by_side
from prover.progress import Progress, reported
from sequencer.engine import State, admit, apply
from sequencer.engine.commands import SequenceMessage
from sequencer.model.message import SignedMessage

BATCHES: Final = 625
RUNS: Final = 5


@dataclass(frozen=True, slots=True)
class EngineFigures:
    """One stream, applied to the same state in both ways.

    Attributes
    ----------
    events : dict of str to int
        What the messages came to: the events of their micro-steps, by kind.
    unchecked, checked : Rate
        Messages a second: `apply` alone; `admit`, which verifies the signature, and then `apply`.
    """

    messages: int
    events: dict[str, int]
    unchecked: Rate
    checked: Rate


def measure_engine(progress: Progress) -> EngineFigures:
    with reported(progress, "record the order flow"):
        flow = record_order_flow(BATCHES)
    variants = {
        "engine without signatures": lambda: _replayed(flow, check=False),
        "engine with signatures": lambda: _replayed(flow, check=True),
    }
    unchecked, checked = side_by_side(variants, flow.messages, RUNS, progress).values()
    return EngineFigures(flow.messages, dict(flow.events.most_common()), unchecked, checked)


def _replayed(flow: OrderFlow, *, check: bool) -> Seconds:
    """Apply the stream to a fresh state; opening batches, with the oracle's signatures, is not counted."""
    state = funded_state()
    carry_out = _admit_and_sequence if check else _sequence
    taken = 0.0
    for batch in flow.batches:
        apply(state, batch.opening)
        begin = time.perf_counter()
        for signed in batch.messages:
            carry_out(state, signed)
        state.commit()
        taken += time.perf_counter() - begin
    return taken


def _sequence(state: State, signed: SignedMessage) -> None:
    apply(state, SequenceMessage(signed.message))


def _admit_and_sequence(state: State, signed: SignedMessage) -> None:
    admit(state, signed)
    apply(state, SequenceMessage(signed.message))
