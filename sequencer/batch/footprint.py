"""What the commands of a batch have touched so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sequencer.batch.trace import MicroStep, trace
from sequencer.engine.events import Event, MessageSequenced, RequestProcessed
from sequencer.model import constants as c
from sequencer.state.pages import Group


@dataclass(slots=True)
class SideFootprint:
    """What was touched on one side of one market.

    Attributes
    ----------
    reach : int
        Every key below it was looked at: one more than the last head's key, 2^72 once the side was seen
        empty, 0 if nobody looked.
    keys : set of int
        Orders met, placed or named by a cancel.
    """

    reach: int = 0
    keys: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Footprint:
    """Everything that takes room in a batch, counted."""

    requests: int = 0
    messages: int = 0
    steps: int = 0
    accounts: set[int] = field(default_factory=set)
    sides: dict[Group, SideFootprint] = field(default_factory=dict)

    def extended(self, events: Iterable[Event]) -> Footprint:
        """Return the footprint after one more command; this one stays as it is."""
        sides = {group: SideFootprint(side.reach, set(side.keys)) for group, side in self.sides.items()}
        grown = Footprint(self.requests, self.messages, self.steps, set(self.accounts), sides)
        events = list(events)
        for event in events:
            if isinstance(event, RequestProcessed):
                grown.requests += 1
                grown.accounts.add(event.request.account)
            elif isinstance(event, MessageSequenced):
                grown.messages += 1
                grown.accounts.add(event.message.account)
                if event.message.is_unsigned:
                    grown.accounts.add(c.INSURANCE_ACCOUNT)
        for step in trace(events):
            grown._add(step)
        return grown

    def _add(self, step: MicroStep) -> None:
        self.steps += 1
        if step.maker is not None:
            self.accounts.add(step.maker)
        if step.own_key is not None:
            self._side(step.own_group).keys.add(step.own_key)
        if step.looked:
            side = self._side(step.opposite_group)
            if step.head is None:
                side.reach = c.REACH_END
            else:
                side.keys.add(step.head.key)
                side.reach = max(side.reach, step.head.key + 1)

    def _side(self, group: Group) -> SideFootprint:
        return self.sides.setdefault(group, SideFootprint())
