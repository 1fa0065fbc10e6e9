"""The loop: journal to ledger, ledger to farm and L1, L1 to settlement log; one step at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from threading import Event
from types import TracebackType
from typing import Final

from eth_account.signers.local import LocalAccount

from prover.farm.farm import Farm
from sequencer.batch.sizes import BatchSize
from sequencer.chain.client import RollupClient
from sequencer.chain.errors import ChainUnreachableError, NodeRefusedError
from sequencer.records.directories import Directories
from sequencer.settler.batches import BatchReader, ClosedBatch
from sequencer.settler.errors import SettlementMismatchError
from sequencer.settler.moments import Announce, Moment, silent
from sequencer.settler.proofs import FarmProofs
from sequencer.settler.sealing import require_same, seal
from sequencer.settler.settlement import SettlementLog
from sequencer.snapshot.files import drop_after, prune, snapshot_batches, write_snapshot
from sequencer.store.ledger_store import LedgerStore
from sequencer.store.life import BatchState
from sequencer.submitter.errors import BatchUnwoundError
from sequencer.submitter.inbox import confirmed_requests
from sequencer.submitter.policy import Policy
from sequencer.submitter.reader import ChainReader
from sequencer.submitter.submitter import Step, Submitter

SNAPSHOT_EVERY: Final = 600
SNAPSHOTS_KEPT: Final = 3
_PAUSE_SECONDS: Final = 0.5
_INTERRUPTED: Final = "the settler was stopped while it undid them"


class Settler:
    """Settles one venue's batches. Only one process may: the ledger's lock and the log's see to it.

    Parameters
    ----------
    directories
        Of the venue; the ledger is there.
    operator
        Signs; nobody else uses its nonces meanwhile.
    farm
        Makes the proofs.
    size
        The one with which the node has collected the batches.
    snapshot_every, snapshots_kept
        How many batches lie between two snapshots, and how many of these stay beside the genesis.
    announce
        Told of every moment, those of the submitter among them.

    Raises
    ------
    StoreError, JournalError, SnapshotError
        If what the disk holds cannot be used, or somebody else uses it.
    SettlerError
        If its parts do not belong together.
    """

    def __init__(
        self,
        directories: Directories,
        rollup: RollupClient,
        operator: LocalAccount,
        farm: Farm,
        size: BatchSize,
        policy: Policy,
        snapshot_every: int = SNAPSHOT_EVERY,
        snapshots_kept: int = SNAPSHOTS_KEPT,
        announce: Announce = silent,
    ) -> None:
        self._snapshots, self._size, self._policy = directories.snapshots, size, policy
        self._snapshot_every, self._snapshots_kept = snapshot_every, snapshots_kept
        self._announce = announce
        self._snapshot = 0
        with ExitStack() as opened:
            self._store = opened.enter_context(LedgerStore.open(directories.ledger))
            self._log = SettlementLog(directories.settlement)
            opened.callback(self._log.close)
            self._load()
            self._end_unwinding()
            self._write_snapshot()
            self._journal = BatchReader(directories.journal, self.batch, self._log.unwound)
            opened.callback(self._journal.close)
            self._reader = ChainReader(rollup, operator.address)
            self._proofs = FarmProofs(farm)
            self._submitter = Submitter(self._store, rollup, operator, self._proofs.points, policy, announce)
            self._say_progress()
            self._opened = opened.pop_all()
        self._tasks: deque[Callable[[], bool]] = deque((self._follow, self._give, self._carry, self._watch))

    @property
    def batch(self) -> int:
        """The last batch that the ledger has."""
        return self._ledger.counters.batch_number

    def close(self) -> None:
        """Give everything back."""
        self._opened.close()

    def __enter__(self) -> Settler:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, stop: Event) -> None:
        """Take steps until told to stop; errors as `step`."""
        while not stop.is_set():
            if self.step() is Step.WAITING:
                stop.wait(_PAUSE_SECONDS)

    def step(self) -> Step:
        """Do the next thing that can be done; the four kinds of work take turns.

        Raises
        ------
        SettlerError
            If journal and ledger do not belong together, or the farm has given a batch up.
        SubmitterError
            If L1 refuses a batch, or shows another state.
        StoreError, JournalError, SnapshotError, FarmError
            If the disk or the farm fails.
        """
        for _ in range(len(self._tasks)):
            self._tasks.rotate(-1)
            if self._tasks[-1]():
                return Step.MOVED
        return Step.WAITING

    def _follow(self) -> bool:
        """Read the journal; seal the batch that ends there."""
        had_entries, closed = self._journal.advance()
        if closed is not None and closed.number == self.batch:
            require_same(closed, self._store.record(closed.number))
        elif closed is not None:
            self._seal(closed)
        return had_entries

    def _seal(self, closed: ClosedBatch) -> None:
        batch = seal(self._ledger, self._state, self._size, closed)
        self._announce(Moment.SEALED, batch.number, "")
        self._store.commit(batch.change, batch.record(), closed.refused)
        self._announce(Moment.COMMITTED, batch.number, "")
        self._write_snapshot()

    def _write_snapshot(self) -> None:
        """Write a snapshot if so many batches came since the last one."""
        if self.batch - self._snapshot >= self._snapshot_every:
            write_snapshot(self._snapshots, self._ledger)
            self._snapshot = self.batch
            self._announce(Moment.SNAPSHOT, self.batch, "")
            prune(self._snapshots, self._snapshots_kept)

    def _give(self) -> bool:
        """Give the oldest batch that the farm does not have to it."""
        for life in self._store.outbox.unsettled():
            if life.state < BatchState.PROVEN and not self._proofs.has(life.number):
                is_given = self._proofs.give(self._store.record(life.number))
                if is_given:
                    self._announce(Moment.GIVEN, life.number, "")
                return is_given
        return False

    def _carry(self) -> bool:
        """Take one step of the submitter."""
        try:
            step = self._submitter.advance()
        except BatchUnwoundError as undone:
            self._load()
            self._say_unwound(undone.cause)
            self._proofs.withdraw(self.batch)
            self._journal.unwind(self.batch)
            return True
        self._say_progress()
        return step is Step.MOVED

    def _watch(self) -> bool:
        """Confirm the requests that have become deep enough."""
        begin = self._log.confirmed
        try:
            requests = confirmed_requests(self._store.outbox, self._reader, begin, self._policy.confirmations)
        except (ChainUnreachableError, NodeRefusedError) as error:
            self._announce(Moment.WAITING, self.batch, error.message)
            return False
        if requests:
            self._log.confirm(requests)
            self._announce(Moment.CONFIRMED, self._log.confirmed, "")
        return bool(requests)

    def _load(self) -> None:
        """Stand where the store stands."""
        self._ledger = self._store.load()
        self._state = self._ledger.state()

    def _say_progress(self) -> None:
        for number in self._log.progress(self._store.outbox.unsettled()):
            self._announce(Moment.PROGRESSED, number, "")

    def _end_unwinding(self) -> None:
        """Say what a settler that was killed has undone and not said.

        Of a batch whose progress was never told nothing has to be said: the journal has it still, and it is
        built again as it was.
        """
        untold = [(number, state) for number, state in self._log.states if number > self.batch]
        if any(state is BatchState.FINAL for _, state in untold):
            raise SettlementMismatchError(
                f"the settlement log has a final batch after {self.batch}, the last"
            )
        if untold:
            self._say_unwound(_INTERRUPTED)
        else:
            self._drop_snapshots()

    def _say_unwound(self, cause: str) -> None:
        """Tell the node that the batches after the ledger's last are undone: no snapshot has them then."""
        self._drop_snapshots()
        self._log.unwind(self.batch, cause, self._ledger.counters.requests_consumed)
        self._announce(Moment.UNWOUND, self.batch, cause)

    def _drop_snapshots(self) -> None:
        drop_after(self._snapshots, self.batch)
        self._snapshot = max(snapshot_batches(self._snapshots), default=0)
        self._announce(Moment.DROPPED, self.batch, "")
