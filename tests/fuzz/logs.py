"""What disks give back: entries, the files of a log, snapshots and records of the history."""

import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Any

from sequencer.engine.commands import OpenEpoch
from sequencer.history import codec
from sequencer.history.types import Candle
from sequencer.journal import frames
from sequencer.journal.errors import JournalCorruptedError, JournalError
from sequencer.journal.reader import read_log
from sequencer.journal.segments import segment_of
from sequencer.journal.writer import LogWriter
from sequencer.model.codes import MessageKind, RequestKind
from sequencer.model.message import Message, SignedMessage
from sequencer.model.oracle import OracleReport
from sequencer.model.request import Request
from sequencer.records import entries as e
from sequencer.records.entry_codec import decode_entry, encode_entry
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import configuration
from sequencer.snapshot.snapshot import Snapshot, decode_snapshot, encode_snapshot
from sequencer.state.genesis import genesis
from sequencer.store.life import BatchState
from tests.fuzz.messages import SIGNED
from tests.fuzz.target import Target, chosen
from tests.history.samples import projections

DIGEST_BYTES = 32
KEYS = OracleSigners(1).keys
REPORT = OracleReport(2, 1_584_008_280, (700_000, 1), (1, 2, 3))
ENTRIES: tuple[e.Entry, ...] = (
    e.Opened(1, OpenEpoch(1_584_008_280, (REPORT,) * 3, configuration(KEYS))),
    e.Opened(2, OpenEpoch(1_584_008_285, (REPORT,) * 3)),
    e.Consumed(Request(RequestKind.DEPOSIT, 1, owner=5, amount=7)),
    *(e.Sequenced(signed, 1_584_008_280_123) for signed in SIGNED),
    e.Decided(Message(1, 0, 0, MessageKind.BY_RULE)),
    e.Closed(1),
    e.Armed(SIGNED[2], 1_584_008_290_000),
    e.Disarmed(3),
    e.Progressed(1, BatchState.FINAL, b"\x01" * 32),
    e.Unwound(1, "the block of the request is gone"),
    e.Refused(SignedMessage(Message(1, 1, 1), (1, 2, 3)), "replayed_nonce"),
    e.Confirmed(Request(RequestKind.REGISTER_KEY, 1, owner=1, data=(5, 6))),
)
_PAYLOADS_MAX = 8


def check_entry(data: bytes) -> None:
    """An entry has one form, and everything else is none."""
    try:
        entry = decode_entry(data)
    except ValueError:
        return
    assert encode_entry(entry) == data


def check_record(data: bytes) -> None:
    """A record of the history; its kind is the first byte."""
    kind, record = chosen(codec.KINDS, data)
    try:
        assert codec.encode(codec.decode(kind, record)) == record
    except ValueError:
        return


def check_snapshot(data: bytes) -> None:
    """A snapshot whose digest is right, whoever made it."""
    try:
        snapshot = decode_snapshot(data + blake2b(data, digest_size=DIGEST_BYTES).digest())
    except ValueError:
        return
    assert decode_snapshot(encode_snapshot(snapshot)) == snapshot


def check_file(data: bytes) -> None:
    """Any bytes as the first segment of a log: a writer and a reader see the same in them."""
    with _folder() as folder:
        segment_of(folder, 1).path.write_bytes(data)
        try:
            seen = list(read_log(folder))
        except JournalError:
            seen = None
        try:
            LogWriter(folder).close()
        except JournalCorruptedError:
            # A reader may have stopped before a tail of which nobody knows yet what it will be.
            assert segment_of(folder, 1).path.read_bytes() == data
        else:
            assert list(read_log(folder)) == seen


def check_damage(data: bytes) -> None:
    """A log that was written and then damaged: what is still read was written, from the first entry on."""
    plan, random = data[:4].ljust(4, b"\0"), Random(data)
    payloads = [random.randbytes(random.choice((0, 1, 40, 300))) for _ in range(plan[0] % _PAYLOADS_MAX)]
    with _folder() as folder:
        with LogWriter(folder, segment_bytes=200 if plan[1] & 1 else 1 << 20) as log:
            for payload in payloads:
                log.append(payload)
                log.commit()
        files = sorted(folder.glob("*.log"))
        path = files[plan[2] % len(files)]
        path.write_bytes(_damaged(path.read_bytes(), plan[3], data[4:], random))
        seen = []
        try:
            for _, payload in read_log(folder):
                seen.append(payload)
        except JournalError:
            pass
        assert seen == payloads[: len(seen)]


def _damaged(content: bytes, how: int, other: bytes, random: Random) -> bytes:
    place = random.randrange(len(content) + 1)
    match how % 5:
        case 0:
            return content[:place] + other + content[place + len(other) :]
        case 1:
            return content[:place] + other + content[place:]
        case 2:
            return content[:place] + content[place + 1 + len(other) :]
        case 3:
            return content + content[place:] + other
        case _:
            return content[:place] + bytes(len(content) - place)


class _Folder:
    def __enter__(self) -> Path:
        self._path = Path(tempfile.mkdtemp(dir="/dev/shm"))
        return self._path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path)


def _folder() -> _Folder:
    """A folder in memory."""
    return _Folder()


def _entries() -> Iterator[bytes]:
    return map(encode_entry, ENTRIES)


def _files() -> Iterator[bytes]:
    yield b""
    content, chain = frames.encode_header(frames.SegmentHeader(1, frames.NO_CHECKSUM)), frames.NO_CHECKSUM
    for number, payload in enumerate(_entries(), 1):
        frame = frames.encode_frame(chain, number, payload)
        chain = frame[-frames.CHECKSUM_BYTES :]
        content += frame
        yield content
    yield content + bytes(50)
    yield content[:-1]


def _damages() -> Iterator[bytes]:
    for how in range(5):
        yield bytes([7, how, how, how]) + b"damage"


def _snapshots() -> Iterator[bytes]:
    yield encode_snapshot(Snapshot.of(genesis(configuration(KEYS), 77)))[:-DIGEST_BYTES]


CANDLE = Candle(0, 60, 1_584_008_280_000, 700_000, 700_100, 699_900, 700_050, 40, 3)


@cache
def _records() -> tuple[bytes, ...]:
    found: dict[type, Any] = {Candle: CANDLE}
    for projection in projections():
        rows = (
            *projection.trades,
            *projection.fills,
            *projection.orders,
            *projection.transfers,
            *projection.funding,
            *projection.progress,
            projection.answer,
        )
        found |= {type(row): row for row in rows if row is not None}
    return tuple(bytes([codec.KINDS.index(kind)]) + codec.encode(row) for kind, row in found.items())


TARGETS = (
    Target("entry", check_entry, _entries),
    Target("file", check_file, _files),
    Target("damage", check_damage, _damages),
    Target("snapshot", check_snapshot, _snapshots),
    Target("record", check_record, _records),
)
