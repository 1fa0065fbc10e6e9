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
from sequencer.settler.errors import JournalBehindError, JournalMismatchError, SettlementMismatchError
from sequencer.settler.moments import Announce, Moment, silent
from sequencer.settler.proofs import FarmProofs
from sequencer.settler.rebuilding import open_ledger, restore_settlement
from sequencer.settler.sealing import require_same, seal
from sequencer.settler.settlement import SettlementLog
from sequencer.snapshot.files import drop_after, newest_snapshot, prune, snapshot_batches, write_snapshot
from sequencer.snapshot.snapshot import NOWHERE, Place
from sequencer.store.life import BatchLife, BatchState
from sequencer.submitter.errors import BatchUnwoundError
from sequencer.submitter.inbox import confirmed_requests
from sequencer.submitter.policy import Policy
from sequencer.submitter.reader import ChainReader
from sequencer.submitter.submitter import Step, Submitter

SNAPSHOT_EVERY: Final = 600
SNAPSHOTS_KEPT: Final = 3
_PAUSE_SECONDS: Final = 0.5
_INTERRUPTED: Final = "the settler was stopped while it undid them"
_ENTRIES_MAX: Final = 1 << 63


class Settler:
    """Settles one venue's batches. Only one process may: the ledger's lock and the log's see to it.

    Ledger and settlement log are made anew from the journal where they are lost.

    Parameters
    ----------
    directories
        Of the venue; ledger or genesis is there.
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
        self._directories, self._snapshots = directories, directories.snapshots
        self._size, self._policy = size, policy
        self._snapshot_every, self._snapshots_kept = snapshot_every, snapshots_kept
        self._announce = announce
        self._is_caught_up = False
        with ExitStack() as opened:
            self._store = opened.enter_context(open_ledger(directories))
            restore_settlement(directories.settlement, directories.journal)
            self._log = SettlementLog(directories.settlement)
            opened.callback(self._log.close)
            self._load()
            self._end_unwinding()
            self._snapshot = max(snapshot_batches(self._snapshots), default=0)
            self._journal = self._open_journal()
            opened.callback(lambda: self._journal.close())
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
            self._write_snapshot(closed.place)
        elif closed is not None:
            self._seal(closed)
        if not had_entries and not self._is_caught_up:
            self._is_caught_up = self._catch_up()
        return had_entries

    def _catch_up(self) -> bool:
        """Require that the journal, now read, has all that was settled; tell whether L1 could be asked."""
        self._require_journal(self.batch, "the ledger")
        self._require_journal(self._log.last, "the settlement log")
        if self._store.lineage.is_rebuilding:
            self._store.lineage.end_rebuilding()
        try:
            settled = self._reader.batch_count(self._reader.block())
        except (ChainUnreachableError, NodeRefusedError) as error:
            self._announce(Moment.WAITING, self.batch, error.message)
            return False
        self._require_journal(settled, "L1")
        return True

    def _require_journal(self, batch: int, who: str) -> None:
        if self._journal.last < batch:
            raise JournalBehindError(
                f"the journal ends with batch {self._journal.last}, {who} has batch {batch}"
            )

    def _seal(self, closed: ClosedBatch) -> None:
        batch = seal(self._ledger, self._state, self._size, closed)
        self._announce(Moment.SEALED, batch.number, "")
        self._store.commit(batch.change, batch.record(), closed.refused)
        self._announce(Moment.COMMITTED, batch.number, "")
        self._write_snapshot(closed.place)

    def _write_snapshot(self, place: Place) -> None:
        """Write a snapshot if so many batches came since the last one; later where its place is none."""
        if place != NOWHERE and self.batch - self._snapshot >= self._snapshot_every:
            write_snapshot(self._snapshots, self._ledger, place=place)
            self._snapshot = self.batch
            self._announce(Moment.SNAPSHOT, self.batch, "")
            prune(self._snapshots, self._snapshots_kept)

    def _give(self) -> bool:
        """Give the oldest batch that the farm does not have to it."""
        for life in self._store.outbox.unsettled():
            if (
                life.state < BatchState.PROVEN
                and not self._proofs.has(life.number)
                and self._is_to_prove(life)
            ):
                is_given = self._proofs.give(self._store.record(life.number))
                if is_given:
                    self._announce(Moment.GIVEN, life.number, "")
                return is_given
        return False

    def _is_to_prove(self, life: BatchLife) -> bool:
        """Whether L1 is known not to have the batch with its proof, from a ledger that is lost."""
        landed = self._submitter.batch_count
        return not life.is_rebuilt or (landed is not None and life.number > landed)

    def _carry(self) -> bool:
        """Take one step of the submitter."""
        try:
            step = self._submitter.advance()
        except BatchUnwoundError as undone:
            self._load()
            self._say_unwound(undone.cause)
            self._proofs.withdraw(self.batch)
            self._journal.close()
            self._journal = self._open_journal()
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

    def _open_journal(self) -> BatchReader:
        start = newest_snapshot(self._snapshots, up_to=self.batch - 1, within=_ENTRIES_MAX)
        return BatchReader(self._directories.journal, self.batch, self._log.unwound, start)

    def _say_progress(self) -> None:
        for number in self._log.progress(self._store.outbox.unsettled()):
            self._announce(Moment.PROGRESSED, number, "")

    def _end_unwinding(self) -> None:
        """Say what a settler that was killed has undone and not said; note what this ledger has not seen."""
        done, told = self._store.lineage.unwindings, self._log.unwound
        if done > len(told) + 1:
            raise SettlementMismatchError(
                f"the ledger has undone batches {done} times, the settlement log says {len(told)}"
            )
        if done > len(told):
            self._say_unwound(_INTERRUPTED)
        elif done < len(told):
            left = min(told[done:])
            if left < self.batch:
                raise JournalMismatchError(f"the ledger has batches after {left} that were undone since")
            self._store.lineage.skip_unwindings(len(told))
        if self._log.last > self.batch:
            self._store.lineage.begin_rebuilding()

    def _say_unwound(self, cause: str) -> None:
        """Tell the node that the batches after the ledger's last are undone: no snapshot has them then."""
        drop_after(self._snapshots, self.batch)
        self._snapshot = max(snapshot_batches(self._snapshots), default=0)
        self._announce(Moment.DROPPED, self.batch, "")
        self._log.unwind(self.batch, cause, self._ledger.counters.requests_consumed)
        self._announce(Moment.UNWOUND, self.batch, cause)
