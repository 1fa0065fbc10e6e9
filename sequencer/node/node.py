"""The node: one loop that sequences, one that makes durable, and what the service may ask."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Final

from sequencer.chain.receipts import ReceiptSigner
from sequencer.engine.state import State
from sequencer.history.projector import Projector
from sequencer.history.store import HistoryStore
from sequencer.history.tickers import Tickers
from sequencer.history.types import Projection
from sequencer.model import constants as c
from sequencer.model.errors import ProofbookError
from sequencer.model.message import SignedMessage
from sequencer.node import errors
from sequencer.node.answers import NodeStatus, VenueInfo
from sequencer.node.clock import Clock, system_clock
from sequencer.node.committing import CommitLoop
from sequencer.node.dead_man import DeadManSwitches
from sequencer.node.inflow import Inflow
from sequencer.node.outcomes import Outcomes
from sequencer.node.policy import NodePolicy
from sequencer.node.publisher import Listener, Publisher
from sequencer.node.recovery import Recovered
from sequencer.node.rounds import RoundFeed
from sequencer.node.sequencer import ConfigurationOf, Sequencer
from sequencer.node.sequencing import SequencingLoop
from sequencer.node.signatures import verified
from sequencer.node.work import Result, Work
from sequencer.records.entries import Armed, Disarmed

_LOG: Final = logging.getLogger(__name__)
_TICK_SECONDS: Final = 0.05


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
        self._inflow, self._rounds = inflow, rounds
        self._machine, self._writer = recovered.machine, recovered.writer
        self.history: HistoryStore = recovered.history
        self.projector: Projector = recovered.projector
        self.tickers = Tickers.of_history(recovered.history, range(c.MARKETS))
        self._publisher = Publisher(
            recovered.projector,
            recovered.history,
            self.tickers,
            recovered.writer.durable_number,
            self._policy,
        )
        self._outcomes = Outcomes(recovered.machine, recovered.history, receipts)
        self._switches = DeadManSwitches(recovered.machine)
        self._sequencer = Sequencer(recovered.machine, recovered.writer, inflow.requests, configuration_of)
        dirty = asyncio.Event()
        self._sequencing = SequencingLoop(
            self._sequencer,
            inflow,
            rounds,
            self._outcomes,
            self._switches,
            recovered.history,
            self._policy,
            clock,
            dirty,
        )
        self._committing = CommitLoop(
            self._sequencer, recovered.writer, self._publisher, self._outcomes, dirty
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._failure: BaseException | None = None
        self._stopping = False
        self._observers: list[Callable[[float], None]] = []
        self.stopped = asyncio.Event()

    async def start(self) -> None:
        """Catch up with the settlement log, and begin to take messages.

        Raises
        ------
        UnwoundError
            If batches were undone; the directory is given back, and the next start carries it out.
        """
        try:
            self._sequencing.catch_up()
        except BaseException:
            self._give_back()
            raise
        loops = (self._rounds.run, self._sequencing.run, self._committing.run)
        self._tasks = [asyncio.create_task(self._guarded(loop)) for loop in loops]

    async def stop(self) -> None:
        """Answer what was taken, make it durable, and give the directory back."""
        self._stopping = True
        while self._sequencing.waiting and set(self._causes()) <= {"stopping"}:
            await asyncio.sleep(_TICK_SECONDS)
        if self._failure is None:
            await self.barrier()
            await self._outcomes.settled()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._fail_waiting(errors.StoppingError("the node stops"))
        self._give_back()
        self.stopped.set()

    @property
    def failure(self) -> BaseException | None:
        """Why the node has ended by itself; None while it has not."""
        return self._failure

    async def submit(self, messages: Sequence[SignedMessage]) -> list[Result]:
        """Sequence messages in their order; return one result each, once they are durable."""
        return await self._submit(Work(messages, is_replacement=False))

    async def replace(self, cancel: SignedMessage, order: SignedMessage) -> list[Result]:
        """Sequence a cancel, and an order only if the cancel removed one."""
        return await self._submit(Work((cancel, order), is_replacement=True))

    async def arm(self, cancel_all: SignedMessage, fire_at_ms: int) -> None:
        """Keep a pre-signed cancel-all, to be sequenced from a time (UTC) on unless another takes its place.

        Raises
        ------
        DeadManError, AdmissionError, NodeError
            If it could not be sequenced then.
        """
        self._require_running()
        (verdict,) = await verified(self._machine.state, (cancel_all,))
        self._switches.check(cancel_all, fire_at_ms, self._clock(), verdict)
        self._sequencing.note(Armed(cancel_all, fire_at_ms))
        await self.barrier()

    async def disarm(self, account: int) -> None:
        """Keep no cancel-all for an account any more."""
        self._require_running()
        if account in self._machine.armed:
            self._sequencing.note(Disarmed(account))
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
            waiting=self._sequencing.waiting,
        )

    async def _submit(self, work: Work) -> list[Result]:
        self._require_running()
        waiting = self._sequencing.waiting
        if waiting + len(work.messages) > self._policy.waiting_max:
            raise errors.OverloadedError(f"{waiting} messages wait")
        if self._sequencing.is_uninformed():
            raise errors.NotReadyError("the settlement log lacks requests that were consumed")
        if self._is_behind():
            behind = self._machine.closed - self._machine.proven
            raise errors.SettlementBehindError(f"{behind} batches wait for their proofs")
        begin = time.perf_counter()
        self._sequencing.add(work)
        results = await work.answered
        for observer in self._observers:
            observer(time.perf_counter() - begin)
        return results

    def _give_back(self) -> None:
        """Close the directory's files: another node may have it."""
        self._inflow.close()
        self.history.close()
        self._writer.close()

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
            "settlement_log": self._sequencing.is_uninformed(),
            "clock": self._sequencing.is_early(),
            "opening": self._machine.batch is None,
            "configuration": self._sequencer.configuration() is None,
            "settlement_behind": self._is_behind(),
        }
        return tuple(name for name, holds in causes.items() if holds)

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
        self._sequencing.fail(error)
