"""What the add-ons to margins decided: the same command where margins are those of the parameters."""

from collections.abc import Sequence
from dataclasses import replace

from sequencer.engine import apply
from sequencer.engine.commands import Command
from sequencer.engine.events import Dropped, Event, MakerRemoved, MessageSequenced
from sequencer.engine.state import State
from sequencer.model.codes import Verdict
from soundness.fuzz.coverage import Coverage

_LACKS = (Verdict.MARGIN, Verdict.MAKER_MARGIN)


def without_addons(state: State, command: Command) -> list[Event]:
    """Return what a command would do without add-ons to any margin; the state stays as it is."""
    token = state.checkpoint()
    for slot, market in enumerate(tuple(state.markets)):
        state.put_market(slot, replace(market, volatility_addon_ppm=0, open_interest_addon_ppm=0))
    events = apply(state, command)
    state.rollback(token)
    return events


def of_addons(events: Sequence[Event], without: Sequence[Event]) -> Coverage:
    """Count what a command did only because of add-ons: the first event that is another one without them."""
    reached = Coverage()
    differing = [place for place, pair in enumerate(zip(events, without, strict=False)) if pair[0] != pair[1]]
    if not differing:
        return reached
    event, other = events[differing[0]], without[differing[0]]
    if isinstance(event, Dropped | MakerRemoved) and event.verdict in _LACKS:
        reached["add-ons", "refused an order or a maker"] += 1
    if _is_first_of_a_liquidation(events, differing[0]):
        is_due_alone = isinstance(other, Dropped) and other.verdict == Verdict.NOT_DUE
        reached["add-ons", "made a liquidation due"] += is_due_alone and not isinstance(event, Dropped)
    return reached


def _is_first_of_a_liquidation(events: Sequence[Event], place: int) -> bool:
    before = events[place - 1]
    return isinstance(before, MessageSequenced) and before.message.is_liquidation
