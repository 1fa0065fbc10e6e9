"""The loop that makes durable: one write for all that waits, and then everyone is told."""

import asyncio
from typing import Final

from sequencer.journal.writer import LogWriter
from sequencer.node.outcomes import Outcomes
from sequencer.node.publisher import Publisher
from sequencer.node.sequencer import Sequencer
from sequencer.records.entries import Sequenced
from sequencer.records.update import Update

# So many entries are shown at once; others get their turn between.
_GROUP: Final = 32


class CommitLoop:
    """Makes durable what the sequencer journals, shows it, and has it answered, in the journal's order.

    Parameters
    ----------
    dirty
        Set when the journal has something that is not durable.
    """

    def __init__(
        self,
        sequencer: Sequencer,
        writer: LogWriter,
        publisher: Publisher,
        outcomes: Outcomes,
        dirty: asyncio.Event,
    ) -> None:
        self._sequencer, self._writer = sequencer, writer
        self._publisher, self._outcomes, self._dirty = publisher, outcomes, dirty

    async def run(self) -> None:
        """Commit until cancelled."""
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            await asyncio.to_thread(self._writer.commit)
            while group := self._durable():
                self._show(group)
                await asyncio.sleep(0)

    def _durable(self) -> list[Update]:
        undurable, durable = self._sequencer.undurable, self._writer.durable_number
        group: list[Update] = []
        while undurable and undurable[0].number <= durable and len(group) < _GROUP:
            group.append(undurable.popleft())
        return group

    def _show(self, group: list[Update]) -> None:
        projections = self._publisher.publish(group)
        self._outcomes.meet(
            [
                (update.entry.signed, projection)
                for update, projection in zip(group, projections, strict=True)
                if isinstance(update.entry, Sequenced)
            ]
        )
