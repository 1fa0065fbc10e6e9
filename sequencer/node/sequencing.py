"""The loop that sequences: messages as they come, and what is due by the clock."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Final, NoReturn

from sequencer.engine.errors import EpochError
from sequencer.history.store import HistoryStore
from sequencer.model.errors import ProofbookError
from sequencer.node import errors
from sequencer.node.clock import Clock
from sequencer.node.dead_man import DeadManSwitches
from sequencer.node.inflow import Inflow, newest_states
from sequencer.node.outcomes import Outcomes, Waiter, has_cancelled, was_cancel
from sequencer.node.policy import NodePolicy
from sequencer.node.rounds import RoundFeed
from sequencer.node.sequencer import Sequencer
from sequencer.node.signatures import Verified, verified
from sequencer.node.work import Result, Work
from sequencer.records.entries import Armed, Disarmed, Progressed, Unwound
from sequencer.records.update import Update

_LOG: Final = logging.getLogger(__name__)
_TICK_SECONDS: Final = 0.05
_SECOND_MS: Final = 1_000


class SequencingLoop:
    """Takes work in its order; opens and closes batches; never waits for proofs.

    Parameters
    ----------
    dirty
        Set when the journal has something that is not durable.

    Attributes
    ----------
    waiting : int
        Messages that wait to be sequenced.
    """

    def __init__(
        self,
        sequencer: Sequencer,
        inflow: Inflow,
        rounds: RoundFeed,
        outcomes: Outcomes,
        switches: DeadManSwitches,
        history: HistoryStore,
        policy: NodePolicy,
        clock: Clock,
        dirty: asyncio.Event,
    ) -> None:
        self._sequencer, self._machine = sequencer, sequencer.machine
        self._inflow, self._rounds = inflow, rounds
        self._outcomes, self._switches, self._history = outcomes, switches, history
        self._policy, self._clock, self._dirty = policy, clock, dirty
        self._work: deque[Work] = deque()
        self._progress: deque[Progressed] = deque()
        self._next_look = 0.0
        self._arrived = asyncio.Event()
        self.waiting = 0

    def add(self, work: Work) -> None:
        """Have messages sequenced after all that wait."""
        self.waiting += len(work.messages)
        self._work.append(work)
        self._arrived.set()

    def fail(self, error: ProofbookError) -> None:
        """Give up what waits."""
        for work in self._work:
            work.fail(error)
        self._work.clear()

    def catch_up(self) -> None:
        """Take in what the settlement log has, the newest state of each batch alone.

        Raises
        ------
        UnwoundError
            If batches were undone; the next start carries it out.
        """
        progress = self._inflow.poll()
        for unwound in progress:
            if isinstance(unwound, Unwound):
                self._unwind(unwound)
        self._progress.extend(newest_states(progress))
        self._note_progress()

    def is_early(self) -> bool:
        """Tell whether the clock shows no later second than that of the last batch, as after it went back."""
        is_closed = self._machine.batch is None
        return is_closed and self._clock() // _SECOND_MS <= self._machine.state.timestamp

    def is_uninformed(self) -> bool:
        """Tell whether the settlement log lacks requests that the state has consumed, as when it is lost."""
        return len(self._inflow.hashes) < self._machine.state.requests_consumed

    def note(self, entry: Armed | Disarmed | Progressed) -> None:
        """Journal what needs no room in a batch."""
        self._sequencer.note(entry)
        self._dirty.set()

    async def run(self) -> None:
        """Sequence until cancelled."""
        while True:
            await self._keep_house()
            group = self._next_group()
            if not group:
                self._arrived.clear()
                await _wait(self._arrived, _TICK_SECONDS)
                continue
            verdicts = iter(await verified(self._machine.state, [m for work in group for m in work.messages]))
            for work in group:
                await self._carry(work, [next(verdicts) for _ in work.messages])

    def _next_group(self) -> list[Work]:
        group: list[Work] = []
        size = 0
        while self._work and size < self._policy.group_max:
            group.append(self._work.popleft())
            size += len(group[-1].messages)
        return group

    async def _carry(self, work: Work, verdicts: Sequence[Verified | ProofbookError]) -> None:
        """Sequence the messages of one request; its answers come when they are durable."""
        if work.is_replacement:
            cancel, order = verdicts
            await self._replace(work, cancel, order)
        else:
            for place, verdict in enumerate(verdicts):
                await self._one(verdict, partial(work.put, place))
        self.waiting -= len(work.messages)
        # Others get their turn between two requests.
        await asyncio.sleep(0)

    async def _replace(
        self, work: Work, cancel: Verified | ProofbookError, order: Verified | ProofbookError
    ) -> None:
        first: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        first.add_done_callback(lambda done: work.put(0, done.result()))
        update = await self._one(cancel, first.set_result)
        cancelled = was_cancel(await first) if update is None else has_cancelled(update)
        second = partial(work.put, 1)
        if cancelled or isinstance(order, ProofbookError):
            await self._one(order, second)
        elif not self._known(order, second):
            second(errors.NotReplacedError("the cancel removed no order"))

    async def _one(self, verdict: Verified | ProofbookError, waiter: Waiter) -> Update | None:
        """Sequence a message unless it was before; return what it did, None if nothing by now."""
        try:
            if isinstance(verdict, ProofbookError):
                raise verdict
            if self._outcomes.known(verdict, waiter):
                return None
            return await self._take(verdict, waiter)
        except ProofbookError as error:
            waiter(error)
            return None

    def _known(self, order: Verified, waiter: Waiter) -> bool:
        try:
            return self._outcomes.known(order, waiter)
        except ProofbookError as error:
            waiter(error)
            return True

    async def _take(self, message: Verified, waiter: Waiter | None) -> Update:
        while True:
            await self._have_batch()
            update = self._sequencer.sequence(message, self._clock())
            if update is not None:
                self._outcomes.expect(message, waiter)
                self._dirty.set()
                return update
            self._close()

    def _close(self) -> None:
        self._sequencer.reduce_risk()
        self._outcomes.keep_epoch()
        self._sequencer.close()
        self._dirty.set()

    async def _have_batch(self) -> None:
        """Return once a batch is open and has room."""
        while self._machine.batch is None:
            self._open()
            if self._machine.batch is None:
                await asyncio.sleep(_TICK_SECONDS)
                self._take_in()

    def _open(self) -> None:
        """Open a batch if there are a newer round, a later second and the configuration."""
        state, now = self._machine.state, self._clock() // _SECOND_MS
        reports = self._rounds.newer_than(max(market.oracle_time for market in state.markets))
        configuration = self._sequencer.configuration()
        if not reports or configuration is None or self.is_early():
            return
        try:
            has_room = self._sequencer.open(max(now, reports[0].time), reports, configuration)
        except EpochError as error:
            _LOG.warning("no batch can be opened: %s", error)
            return
        self._dirty.set()
        if not has_room:
            self._close()

    # ---- What is due by the clock.

    async def _keep_house(self) -> None:
        self._take_in()
        if self.is_uninformed():
            return
        now = self._clock()
        batch = self._machine.batch
        if batch is None:
            self._open()
        elif now // _SECOND_MS - batch.opening.timestamp >= self._policy.batch_seconds:
            self._renew()
        elif batch.opening.timestamp - now // _SECOND_MS >= self._policy.batch_seconds:
            # The clock went back. Who waits for it would close a batch that L1 finds too old.
            self._close()
        elif not batch.has_messages and not self._sequencer.consume():
            self._close()
        for armed in self._switches.due(now):
            await self._fire(armed)

    def _renew(self) -> None:
        batch = self._machine.open_batch
        if not batch.is_empty:
            self._close()
            self._open()
        elif self._rounds.newer_than(batch.opening.reports[0].time):
            self._open()

    async def _fire(self, armed: Armed) -> None:
        """Sequence a cancel-all whose time has come; one that is no longer admitted is dropped, and told."""
        signed = armed.signed
        try:
            await self._take(Verified(signed, signed.message.hash(self._machine.state.domain)), None)
        except ProofbookError as error:
            _LOG.warning("the cancel-all of account %d: %s", signed.message.account, error)
            self.note(Disarmed(signed.message.account))

    def _take_in(self) -> None:
        """Look at the settlement log, at most once a tick."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _TICK_SECONDS
        for entry in self._inflow.poll():
            if isinstance(entry, Unwound):
                self._unwind(entry)
            else:
                self._progress.append(entry)
        self._note_progress()

    def _note_progress(self) -> None:
        """Journal how far batches are; the settler may be quicker than the history with a batch's closing."""
        while self._progress:
            entry = self._progress[0]
            known = self._history.batch(entry.batch)
            if known is None or known.state is None:
                return
            self._progress.popleft()
            if known.state is not entry.state:
                self.note(entry)

    def _unwind(self, entry: Unwound) -> NoReturn:
        """Write down that batches are undone, and end: the next start carries it out."""
        self._sequencer.end_with(entry)
        raise errors.UnwoundError(f"the batches after {entry.to_batch} are undone: {entry.cause}")


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
