"""One journal, one state root: whoever builds its batches, and however often its processes were killed."""

import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import plyvel  # type: ignore[import-untyped]

from sequencer.batch.builder import BatchBuilder
from sequencer.batch.sizes import BatchSize
from sequencer.journal.reader import read_log
from sequencer.model.message import SignedMessage
from sequencer.node.machine import Machine
from sequencer.node.recovery import recover
from sequencer.node.survivors import Numbered, Survivors
from sequencer.records.directories import Directories
from sequencer.records.entries import Closed, Consumed, Decided, JournalEntry, Opened, Refused, Sequenced
from sequencer.records.entry_codec import decode_entry
from sequencer.snapshot.snapshot import Snapshot
from sequencer.state.ledger import Ledger
from tests.settler import journals

Name = tuple[int, int]


def entries(directories: Directories) -> Iterator[Numbered]:
    """The journal."""
    for number, payload in read_log(directories.journal):
        yield number, decode_entry(payload)  # type: ignore[misc]  # the journal has journal entries alone


def surviving(directories: Directories) -> list[JournalEntry]:
    """What the journal says, without what was undone."""
    return [entry for _, entry in Survivors(entries(directories), 1) if entry is not None]


def require_one_history(directories: Directories, ledger: Ledger, size: BatchSize) -> list[int]:
    """After each closed batch the node's machine has the state of the ledger; return the ledger's roots.

    Parameters
    ----------
    ledger
        Before the first batch; it moves.
    """
    machine, state = Machine(Snapshot.of(ledger), size), ledger.state()
    builder: BatchBuilder | None = None
    roots = []
    for entry in surviving(directories):
        assert machine.carry_out(entry) is not None
        match entry:
            case Opened(_, opening):
                if builder is not None:
                    builder.abandon()
                builder = BatchBuilder(ledger, state, size, opening)
            case Closed():
                assert builder is not None
                roots.append(builder.seal().new_roots.state)
                builder = None
                assert machine.state == state == ledger.state()
            case Consumed() | Sequenced() | Decided():
                assert builder is not None
                assert joined(builder, entry)
    recovered = recover(directories, size)
    with recovered.history, recovered.writer:
        assert recovered.machine.state == machine.state
    return roots


def joined(builder: BatchBuilder, entry: Consumed | Sequenced | Decided) -> bool:
    match entry:
        case Consumed(request):
            return builder.add_request(request) is not None
        case Sequenced(signed):
            return builder.add_message(signed) is not None
        case Decided(message):
            return builder.add_unsigned(message) is not None


def settled_roots(directories: Directories, ledger: Ledger, size: BatchSize, path: Path) -> list[int]:
    """The roots of a settler that follows a copy of the journal from the first entry on."""
    copy = journals.create(path, ledger)
    shutil.copytree(directories.journal, copy.journal)
    with journals.settler(copy, size=size) as settler:
        journals.follow(settler)
    return list(journals.roots(copy))


def require_all_once(directories: Directories, acknowledged: Sequence[Sequence[int]], domain: int) -> None:
    """Each acknowledged message is sequenced once, or was refused after it had been undone."""
    named: dict[Name, list[SignedMessage]] = defaultdict(list)
    for entry in surviving(directories):
        if isinstance(entry, Sequenced | Refused):
            message = entry.signed.message
            named[message.account, message.nonce].append(entry.signed)
    assert all(len(found) == 1 for found in named.values())
    for account, nonce, _, message_hash in acknowledged:
        (signed,) = named[account, nonce]
        assert signed.message.hash(domain) == message_hash


def history_of(directories: Directories) -> dict[bytes, bytes]:
    """All that the history has."""
    with plyvel.DB(str(directories.history)) as database, database.iterator() as found:
        return dict(found)
