"""Snapshots in a directory: one file a batch, there as a whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sequencer.journal.disk import make_directory, sync_directory
from sequencer.snapshot.errors import SnapshotCorruptedError, SnapshotUnavailableError
from sequencer.snapshot.moments import Announce, Moment, silent
from sequencer.snapshot.snapshot import NOWHERE, Place, Snapshot, decode_snapshot, encode_snapshot
from sequencer.state.ledger import Ledger

_SUFFIX: Final = ".snapshot"
_TEMPORARY: Final = ".temporary"
_DIGITS: Final = 12
_GENESIS: Final = 0


def write_snapshot(folder: Path, ledger: Ledger, announce: Announce = silent, place: Place = NOWHERE) -> Path:
    """Write the ledger as it stands; return the file, which is on disk then.

    Parameters
    ----------
    place
        Of the ledger's last batch in the journal.

    Raises
    ------
    SnapshotUnavailableError
        If the file system fails.
    """
    path = _path(folder, ledger.counters.batch_number)
    temporary = folder / _TEMPORARY
    data = encode_snapshot(Snapshot.of(ledger, place))
    with _unavailable(folder):
        make_directory(folder)
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            announce(Moment.WRITTEN)
            os.fsync(file.fileno())
        announce(Moment.SYNCED)
        temporary.rename(path)
        announce(Moment.NAMED)
        sync_directory(folder)
    return path


def newest_snapshot(folder: Path, up_to: int | None = None, within: int | None = None) -> Snapshot | None:
    """Return the newest snapshot that is whole, None where there is none that serves.

    Files may come and go meanwhile: what is gone when it is read was never the only one.

    Parameters
    ----------
    up_to
        The last batch that may be in it, if that matters.
    within
        The last entry of the journal whose doing may be in it, if that matters; its place must be known then.

    Raises
    ------
    SnapshotCorruptedError
        If there are snapshots, and all are damaged; naming them.
    SnapshotUnavailableError
        If the file system fails.
    """
    damaged = []
    batches = [batch for batch in snapshot_batches(folder) if up_to is None or batch <= up_to]
    for batch in reversed(batches):
        path = _path(folder, batch)
        try:
            snapshot = _read(path)
            if snapshot is None:
                continue
            if snapshot.batch != batch:
                raise ValueError(f"it is the snapshot of batch {snapshot.batch}")
        except ValueError as error:
            damaged.append(f"{path} ({error})")
        else:
            if within is None or snapshot.is_within(within):
                return snapshot
    if damaged:
        raise SnapshotCorruptedError(", ".join(damaged))
    return None


def snapshot_batches(folder: Path) -> list[int]:
    """Return the batches of which there are snapshots, damaged ones among them; oldest first."""
    with _unavailable(folder):
        try:
            names = os.listdir(folder)
        except FileNotFoundError:
            return []
    stems = (name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))
    return sorted(int(stem) for stem in stems if len(stem) >= _DIGITS and stem.isascii() and stem.isdigit())


def drop_after(folder: Path, batch: int, announce: Announce = silent) -> None:
    """Remove the snapshots of all later batches; killed on the way, it is to be called again."""
    _remove(folder, [number for number in snapshot_batches(folder) if number > batch], announce)


def prune(folder: Path, keep: int, announce: Announce = silent) -> None:
    """Remove all snapshots but the genesis and the newest `keep`."""
    assert keep >= 1, "the newest snapshot is where everyone begins"
    older = snapshot_batches(folder)[:-keep]
    _remove(folder, [number for number in older if number != _GENESIS], announce)


def _remove(folder: Path, batches: list[int], announce: Announce) -> None:
    with _unavailable(folder):
        for batch in batches:
            _path(folder, batch).unlink()
            announce(Moment.REMOVED)
        if batches:
            sync_directory(folder)


def _read(path: Path) -> Snapshot | None:
    """Return the snapshot in a file, None if the file is gone; ValueError if it is damaged."""
    with _unavailable(path):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
    return decode_snapshot(data)


def _path(folder: Path, batch: int) -> Path:
    return folder / f"{batch:0{_DIGITS}d}{_SUFFIX}"


@contextmanager
def _unavailable(path: Path) -> Iterator[None]:
    """Let the errors of the file system become ours."""
    try:
        yield
    except OSError as error:
        raise SnapshotUnavailableError(f"{path}: {error}") from error
