"""The history on disk says what the projections said."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import plyvel  # type: ignore[import-untyped]
import pytest
from msgspec import structs
from msgspec.structs import replace

from sequencer.history import errors
from sequencer.history.pages import PAGE_MAX, Page
from sequencer.history.store import HistoryStore
from sequencer.history.types import (
    BatchProgress,
    MessageRecord,
    OrderRecord,
    OrderStatus,
    Projection,
    Trade,
)
from sequencer.model.codes import Side
from sequencer.store.life import BatchState
from tests import strategies as s
from tests.history.driver import Venue
from tests.history.samples import projections

ACCOUNTS = range(5)
FOR_EVER = 1 << 60
NONCE_KEPT = ("nonce", "key_epoch")
HISTORY = projections()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HistoryStore]:
    """The history of all samples; nobody changes it."""
    with HistoryStore(tmp_path_factory.mktemp("history") / "history") as store:
        store.apply(HISTORY)
        yield store


def paged(read: Callable[[int | None, int], Page[Any]], limit: int) -> list[Any]:
    """All rows, page by page."""
    rows: list[Any] = []
    before: int | None = None
    while True:
        page = read(before, limit)
        assert len(page.rows) <= limit
        rows += page.rows
        if page.next is None:
            return rows
        assert len(page.rows) == limit
        before = page.next


def last_orders() -> dict[int, OrderRecord]:
    return {order.sequence: order for projection in HISTORY for order in projection.orders}


def test_the_samples_hold_every_kind_of_row() -> None:
    for name in ("trades", "fills", "orders", "levels", "transfers", "funding", "marks", "progress"):
        assert any(getattr(projection, name) for projection in HISTORY), name
    assert {order.status for order in last_orders().values()} == set(OrderStatus)


def test_every_order_is_found_by_its_nonce_and_by_its_sequence(store: HistoryStore) -> None:
    for sequence, order in last_orders().items():
        assert store.order_at(order.account, sequence) == order
        if order.nonce and order.reason not in NONCE_KEPT:
            assert store.order(order.account, order.nonce) == order
    assert store.order_at(1, 1 << 39) is None
    assert store.order(1, 1 << 40) is None


def test_every_message_has_its_answer(store: HistoryStore) -> None:
    answers = [projection.answer for projection in HISTORY if projection.answer is not None]
    used_up = [answer for answer in answers if answer.verdict not in NONCE_KEPT]
    assert len({(answer.account, answer.nonce) for answer in used_up}) == len(used_up) > 100
    for answer in used_up:
        assert store.message(answer.account, answer.nonce) == answer
    assert store.message(1, 1 << 40) is None


@pytest.mark.parametrize("limit", [1, 3, PAGE_MAX])
def test_pages_have_each_row_once_and_the_newest_first(store: HistoryStore, limit: int) -> None:
    orders, fills = last_orders().values(), [fill for each in HISTORY for fill in each.fills]
    for account in ACCOUNTS:
        assert paged(lambda before, n, a=account: store.orders(a, before, n), limit) == sorted(  # type: ignore[misc]
            (order for order in orders if order.account == account), key=lambda order: -order.sequence
        )
        assert paged(lambda before, n, a=account: store.fills(a, before, n), limit) == [  # type: ignore[misc]
            fill for fill in reversed(fills) if fill.account == account
        ]
        assert paged(lambda before, n, a=account: store.transfers(a, before, n), limit) == [  # type: ignore[misc]
            transfer
            for each in reversed(HISTORY)
            for transfer in each.transfers
            if transfer.account == account
        ]
    for market in range(2):
        assert paged(lambda before, n, m=market: store.trades(m, before, n), limit) == [  # type: ignore[misc]
            trade for trade in reversed(trades()) if trade.market == market
        ]
        assert paged(lambda before, n, m=market: store.funding(m, before, n), limit) == [  # type: ignore[misc]
            rate for each in reversed(HISTORY) for rate in each.funding if rate.market == market
        ]
    assert paged(store.batches, limit) == [
        last_progress()[number] for number in sorted(last_progress(), reverse=True)
    ]


def trades() -> list[Trade]:
    return [trade for projection in HISTORY for trade in projection.trades]


def last_progress() -> dict[int, BatchProgress]:
    return {progress.number: progress for each in HISTORY for progress in each.progress}


def test_a_batch_is_as_far_as_was_told_last(store: HistoryStore) -> None:
    for number, progress in last_progress().items():
        assert store.batch(number) == progress
    assert store.batch(len(last_progress()) + 1) is None
    first, *later = sorted(last_progress())
    assert last_progress()[first].state is BatchState.FINAL
    closed = [number for number in later if last_progress()[number].state is not None]
    assert [progress.number for progress in store.unfinished_batches()] == closed[::-1]


def test_a_batch_knows_whom_it_touched(store: HistoryStore) -> None:
    touched: dict[int, set[int]] = defaultdict(set)
    for projection in HISTORY:
        touched[projection.batch] |= projection.touched
    for number in last_progress():
        assert store.accounts_of_batch(number) == touched[number]


def test_there_are_no_other_candles(store: HistoryStore) -> None:
    with pytest.raises(errors.IntervalError, match="61 seconds"):
        store.candles(0, 61, 0, FOR_EVER, 1)


@pytest.mark.parametrize(("before", "limit"), [(None, 0), (None, PAGE_MAX + 1), (-1, 1), (1 << 64, 1)])
def test_no_page_is_too_large_or_begins_nowhere(store: HistoryStore, before: int | None, limit: int) -> None:
    with pytest.raises(errors.PageError):
        store.fills(1, before, limit)
    with pytest.raises(errors.PageError):
        store.candles(0, 60, 0 if before is None else before, FOR_EVER, limit)


def content(path: Path) -> dict[bytes, bytes]:
    database = plyvel.DB(str(path))
    found = dict(database.iterator())
    database.close()
    return found


def test_a_projection_that_comes_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "history"
    with HistoryStore(path) as store:
        store.apply(HISTORY[:200])
    before = content(path)
    with HistoryStore(path) as store:
        assert store.position == 200
        for projection in HISTORY[:200]:
            store.apply([structs.replace(projection, batch=9_999)])
        assert store.position == 200
    assert content(path) == before


def test_what_is_interrupted_goes_on_to_the_same_content(tmp_path: Path) -> None:
    for name, stops in (("whole", ()), ("parts", (1, 7, 8, 150, 333))):
        for stop in (*stops, len(HISTORY)):
            with HistoryStore(tmp_path / name) as store:
                store.apply(HISTORY[max(0, store.position - 20) : stop])
    assert content(tmp_path / "whole") == content(tmp_path / "parts")


def test_a_gap_is_refused_and_leaves_no_trace(tmp_path: Path) -> None:
    with HistoryStore(tmp_path / "history") as store:
        store.apply([HISTORY[0]])
        with pytest.raises(errors.HistoryGapError, match="entry 3 does not follow entry 1"):
            store.apply([HISTORY[2]])
        assert store.position == 1
        assert store.batches(None, 10).rows == HISTORY[0].progress


def test_a_projection_is_written_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    bad = structs.replace(HISTORY[1], trades=(object(),))
    with HistoryStore(tmp_path / "history") as store:
        store.apply([HISTORY[0]])
        with pytest.raises(AttributeError):
            store.apply([bad])
        worse = structs.replace(HISTORY[1], fills=(object(),))
        with pytest.raises(AttributeError):
            store.apply([worse])
        assert store.position == 1


def test_a_wiped_history_is_as_new(tmp_path: Path) -> None:
    end = next(projection.number for projection in HISTORY if projection.trades)
    for name in ("new", "wiped"):
        with HistoryStore(tmp_path / name) as store:
            if name == "wiped":
                store.apply(HISTORY[:end])
                store.wipe()
                assert store.position == 0
            store.apply(HISTORY[:end])
    assert content(tmp_path / "new") == content(tmp_path / "wiped")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "wiped"]


def test_a_wipe_that_was_interrupted_leaves_all_or_nothing(tmp_path: Path) -> None:
    path, discarded = tmp_path / "history", tmp_path / "history.discarded"
    with HistoryStore(path) as store:
        store.apply([HISTORY[0]])
    path.rename(discarded)
    (discarded / "CURRENT").unlink()
    with HistoryStore(path) as store:
        assert store.position == 0
    assert not discarded.exists()


def test_a_nonce_that_a_forced_message_did_not_use_up_keeps_its_order(tmp_path: Path) -> None:
    venue = Venue(s.genesis(accounts=4))
    venue.open()
    first = venue.buy(1, 2, s.MARK - 3).orders[0]
    venue.close()
    venue.open()
    again = venue.driver.updates[1].entry.signed.message  # type: ignore[union-attr]
    forced = venue.consume(s.forced(replace(again, side=Side.SELL))).orders[0]
    assert (forced.status, forced.reason) == (OrderStatus.REJECTED, "nonce")
    with HistoryStore(tmp_path / "history") as store:
        store.apply(venue.projections)
        assert store.order(1, first.nonce) == first
        assert store.order_at(1, forced.sequence) == forced


def test_a_refusal_takes_no_answers_place(tmp_path: Path) -> None:
    answer = MessageRecord(1, 5, 0, 99, 7, 1, 0, 1, "accepted")
    refusal = structs.replace(answer, sequence=0, verdict="message_expired")
    with HistoryStore(tmp_path / "history") as store:
        store.apply([Projection(1, 0, 1, answer=answer)])
        store.apply([Projection(2, 0, 1, answer=refusal)])
        assert store.message(1, 5) == answer
        store.apply([Projection(3, 0, 1, answer=structs.replace(refusal, nonce=6))])
        assert store.message(1, 6) == structs.replace(refusal, nonce=6)


def with_entry(path: Path, key: bytes, value: bytes) -> None:
    database = plyvel.DB(str(path), create_if_missing=True)
    database.put(key, value)
    database.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-1],
        lambda data: data + b" ",
        lambda data: data.replace(b",0]", b"]"),
        lambda data: data.replace(b",0]", b",0,0]"),
        lambda data: data.replace(b'"resting"', b'"sleeping"'),
        lambda data: data.replace(b",false", b",0"),
        lambda data: b"\xff" + data,
        lambda data: b"",
    ],
)
def test_a_record_that_was_not_written_like_that_is_found(
    tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "history"
    resting = next(each for each in HISTORY if each.orders and each.orders[0].status is OrderStatus.RESTING)
    order = resting.orders[0]
    with HistoryStore(path) as store:
        store.apply([structs.replace(resting, number=1)])
    key, data = next(each for each in content(path).items() if each[0].startswith(b"order/"))
    assert change(data) != data
    with_entry(path, key, change(data))
    with HistoryStore(path) as store:
        for read in (
            lambda: store.order_at(order.account, order.sequence),
            lambda: store.order(order.account, order.nonce),
            lambda: store.orders(order.account, None, 5),
        ):
            with pytest.raises(errors.HistoryCorruptedError, match="no OrderRecord"):
                read()


def test_a_position_that_is_no_number_is_found(tmp_path: Path) -> None:
    with HistoryStore(tmp_path / "history"):
        pass
    with_entry(tmp_path / "history", b"position", b"9")
    for _ in range(2):
        with pytest.raises(errors.HistoryCorruptedError, match="no number"):
            HistoryStore(tmp_path / "history")


def test_another_schema_is_refused(tmp_path: Path) -> None:
    with_entry(tmp_path / "history", b"schema", b"\x63")
    with pytest.raises(errors.HistoryVersionError, match="schema 63, not 2"):
        HistoryStore(tmp_path / "history")
    with_entry(tmp_path / "none", b"position", bytes(8))
    with pytest.raises(errors.HistoryVersionError, match="schema none, not 2"):
        HistoryStore(tmp_path / "none")


def test_a_history_is_open_once(tmp_path: Path) -> None:
    with HistoryStore(tmp_path / "history"), pytest.raises(errors.HistoryLockedError):
        HistoryStore(tmp_path / "history")


def test_a_directory_that_lost_a_file_is_found(tmp_path: Path) -> None:
    with HistoryStore(tmp_path / "history") as store:
        store.apply([HISTORY[0]])
    (tmp_path / "history" / "CURRENT").write_text("MANIFEST-999999\n")
    with pytest.raises(errors.HistoryCorruptedError):
        HistoryStore(tmp_path / "history")
