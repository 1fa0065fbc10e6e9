"""A book kept from pushes is the venue's; where it is not, that push is refused and nothing given."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from proofbook.client.errors import BookChecksumError, BookNotReadyError, StreamGapError
from proofbook.client.local_book import LocalBook
from sequencer.service.wire.stream import BookPush
from tests.service.book import ClientBook

Diff = tuple[str, int, int]
"""Side, price in cents, lots; 0 lots where the level is gone."""
DIFFS = st.lists(
    st.lists(st.tuples(st.sampled_from(("bids", "asks")), st.integers(1, 40), st.integers(0, 9)), max_size=6),
    min_size=2,
    max_size=25,
)


@dataclass
class Feed:
    """A venue that pushes diffs; its checksums are those of the reference book."""

    reference: ClientBook = field(default_factory=ClientBook)
    pushes: list[BookPush] = field(default_factory=list)

    def push(self, diffs: list[Diff], *, snapshot: bool = False) -> BookPush:
        sides: dict[str, list[tuple[str, str]]] = {"bids": [], "asks": []}
        for side, cents, lots in diffs:
            price = f"{cents // 100}.{cents % 100:02}"
            sides[side].append((price, f"0.{lots:04}" if lots else "0"))
            levels = getattr(self.reference, side)
            levels.pop(price, None)
            if lots:
                levels[price] = sides[side][-1][1]
        if snapshot:
            shown = self.reference.levels()
            sides = {"bids": shown[0], "asks": shown[1]}
        entry = self.reference.entry + 3
        made = BookPush(
            entry=entry,
            prev=self.reference.entry,
            time_ms=0,
            snapshot=snapshot,
            market="BTC-USD",
            bids=sides["bids"],
            asks=sides["asks"],
            checksum=self.reference.checksum(),
        )
        self.reference.entry = entry
        self.pushes.append(made)
        return made


def levels_of(book: LocalBook) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    bids = [(str(level.price), str(level.size)) for level in book.bids()]
    return bids, [(str(level.price), str(level.size)) for level in book.asks()]


@given(DIFFS)
def test_a_book_that_follows_every_push_is_the_venues(diffs: list[list[Diff]]) -> None:
    feed, book = Feed(), LocalBook("BTC-USD")
    for number, group in enumerate(diffs):
        book.apply(feed.push(group, snapshot=number == 0))
        assert levels_of(book) == feed.reference.levels()
        assert book.entry == feed.reference.entry


@given(DIFFS, st.data())
def test_a_push_that_is_skipped_is_noticed_at_the_next(diffs: list[list[Diff]], data: st.DataObject) -> None:
    feed, book = Feed(), LocalBook("BTC-USD")
    pushes = [feed.push(group, snapshot=number == 0) for number, group in enumerate(diffs)]
    skipped = data.draw(st.integers(1, len(pushes)))
    for push in pushes[:skipped]:
        book.apply(push)
    for push in pushes[skipped + 1 : skipped + 2]:
        with pytest.raises(StreamGapError, match=f"follows {push.prev}, held is {book.entry}"):
            book.apply(push)
        assert not book.is_ready


LADDER: list[Diff] = [("bids", price, 5) for price in range(1, 20)] + [
    ("asks", price, 5) for price in range(30, 50)
]
Fault = Callable[[BookPush], BookPush]
FAULTS: dict[str, Fault] = {
    "another checksum": lambda push: replace(push, checksum=push.checksum ^ 1),
    "a level that is not said": lambda push: replace(push, bids=push.bids[:-1]),
    "a level too many": lambda push: replace(push, asks=[*push.asks, ("0.29", "0.0001")]),
    "another size": lambda push: replace(push, bids=[(push.bids[0][0], "0.0009"), *push.bids[1:]]),
    "a size that is printed otherwise": lambda push: replace(push, bids=[(push.bids[0][0], "0.00070")]),
    "the sides in each other's place": lambda push: replace(push, bids=push.asks, asks=push.bids),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_push_that_makes_the_book_wrong_is_noticed_and_a_snapshot_heals_it(name: str) -> None:
    feed, book = Feed(), LocalBook("BTC-USD")
    book.apply(feed.push(LADDER, snapshot=True))
    good = feed.push([("bids", 19, 7), ("asks", 30, 8)])
    with pytest.raises(BookChecksumError):
        book.apply(FAULTS[name](good))
    assert not book.is_ready
    with pytest.raises(BookNotReadyError):
        book.best_bid  # noqa: B018  # it is a property
    with pytest.raises(BookNotReadyError):
        book.apply(feed.push([("bids", 18, 1)]))
    book.apply(feed.push([], snapshot=True))
    assert levels_of(book) == feed.reference.levels()


@pytest.mark.parametrize("order", [(0, 1, 1), (0, 2, 1), (0, 1, 3)])
def test_a_push_that_comes_twice_or_out_of_order_is_noticed(order: tuple[int, ...]) -> None:
    feed, book = Feed(), LocalBook("BTC-USD")
    pushes = [feed.push(LADDER, snapshot=True)] + [feed.push([("bids", 19, size)]) for size in (1, 2, 3)]

    def take_all() -> None:
        for place in order:
            book.apply(pushes[place])

    with pytest.raises(StreamGapError):
        take_all()


def test_a_book_without_a_snapshot_gives_and_takes_nothing() -> None:
    feed, book = Feed(), LocalBook("BTC-USD")
    feed.push(LADDER, snapshot=True)
    with pytest.raises(BookNotReadyError):
        book.apply(feed.push([("bids", 19, 1)]))
    with pytest.raises(BookNotReadyError):
        book.asks()


def test_the_best_prices_and_their_middle() -> None:
    feed, book = Feed(), LocalBook("BTC-USD")
    book.apply(feed.push([], snapshot=True))
    assert (book.best_bid, book.best_ask, book.mid) == (None, None, None)
    book.apply(feed.push([("bids", 19, 1), ("bids", 18, 2), ("asks", 30, 3), ("asks", 31, 4)]))
    assert book.best_bid == (Decimal("0.19"), Decimal("0.0001"))
    assert book.best_ask == (Decimal("0.30"), Decimal("0.0003"))
    assert book.mid == Decimal("0.245")


def test_a_levels_that_is_removed_twice_stays_removed() -> None:
    feed, book = Feed(), LocalBook("BTC-USD")
    book.apply(feed.push([("bids", 19, 1)], snapshot=True))
    book.apply(feed.push([("bids", 19, 0)]))
    book.apply(feed.push([("bids", 19, 0)]))
    assert levels_of(book) == ([], [])
