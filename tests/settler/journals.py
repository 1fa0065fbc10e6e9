"""A venue without a chain: random trading, written to the journal as a node does."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from eth_account import Account

from sequencer.batch.builder import BatchBuilder
from sequencer.batch.errors import CapacityError
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import BatchSize, batch_size
from sequencer.chain.client import RollupClient
from sequencer.chain.connection import Connection
from sequencer.engine.commands import Command, OpenEpoch, ProcessRequest, SequenceMessage
from sequencer.journal.reader import read_log
from sequencer.journal.writer import LogWriter
from sequencer.records.directories import Directories
from sequencer.records.entries import Closed, Consumed, Decided, Entry, JournalEntry, Opened, Sequenced
from sequencer.records.entry_codec import decode_entry, encode_entry
from sequencer.settler.moments import Announce, silent
from sequencer.settler.settler import Settler
from sequencer.snapshot.files import write_snapshot
from sequencer.state.ledger import Ledger
from sequencer.store.ledger_store import LedgerStore
from sequencer.submitter.policy import Policy
from sequencer.submitter.submitter import Step
from tests import strategies
from tests.batch.fixtures import ledger_of
from tests.settler.farm import NoFarm

SIZE = batch_size("small")
ACCOUNTS, RESTING, LEVERAGE = 3, 6, 16
NOWHERE = "http://127.0.0.1:9"


def start() -> Ledger:
    """The ledger before the first batch: positions that are soon too large, orders in the book."""
    return ledger_of(strategies.genesis(ACCOUNTS, resting=RESTING, leverage=LEVERAGE))


def trading(count: int, seed: int = 3) -> Iterator[tuple[list[JournalEntry], SealedBatch]]:
    """What the node writes of each batch, and the batch that it must become."""
    ledger = start()
    state = ledger.state()
    streams = strategies.batches(
        seed, count, accounts=ACCOUNTS, resting=RESTING, leverage=LEVERAGE, newcomers=1
    )
    for number, (opening, *commands) in enumerate(streams, 1):
        assert isinstance(opening, OpenEpoch)
        builder = BatchBuilder(ledger, state, SIZE, opening)
        entries: list[JournalEntry] = [Opened(number, opening)]
        entries += [entry for command in commands if (entry := joined(builder, command)) is not None]
        yield [*entries, Closed(number)], builder.seal()


def joined(builder: BatchBuilder, command: Command) -> JournalEntry | None:
    """The entry of a command that a batch has taken, None if it has no room."""
    try:
        if isinstance(command, ProcessRequest):
            return Consumed(command.request) if builder.add_request(command.request) is not None else None
        assert isinstance(command, SequenceMessage)
        if command.message.is_unsigned:
            return Decided(command.message) if builder.add_unsigned(command.message) is not None else None
        signed = strategies.signed_message(command.message)
        return Sequenced(signed, 1) if builder.add_message(signed) is not None else None
    except CapacityError:
        return None


def create(path: Path, ledger: Ledger) -> Directories:
    """A venue's data directory before its first batch."""
    directories = Directories(path)
    path.mkdir(parents=True)
    LedgerStore.create(directories.ledger, ledger).close()
    write_snapshot(directories.snapshots, ledger)
    return directories


def write(path: Path, entries: Iterable[Entry]) -> None:
    """Append entries to a log, durably."""
    with LogWriter(path) as writer:
        for entry in entries:
            writer.append(encode_entry(entry))
        writer.commit()


def read(path: Path) -> list[Entry]:
    """What a log says."""
    return [decode_entry(payload) for _, payload in read_log(path)]


def settler(
    directories: Directories,
    announce: Announce = silent,
    snapshot_every: int = 4,
    snapshots_kept: int = 2,
    size: BatchSize = SIZE,
) -> Settler:
    """A settler that reaches neither L1 nor a farm."""
    rollup = RollupClient(Connection(NOWHERE), "0x" + "11" * 20)
    operator = Account.from_key(b"\1" * 32)
    return Settler(
        directories, rollup, operator, NoFarm(), size, Policy(), snapshot_every, snapshots_kept, announce
    )


def follow(settler: Settler) -> None:
    """Take steps until nothing can be done."""
    while settler.step() is Step.MOVED:
        continue


def roots(directories: Directories) -> Sequence[int]:
    """The state root after each batch that the ledger has, which it has checked."""
    with LedgerStore.open(directories.ledger) as store:
        ledger = store.load()
        found = [store.record(number).state_root for number in range(1, ledger.counters.batch_number + 1)]
        assert not found or found[-1] == ledger.roots().state
        return found
