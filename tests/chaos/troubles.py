"""Which troubles of a disk there are to meet, and venues that have met them."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.chaos.disk import Fault, Trouble
from tests.chaos.nursery import KILLED, Nursery

AT_ONCE = 12
THOROUGH = 100
PARTS = {"W": (0, 300, 900), "w": (0, 500)}
"""Permille of a write that are written before death; of a log, and of a database."""

Call = tuple[int, str]
Work = Callable[[Path, int], None]
"""Done in a data directory; told how often it was begun there before."""


def calls(
    nursery: Nursery, venue: Path, work: Work, watched: Sequence[str], path: Path, kills: int
) -> list[Call]:
    """How a process that meets no trouble changes the first of some directories, and in part the others.

    Returns
    -------
    list
        Number and kind of each call; all if there is time for many kills.
    """
    shutil.copytree(venue, path)
    whole = nursery.run(work, path, 1, watched=_under(path, watched))
    assert whole.status == 0
    every = 1 if kills > THOROUGH else 6
    return [(call, kind) for call, kind in enumerate(whole.calls, 1) if kind.isupper() or call % every == 0]


def deaths(calls: Sequence[Call]) -> list[Trouble]:
    """Death before each call, and within each write."""
    return [
        Trouble(Fault.KILLED, call, permille) for call, kind in calls for permille in PARTS.get(kind, (0,))
    ]


def refusals(calls: Sequence[Call]) -> list[Trouble]:
    """A disk that is full from each write on, or fails at any other call."""
    return [
        Trouble(Fault.FULL, call, 400) if kind in PARTS else Trouble(Fault.FAILING, call)
        for call, kind in calls
    ]


def outlived(
    nursery: Nursery,
    venue: Path,
    path: Path,
    watched: Sequence[str],
    works: tuple[Work, Work],
    troubles: Sequence[Trouble],
) -> Iterator[Path]:
    """The venue of each trouble, which a first work has met, and in which a second was done then."""
    first, second = works
    for begin in range(0, len(troubles), AT_ONCE):
        met = {
            path / f"{begin + place}": each for place, each in enumerate(troubles[begin : begin + AT_ONCE])
        }
        processes = [
            nursery.start(
                first, shutil.copytree(venue, data), 1, watched=_under(data, watched), trouble=trouble
            )
            for data, trouble in met.items()
        ]
        for process, trouble in zip(processes, met.values(), strict=True):
            assert process.wait().status in (0, KILLED), trouble
        processes = [nursery.start(second, data, 2) for data in met]
        for process, trouble in zip(processes, met.values(), strict=True):
            assert process.wait().status == 0, trouble
        for data in met:
            yield data
            shutil.rmtree(data)


def _under(data: Path, names: Sequence[str]) -> tuple[Path, ...]:
    return tuple(data / name for name in names)
