"""A venue on a local chain: what its node writes, and settlers in this process or in one that is killed."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount

from prover.farm.farm import Farm
from prover.prover import Prover
from sequencer.batch.builder import BatchBuilder
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.chain.anvil import LocalChain
from sequencer.chain.client import RollupClient
from sequencer.chain.connection import TIMEOUT_SECONDS, Connection
from sequencer.engine.commands import OpenEpoch
from sequencer.model.codes import Side
from sequencer.model.message import SignedMessage
from sequencer.model.request import Request
from sequencer.records.directories import Directories
from sequencer.records.entries import (
    Closed,
    Confirmed,
    Consumed,
    Entry,
    JournalEntry,
    Opened,
    Progressed,
    Refused,
    Sequenced,
    Unwound,
)
from sequencer.settler.moments import Announce, silent
from sequencer.settler.settler import Settler
from sequencer.snapshot.files import newest_snapshot
from sequencer.state.ledger import Ledger
from sequencer.store.ledger_store import LedgerStore
from sequencer.store.life import BatchState
from sequencer.submitter.submitter import Step
from tests.e2e.exchange import MAKER, PRICE, TAKER
from tests.settler.farm import LocalFarm
from tests.settler.journals import create, read, write
from tests.submitter.desk import POLICY, Desk, ProofFile

TRADE = ((MAKER, Side.SELL), (TAKER, Side.BUY))
PAUSES_MAX = 60
_PAUSE_SECONDS = 0.01
SNAPSHOT_EVERY, SNAPSHOTS_KEPT = 1, 9


def settler(
    directories: Directories,
    url: str,
    rollup: str,
    operator: LocalAccount,
    farm: Farm,
    announce: Announce = silent,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Settler:
    """A settler of the venue with a connection of its own."""
    return Settler(
        directories,
        RollupClient(Connection(url, timeout_seconds), rollup),
        operator,
        farm,
        batch_size("small"),
        POLICY,
        SNAPSHOT_EVERY,
        SNAPSHOTS_KEPT,
        announce,
    )


def drive(settler: Settler, mine: Callable[[], object], is_done: Callable[[], bool]) -> None:
    """Take steps until something holds; a block passes whenever the settler waits."""
    pauses = iter(range(PAUSES_MAX))
    while not is_done():
        if settler.step() is Step.WAITING:
            assert next(pauses, None) is not None, "the settler waits for ever"
            mine()


@dataclass(frozen=True, slots=True)
class Place:
    """All that another process of the operator must know.

    Attributes
    ----------
    chain, url : str
        Where blocks are made, and where the settler believes the chain to be.
    """

    directories: Directories
    chain: str
    url: str
    rollup: str
    operator: bytes
    proofs: Path

    def settle_until(self, last: object, number: int) -> None:
        """Settle; die when this batch comes to a moment."""

        def die(moment: object, at: int, _: str) -> None:
            if (moment, at) == (last, number):
                os.kill(os.getpid(), signal.SIGKILL)

        with self._settler(die) as running:
            drive(running, self._mine, lambda: False)

    def settle(self) -> None:
        """Settle for ever; a block passes whenever there is nothing to do."""
        with self._settler(silent) as running:
            while True:
                if running.step() is Step.WAITING:
                    self._mine()
                    time.sleep(_PAUSE_SECONDS)

    def _settler(self, announce: Announce) -> Settler:
        operator, farm = Account.from_key(self.operator), LocalFarm(ProofFile(self.proofs))
        return settler(self.directories, self.url, self.rollup, operator, farm, announce)

    def _mine(self) -> None:
        Connection(self.chain).request("evm_mine", [])


class Venue(Desk):
    """The exchange whose batches go through the journal; it stands for the node too."""

    def __init__(self, chain: LocalChain, proofs: ProofFile, prover: Prover, path: Path) -> None:
        super().__init__(chain, proofs, prover, path / "ledger")
        self.directories = create(path, self.ledger)
        self.farm = LocalFarm(proofs)

    def trade(self, *orders: tuple[int, Side]) -> SealedBatch:
        """One more batch, closed in the journal; the chain's clock goes on until it may be submitted."""
        batch = self.batch(*orders)
        requests = [processed.request for processed in batch.requests]
        self.journal(self._entries(batch, requests))
        self.wait_for(batch)
        return batch

    def journal(self, entries: Sequence[JournalEntry]) -> None:
        """Write to the journal, as the node does."""
        write(self.directories.journal, entries)

    def settler(
        self,
        announce: Announce = silent,
        url: str | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> Settler:
        """A settler in this process."""
        return settler(
            self.directories,
            url or self.chain.url,
            self.rollup.address,
            self.operator,
            self.farm,
            announce,
            timeout_seconds,
        )

    def carry(self, settler: Settler, number: int, state: BatchState = BatchState.FINAL) -> None:
        """Let a settler work until the log says that a batch has come so far."""
        drive(settler, self.mine, lambda: self.states(number)[-1:] == [state])

    def settle_unwinding(self, settler: Settler) -> None:
        """Let a settler work until the log says that batches are undone, and it waits for the node."""
        drive(settler, self.mine, lambda: bool(self.unwound))
        while settler.step() is Step.MOVED:
            continue

    def settling(self, url: str | None = None) -> Place:
        """Where another process of the operator finds everything."""
        chain, key = self.chain.url, bytes(self.operator.key)
        return Place(self.directories, chain, url or chain, self.rollup.address, key, self.proofs.path)

    @property
    def progress(self) -> list[Progressed]:
        """What the settlement log says of batches since the last unwinding."""
        return [entry for entry in self._latest() if isinstance(entry, Progressed)]

    @property
    def confirmed_by_log(self) -> list[Request]:
        """The requests that the settlement log calls confirmed."""
        return [entry.request for entry in self._latest() if isinstance(entry, Confirmed)]

    @property
    def unwound(self) -> list[Unwound]:
        """The unwindings in the settlement log."""
        return [entry for entry in read(self.directories.settlement) if isinstance(entry, Unwound)]

    def states(self, number: int) -> list[BatchState]:
        """What the settlement log says of one batch since the last unwinding, in its order."""
        return [entry.state for entry in self.progress if entry.batch == number]

    def start_anew(self, refused: Sequence[SignedMessage] = ()) -> None:
        """What a node does when batches were undone: the snapshot is where the exchange goes on."""
        self.journal([self.unwound[-1], *(Refused(signed, "unknown_account") for signed in refused)])
        snapshot = newest_snapshot(self.directories.snapshots)
        assert snapshot is not None
        assert snapshot.batch == self.unwound[-1].to_batch
        self.ledger = Ledger(
            snapshot.configuration,
            snapshot.domain,
            snapshot.accounts,
            snapshot.markets,
            snapshot.pages,
            snapshot.counters,
        )
        self.state = self.ledger.state()

    def resequence_all(self, messages: Sequence[SignedMessage]) -> SealedBatch:
        """One batch of the confirmed requests and these messages, closed in the journal."""
        time = max(self.chain.time, self.state.timestamp + 1)
        opening = OpenEpoch(time, self.oracle.round(self.ledger.domain, time, PRICE), None)
        builder = BatchBuilder(self.ledger, self.state, batch_size("small"), opening)
        requests = self.confirmed_by_log[self.state.requests_consumed :]
        for request in requests:
            assert builder.add_request(request) is not None
        for signed in messages:
            assert builder.add_message(signed) is not None
        batch = builder.seal()
        self.journal(self._entries(batch, requests))
        self.wait_for(batch)
        return batch

    def require_all_final(self, last: int, nonce: int) -> None:
        """Each batch became final once, the log says so without doubles or gaps, and L1 has the ledger."""
        way = [BatchState.PROVEN, BatchState.SUBMITTED, BatchState.MINED, BatchState.FINAL]
        for number in range(1, last + 1):
            assert self.states(number) == way
        with LedgerStore.open(self.directories.ledger) as store:
            lives, ledger = store.outbox.lives(), store.load()
        assert [life.state for life in lives] == [BatchState.FINAL] * last
        assert [len(life.sent) for life in lives] == [1] * last
        carried = {life.number: life.inclusion.transaction_hash for life in lives if life.inclusion}
        for entry in self.progress:
            has_block = entry.state >= BatchState.MINED
            assert entry.transaction == (carried[entry.batch] if has_block else b"")
        assert self.rollup.batch_count == last
        assert ledger.roots().state == self.rollup.state_root == self.ledger.roots().state
        assert self.confirmed_by_log == self.watcher.requests(begin=0)
        assert self.nonce == nonce + last

    def _entries(self, batch: SealedBatch, requests: Sequence[Request]) -> list[JournalEntry]:
        time = batch.change.counters.timestamp
        opening = OpenEpoch(time, self.oracle.round(self.ledger.domain, time, self.price))
        return [
            Opened(batch.number, opening),
            *map(Consumed, requests),
            *(Sequenced(signed, time * 1_000) for signed in batch.messages),
            Closed(batch.number),
        ]

    def _latest(self) -> list[Entry]:
        """What the settlement log says from the last unwinding on."""
        entries = read(self.directories.settlement)
        return entries[
            max((at for at, entry in enumerate(entries) if isinstance(entry, Unwound)), default=0) :
        ]
