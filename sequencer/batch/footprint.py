"""What the commands of a batch have touched so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from msgspec import Struct, field

from sequencer.batch.trace import MicroStep, trace
from sequencer.engine.events import Event, MessageSequenced, RequestProcessed
from sequencer.model import constants as c
from sequencer.state.pages import Group


class SideFootprint(Struct):
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


class Footprint(Struct):
    """Everything that takes room in a batch, of one command or of many."""

    requests: int = 0
    messages: int = 0
    steps: int = 0
    accounts: set[int] = field(default_factory=set)
    sides: dict[Group, SideFootprint] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Sequence[Event]) -> Self:
        """Return what one command touched."""
        part = cls()
        for event in events:
            if isinstance(event, RequestProcessed):
                part.requests += 1
                part.accounts.add(event.request.account)
            elif isinstance(event, MessageSequenced):
                part.messages += 1
                part.accounts.add(event.message.account)
                if event.message.is_unsigned:
                    part.accounts.add(c.INSURANCE_ACCOUNT)
        for step in trace(events):
            part._add(step)
        return part

    def include(self, part: Footprint) -> None:
        """Add what another command touched."""
        self.requests += part.requests
        self.messages += part.messages
        self.steps += part.steps
        self.accounts |= part.accounts
        for group, touched in part.sides.items():
            side = self._side(group)
            side.reach = max(side.reach, touched.reach)
            side.keys |= touched.keys

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
