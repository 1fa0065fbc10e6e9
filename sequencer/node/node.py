"""The node: one loop that sequences, one that makes durable, and what the service may ask."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Final, NoReturn

from sequencer.chain.receipts import ReceiptSigner
from sequencer.engine.errors import EpochError
from sequencer.engine.state import State
from sequencer.history.projector import Projector
from sequencer.history.store import HistoryStore
from sequencer.history.tickers import Tickers
from sequencer.history.types import Projection
from sequencer.model import constants as c
from sequencer.model.errors import ProofbookError
from sequencer.model.message import SignedMessage
from sequencer.node import errors
from sequencer.node.answers import Answer, NodeStatus, VenueInfo
from sequencer.node.clock import Clock, system_clock
from sequencer.node.dead_man import DeadManSwitches
from sequencer.node.inflow import Inflow, newest_states
from sequencer.node.outcomes import Outcomes, has_cancelled, was_cancel
from sequencer.node.policy import NodePolicy
from sequencer.node.publisher import Listener, Publisher
from sequencer.node.recovery import Recovered
from sequencer.node.rounds import RoundFeed
from sequencer.node.sequencer import ConfigurationOf, Sequencer
from sequencer.node.signatures import checked
from sequencer.records.entries import Armed, Disarmed, Progressed, Sequenced, Unwound
from sequencer.records.update import Update

_LOG: Final = logging.getLogger(__name__)
_TICK_SECONDS: Final = 0.05
_SECOND_MS: Final = 1_000


@dataclass(slots=True)
class _Work:
    """Messages of one request, and where their answers go.

    Attributes
    ----------
    only_if_cancelled : bool
        Whether the second message is sequenced only if the first cancelled an order.
    """

    messages: Sequence[SignedMessage]
    only_if_cancelled: bool
    answered: "asyncio.Future[list[Answer | ProofbookError]]"
    slots: list["asyncio.Future[Answer] | ProofbookError"] = field(default_factory=list)


class Node:
    """The sequencer's process, from `start` to `stop`.

    Parameters
    ----------
    recovered
        What the disk led to; the node closes it.
    info
        What does not change.
    receipts
        Makes the receipt signer over the hashes of the request queue.
    """

    def __init__(
        self,
        recovered: Recovered,
        info: VenueInfo,
        inflow: Inflow,
        rounds: RoundFeed,
        receipts: ReceiptSigner,
        configuration_of: ConfigurationOf,
        policy: NodePolicy | None = None,
        clock: Clock = system_clock,
    ) -> None:
        self.info, self._policy, self._clock = info, policy or NodePolicy(), clock
        self._recovered, self._inflow, self._rounds = recovered, inflow, rounds
        self._machine, self._writer = recovered.machine, recovered.writer
        self.history: HistoryStore = recovered.history
        self.projector: Projector = recovered.projector
        self.tickers = Tickers.of_history(recovered.history, range(c.MARKETS))
        self._sequencer = Sequencer(recovered.machine, recovered.writer, inflow.requests, configuration_of)
        self._publisher = Publisher(
            recovered.projector,
            recovered.history,
            self.tickers,
            recovered.writer.durable_number,
            self._policy,
        )
        self._outcomes = Outcomes(recovered.machine, recovered.history, receipts)
        self._switches = DeadManSwitches(recovered.machine)
        self._work: deque[_Work] = deque()
        self._waiting = 0
        self._arrived, self._dirty = asyncio.Event(), asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._failure: BaseException | None = None
        self._stopping = False
        self._observers: list[Callable[[float], None]] = []
        self.stopped = asyncio.Event()

    async def start(self) -> None:
        """Catch up with the settlement log, and begin to take messages."""
        self._catch_up()
        loops = (self._rounds.run, self._sequence_forever, self._commit_forever)
        self._tasks = [asyncio.create_task(self._guarded(loop)) for loop in loops]

    async def stop(self) -> None:
        """Answer what was taken, make it durable, and give the directory back."""
        self._stopping = True
        while self._work and self._failure is None and not self._causes():
            await asyncio.sleep(_TICK_SECONDS)
        if self._failure is None:
            await self.barrier()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._fail_waiting(errors.StoppingError("the node stops"))
        self._inflow.close()
        self.history.close()
        self._writer.close()
        self.stopped.set()

    @property
    def failure(self) -> BaseException | None:
        """Why the node has ended by itself; None while it has not."""
        return self._failure

    async def submit(self, messages: Sequence[SignedMessage]) -> list[Answer | ProofbookError]:
        """Sequence messages in their order; return one result each, once they are durable."""
        return await self._submit(messages, only_if_cancelled=False)

    async def replace(self, cancel: SignedMessage, order: SignedMessage) -> list[Answer | ProofbookError]:
        """Sequence a cancel, and an order only if the cancel removed one."""
        return await self._submit((cancel, order), only_if_cancelled=True)

    async def arm(self, cancel_all: SignedMessage, fire_at_ms: int) -> None:
        """Keep a pre-signed cancel-all, to be sequenced from a time (UTC) on unless another takes its place.

        Raises
        ------
        DeadManError, AdmissionError, NodeError
            If it could not be sequenced then.
        """
        self._require_running()
        (verdict,) = await checked(self._machine.state, (cancel_all,))
        self._switches.check(cancel_all, fire_at_ms, self._clock(), verdict)
        self._note(Armed(cancel_all, fire_at_ms))
        await self.barrier()

    async def disarm(self, account: int) -> None:
        """Keep no cancel-all for an account any more."""
        self._require_running()
        if account in self._machine.armed:
            self._note(Disarmed(account))
            await self.barrier()

    def armed(self, account: int) -> Armed | None:
        """Return the cancel-all that is kept for an account."""
        return self._machine.armed.get(account)

    def state(self) -> State:
        """Return the engine's state, which may be ahead of the disk: see `barrier`."""
        return self._machine.state

    async def barrier(self) -> None:
        """Return when all that the state shows is durable and published.

        Raises
        ------
        NotReadyError
            If the journal cannot be written.
        """
        await self._publisher.reached(self._writer.next_number - 1)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have a listener told of each durable projection, in order; return what ends it."""
        return self._publisher.listen(listener)

    def observe(self, observer: Callable[[float], None]) -> None:
        """Have an observer told how many seconds each request took until its answers were durable."""
        self._observers.append(observer)

    def recent(self, since: int) -> list[Projection] | None:
        """Return the projections after an entry, None where they are no longer kept."""
        return self._publisher.recent(since)

    def status(self) -> NodeStatus:
        """Return how the node is."""
        machine = self._machine
        return NodeStatus(
            causes=self._causes(),
            open_batch=0 if machine.batch is None else machine.batch.number,
            closed_batch=machine.closed,
            proven_batch=machine.proven,
            final_batch=machine.final,
            entry=self._publisher.published,
            waiting=self._waiting,
        )

    async def _submit(
        self, messages: Sequence[SignedMessage], *, only_if_cancelled: bool
    ) -> list[Answer | ProofbookError]:
        self._require_running()
        if self._waiting + len(messages) > self._policy.waiting_max:
            raise errors.OverloadedError(f"{self._waiting} messages wait")
        if self._is_behind():
            behind = self._machine.closed - self._machine.proven
            raise errors.SettlementBehindError(f"{behind} batches wait for their proofs")
        work = _Work(messages, only_if_cancelled, asyncio.get_running_loop().create_future())
        begin = time.perf_counter()
        self._waiting += len(messages)
        self._work.append(work)
        self._arrived.set()
        results = await work.answered
        for observer in self._observers:
            observer(time.perf_counter() - begin)
        return results

    def _require_running(self) -> None:
        if self._stopping:
            raise errors.StoppingError("the node stops")
        if self._failure is not None:
            raise errors.NotReadyError(f"the node has failed: {self._failure}")

    def _is_behind(self) -> bool:
        return self._machine.closed - self._machine.proven > self._policy.unproven_max

    def _causes(self) -> tuple[str, ...]:
        causes = {
            "failed": self._failure is not None,
            "stopping": self._stopping,
            "oracle": bool(self._rounds.failure) and self._machine.batch is None,
            "clock": self._is_early(),
            "opening": self._machine.batch is None,
            "configuration": self._sequencer.configuration() is None,
            "settlement_behind": self._is_behind(),
        }
        return tuple(name for name, holds in causes.items() if holds)

    def _is_early(self) -> bool:
        """Tell whether the clock shows no later second than that of the last batch, as after it went back."""
        is_closed = self._machine.batch is None
        return is_closed and self._clock() // _SECOND_MS <= self._machine.state.timestamp

    # ---- The loop that sequences.

    async def _sequence_forever(self) -> None:
        while True:
            await self._keep_house()
            group = self._next_group()
            if not group:
                self._arrived.clear()
                await _wait(self._arrived, _TICK_SECONDS)
                continue
            verdicts = iter(await checked(self._machine.state, [m for work in group for m in work.messages]))
            for work in group:
                await self._carry(work, [next(verdicts) for _ in work.messages])

    def _next_group(self) -> list[_Work]:
        group: list[_Work] = []
        size = 0
        while self._work and size < self._policy.group_max:
            group.append(self._work.popleft())
            size += len(group[-1].messages)
        return group

    async def _carry(self, work: _Work, verdicts: Sequence[ProofbookError | None]) -> None:
        """Sequence the messages of one request; its answers come when they are durable."""
        cancelled = True
        for signed, refusal in zip(work.messages, verdicts, strict=True):
            try:
                if refusal is not None:
                    raise refusal
                known = self._outcomes.known(signed)
                if known is None and not cancelled:
                    raise errors.NotReplacedError("the cancel removed no order")
                answer, found = (known, None) if known is not None else await self._take(signed)
                work.slots.append(answer)
                if work.only_if_cancelled:
                    cancelled = found if found is not None else was_cancel(await answer)
            except ProofbookError as error:
                cancelled = not work.only_if_cancelled
                work.slots.append(error)
        self._waiting -= len(work.messages)
        pending = [slot for slot in work.slots if isinstance(slot, asyncio.Future)]
        if pending:
            asyncio.gather(*pending, return_exceptions=True).add_done_callback(lambda _: _answer(work))
        else:
            _answer(work)

    async def _take(self, signed: SignedMessage) -> "tuple[asyncio.Future[Answer], bool]":
        """Return where the answer to a new message will be, and whether it cancelled an order."""
        update = await self._sequenced(signed)
        return self._outcomes.expect(signed, update), has_cancelled(update)

    async def _sequenced(self, signed: SignedMessage) -> Update:
        while True:
            await self._have_batch()
            update = self._sequencer.sequence(signed, self._clock())
            if update is not None:
                self._dirty.set()
                return update
            self._close()

    def _close(self) -> None:
        self._sequencer.reduce_risk()
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
        if not reports or configuration is None or self._is_early():
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
        now = self._clock()
        batch = self._machine.batch
        if batch is None:
            self._open()
        elif now // _SECOND_MS - batch.opening.timestamp >= self._policy.batch_seconds:
            self._renew()
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
        try:
            await self._take(armed.signed)
        except ProofbookError as error:
            _LOG.warning("the cancel-all of account %d: %s", armed.signed.message.account, error)
            self._note(Disarmed(armed.signed.message.account))

    def _catch_up(self) -> None:
        progress = self._inflow.poll()
        for unwound in progress:
            if isinstance(unwound, Unwound):
                self._unwind(unwound)
        for entry in newest_states(progress):
            self._progress(entry)

    def _take_in(self) -> None:
        for entry in self._inflow.poll():
            if isinstance(entry, Unwound):
                self._unwind(entry)
            else:
                self._progress(entry)

    def _progress(self, entry: Progressed) -> None:
        known = self.history.batch(entry.batch)
        if known is not None and known.state is not None and known.state is not entry.state:
            self._note(entry)

    def _unwind(self, entry: Unwound) -> NoReturn:
        """Write down that batches are undone, and end: the next start carries it out."""
        self._sequencer.log(entry)
        self._writer.commit()
        raise errors.UnwoundError(f"the batches after {entry.to_batch} are undone: {entry.cause}")

    def _note(self, entry: Armed | Disarmed | Progressed) -> None:
        self._sequencer.note(entry)
        self._dirty.set()

    # ---- The loop that makes durable.

    async def _commit_forever(self) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            await asyncio.to_thread(self._writer.commit)
            undurable, durable = self._sequencer.undurable, self._writer.durable_number
            while undurable and undurable[0].number <= durable:
                update = undurable.popleft()
                projection = self._publisher.publish(update)
                if isinstance(update.entry, Sequenced):
                    self._outcomes.meet(update.entry.signed, projection)

    async def _guarded(self, loop: Callable[[], Coroutine[None, None, None]]) -> None:
        """Run a loop; when one fails, the node has failed."""
        try:
            await loop()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            if self._failure is None:
                self._failure = error
                _LOG.critical("the node ends: %s", error)
            self._fail_waiting(errors.NotReadyError(f"the node has failed: {error}"))
            self.stopped.set()

    def _fail_waiting(self, error: ProofbookError) -> None:
        self._publisher.fail(error)
        self._outcomes.fail(error)
        for work in self._work:
            if not work.answered.done():
                work.answered.set_exception(error)
        self._work.clear()


def _answer(work: _Work) -> None:
    if work.answered.done():
        return
    results: list[Answer | ProofbookError] = []
    for slot in work.slots:
        if isinstance(slot, ProofbookError):
            results.append(slot)
        elif (error := slot.exception()) is not None:
            assert isinstance(error, ProofbookError)
            results.append(error)
        else:
            results.append(slot.result())
    work.answered.set_result(results)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
