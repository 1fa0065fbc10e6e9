"""What raised margins decided: the same command where one of the things that raise them does not."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from msgspec.structs import replace

from sequencer.engine import apply
from sequencer.engine.commands import Command
from sequencer.engine.events import Dropped, Event, MakerRemoved, MessageSequenced, RequestProcessed
from sequencer.engine.state import State
from sequencer.model.codes import Verdict
from soundness.fuzz.coverage import Coverage

RAISED_BY: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "add-ons": {"volatility_addon_ppm": 0, "open_interest_addon_ppm": 0},
        "tiers": {"tier_ppm": 0},
        "congestion": {"congestion_addon_ppm": 0},
    }
)
"""Fields of a market without which its margins are lower, by topic."""
_LACKS = (Verdict.MARGIN, Verdict.MAKER_MARGIN)


def without_each(state: State, command: Command) -> dict[str, list[Event]]:
    """Return what a command would do without each thing that raises margins; the state stays as it is."""
    return {topic: _without(state, command, fields) for topic, fields in RAISED_BY.items()}


def _without(state: State, command: Command, fields: Mapping[str, Any]) -> list[Event]:
    token = state.checkpoint()
    for slot, market in enumerate(tuple(state.markets)):
        state.put_market(slot, replace(market, **fields))
    events = apply(state, command)
    state.rollback(token)
    return events


def of_raised(events: Sequence[Event], others: Mapping[str, Sequence[Event]]) -> Coverage:
    """Count what a command did only because margins are raised: the first event that is another one."""
    reached = Coverage()
    for topic, without in others.items():
        pairs = enumerate(zip(events, without, strict=False))
        differing = [place for place, (event, other) in pairs if event != other]
        if not differing:
            continue
        event, other = events[differing[0]], without[differing[0]]
        if isinstance(event, Dropped | MakerRemoved) and event.verdict in _LACKS:
            reached[topic, "refused an order or a maker"] += 1
        if isinstance(event, RequestProcessed):
            assert isinstance(other, RequestProcessed)
            reached[topic, "held back a withdrawal"] += event.outcome.paid < other.outcome.paid
        if _is_first_of_a_liquidation(events, differing[0]):
            is_due_alone = isinstance(other, Dropped) and other.verdict == Verdict.NOT_DUE
            reached[topic, "made a liquidation due"] += is_due_alone and not isinstance(event, Dropped)
    return reached


def _is_first_of_a_liquidation(events: Sequence[Event], place: int) -> bool:
    before = events[place - 1]
    return isinstance(before, MessageSequenced) and before.message.is_liquidation
