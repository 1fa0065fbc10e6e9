"""Projections that are written together leave what they leave one by one, or nothing."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from sequencer.history import keys
from sequencer.history.codec import decode
from sequencer.history.database import Database
from sequencer.history.errors import HistoryGapError, HistoryUnavailableError
from sequencer.history.group import GroupWrite, Written
from sequencer.history.store import HistoryStore
from sequencer.history.types import MessageRecord, OrderRecord, OrderStatus, Projection
from tests.full_disk import full_behind
from tests.history.samples import projections
from tests.history.test_store import content

HISTORY = projections()
NOT_TEXT: Any = object()


def groups(history: Sequence[Projection], size: int) -> Iterator[Sequence[Projection]]:
    for begin in range(0, len(history), size):
        yield history[begin : begin + size]


class Recorder:
    """Every row that is put, in the order in which it is."""

    def __init__(self) -> None:
        self.rows: list[tuple[bytes, bytes]] = []

    def put(self, key: bytes, value: bytes) -> None:
        self.rows.append((key, value))

    def delete(self, key: bytes) -> None:
        raise AssertionError(f"nothing that was written is deleted: {key!r}")


def put_as_one(history: Sequence[Projection], path: Path) -> list[tuple[bytes, bytes]]:
    """The rows of projections that are written together, the first ones of a history."""
    database, recorder = Database(path), Recorder()
    group = GroupWrite(Written(0), database)
    for projection in history:
        group.add(projection)
    group.put(recorder)
    database.close()
    return recorder.rows


def test_groups_of_any_size_leave_the_same_content(tmp_path: Path) -> None:
    contents = []
    for size in (1, 2, 13, 100, len(HISTORY)):
        path = tmp_path / str(size)
        with HistoryStore(path) as store:
            for group in groups(HISTORY, size):
                store.apply(group)
            assert store.position == len(HISTORY)
        contents.append(content(path))
    assert all(each == contents[0] for each in contents)


def test_a_row_that_changes_again_and_again_in_a_group_is_written_once(tmp_path: Path) -> None:
    rows = put_as_one(HISTORY, tmp_path / "history")
    changes = [order.sequence for projection in HISTORY for order in projection.orders]
    assert len(set(changes)) < len(changes)
    assert len(dict(rows)) == len(rows)
    last = {order.sequence: order for projection in HISTORY for order in projection.orders}
    for sequence, order in last.items():
        assert decode(OrderRecord, dict(rows)[keys.of(keys.ORDER, order.account, sequence)]) == order


def test_an_order_that_is_placed_and_cancelled_in_one_group_is_found_by_its_nonce(tmp_path: Path) -> None:
    placed = next(each for each in HISTORY if each.placed and each.orders[-1].status is OrderStatus.RESTING)
    order = placed.orders[-1]
    cancelled = structs.replace(order, status=OrderStatus.CANCELLED, reason="cancelled")
    with HistoryStore(tmp_path / "history") as store:
        store.apply([structs.replace(placed, number=1), Projection(2, 0, 1, orders=(cancelled,))])
        assert store.order(order.account, order.nonce) == cancelled


def test_a_refusal_takes_no_place_of_an_answer_in_its_group(tmp_path: Path) -> None:
    answer = MessageRecord(1, 5, 0, 99, 7, 1, 0, 1, "accepted")
    refusal = structs.replace(answer, sequence=0, verdict="message_expired")
    with HistoryStore(tmp_path / "history") as store:
        store.apply([Projection(1, 0, 1, answer=answer), Projection(2, 0, 1, answer=refusal)])
        assert store.message(1, 5) == answer


@pytest.mark.parametrize("missing", [0, 1, 57, 98])
def test_a_gap_anywhere_in_a_group_is_refused_and_nothing_of_it_is_written(
    tmp_path: Path, missing: int
) -> None:
    path, group = tmp_path / "history", HISTORY[100:200]
    with HistoryStore(path) as store:
        store.apply(HISTORY[:100])
    before = content(path)
    with HistoryStore(path) as store:
        with pytest.raises(HistoryGapError, match=f"entry {102 + missing} does not follow"):
            store.apply([*group[:missing], *group[missing + 1 :]])
        assert store.position == 100
    assert content(path) == before


def test_a_group_that_fails_in_its_midst_leaves_no_trace_on_disk_or_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "history"
    bad = structs.replace(HISTORY[160], funding=(object(),))
    answer = MessageRecord(1, 1 << 39, 0, 0, 9, 1, 0, 0, NOT_TEXT)
    unwritable = structs.replace(HISTORY[160], answer=answer)
    with HistoryStore(path) as store:
        store.apply(HISTORY[:100])
        with pytest.raises(AttributeError):
            store.apply([*HISTORY[100:160], bad])
        with pytest.raises(TypeError):
            store.apply([*HISTORY[100:160], unwritable])
        assert store.position == 100
        store.apply(HISTORY[100:])
    with HistoryStore(tmp_path / "whole") as store:
        store.apply(HISTORY)
    assert content(path) == content(tmp_path / "whole")


def test_a_group_that_a_full_disk_does_not_take_leaves_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "history"
    with HistoryStore(path) as store:
        store.apply(HISTORY[:100])
        (log,) = path.glob("*.log")
        with full_behind(log.stat().st_size + 500), pytest.raises(HistoryUnavailableError):
            store.apply(HISTORY[100:200])
        assert store.position == 100
    with HistoryStore(path) as store:
        assert store.position == 100
        store.apply(HISTORY[100:])
    with HistoryStore(tmp_path / "whole") as store:
        store.apply(HISTORY)
    assert content(path) == content(tmp_path / "whole")


def test_what_a_group_repeats_changes_nothing(tmp_path: Path) -> None:
    with HistoryStore(tmp_path / "history") as store:
        store.apply(HISTORY[:100])
        store.apply([structs.replace(each, batch=9_999) for each in HISTORY[50:100]])
        store.apply([])
        assert store.position == 100
        assert store.accounts_of_batch(9_999) == frozenset()
        store.apply(HISTORY[50:])
    with HistoryStore(tmp_path / "whole") as store:
        store.apply(HISTORY)
    assert content(tmp_path / "history") == content(tmp_path / "whole")
