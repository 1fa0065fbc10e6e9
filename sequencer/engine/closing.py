"""Closing a batch: what the insurance fund is short of is charged, and what that leaves it is noted."""

from sequencer.engine.events import ShortfallCharged
from sequencer.engine.final_settlement import note_fund_positions
from sequencer.engine.insurance import judge_insurance
from sequencer.engine.shortfall import charge_shortfall
from sequencer.engine.state import State


def close_epoch(state: State) -> ShortfallCharged | None:
    """Charge the winning side, if it must be, and note what the next batch needs to know of the fund."""
    charged = charge_shortfall(state)
    note_fund_positions(state)
    judge_insurance(state)
    return charged
