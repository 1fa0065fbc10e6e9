"""What a batch takes is counted command by command; planned as a whole, it comes to the same."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from sequencer.batch.occupancy import Occupancy
from sequencer.batch.plan import plan
from sequencer.batch.sizes import BatchSize
from sequencer.model.codes import Side
from tests.batch.venue import BUY, SELL, Venue, asks, bids

LARGE = BatchSize("large", steps=400, accounts=10, pages=200, rows=800, messages=400, requests=16)
PRICES = st.integers(995, 1_006)
ORDERS = st.tuples(st.sampled_from(Side), PRICES, st.integers(1, 6), st.booleans())
CANCELS = st.tuples(st.sampled_from(Side), PRICES, st.integers(1, 40))
COMMANDS = st.lists(ORDERS | CANCELS, max_size=60)
LEVELS = st.lists(st.integers(1, 5), max_size=6)


def require_counts(venue: Venue) -> None:
    """The open batch's counts are those of its plan."""
    builder = venue.builder
    whole = plan(builder._footprint, builder._layout, builder._state, builder._first_sequence)
    halves: Counter[int] = Counter()
    for rows in whole.groups:
        halves[rows.group[1]] += 1 + len(rows.keys)
    occupancy: Occupancy = builder._occupancy
    assert occupancy.pages() == len(whole.pages)
    assert occupancy.pages() <= occupancy._pages_at_most()
    assert {half: occupancy.rows(half) for half in Side} == {half: halves[half] for half in Side}


def carry_out(venue: Venue, command: tuple[int, ...]) -> bool:
    """Send an order, or a cancel of any order; tell whether the batch had room."""
    if len(command) == 3:
        side, price, target = command
        events = venue.cancel(1, Side(side), price, target)
    else:
        side, price, size, ioc = command
        events = venue.send(2, side=Side(side), size=size, price=price, ioc=bool(ioc))
    return events is not None


def book(bid_levels: list[int], ask_levels: list[int], orders_a_page: int, size: str = "reference") -> Venue:
    """A book with so many orders at each price from the best on."""
    resting = [
        *bids([999 - level for level, count in enumerate(bid_levels) for _ in range(count)]),
        *asks([1_001 + level for level, count in enumerate(ask_levels) for _ in range(count)]),
    ]
    return Venue(resting, orders_a_page=orders_a_page, size=size)


@given(bid_levels=LEVELS, ask_levels=LEVELS, orders_a_page=st.integers(1, 15), commands=COMMANDS)
@settings(max_examples=150)
def test_counts_are_those_of_the_plan_after_every_command(
    bid_levels: list[int], ask_levels: list[int], orders_a_page: int, commands: list[tuple[int, ...]]
) -> None:
    venue = book(bid_levels, ask_levels, orders_a_page)
    venue.builder.size = LARGE
    for command in commands:
        assert carry_out(venue, command)
        require_counts(venue)


@given(bid_levels=LEVELS, ask_levels=LEVELS, orders_a_page=st.integers(1, 15), commands=COMMANDS)
@settings(max_examples=60)
def test_a_command_without_room_leaves_the_counts_as_they_were(
    bid_levels: list[int], ask_levels: list[int], orders_a_page: int, commands: list[tuple[int, ...]]
) -> None:
    venue = book(bid_levels, ask_levels, orders_a_page)
    for command in commands:
        carry_out(venue, command)
        require_counts(venue)
    if venue.builder.has_messages:
        venue.seal()


def test_a_page_that_is_split_takes_the_index_of_one_that_is_merged() -> None:
    venue = book([15, 1], [], orders_a_page=15)
    venue.builder.size = LARGE
    assert venue.cancel(1, BUY, 998, 16) is not None
    require_counts(venue)
    assert venue.buy(2, 1, 999, ioc=True) is not None
    before = venue.builder._occupancy.pages()
    assert venue.buy(2, 1, 999) is not None
    require_counts(venue)
    assert venue.builder._occupancy.pages() == before
    assert venue.builder._occupancy._pages_at_most() == before + 1


def test_a_side_that_loses_all_its_orders_keeps_one_page() -> None:
    venue = book([], [1, 1, 1], orders_a_page=1)
    venue.builder.size = LARGE
    for sequence in (1, 2, 3):
        assert venue.cancel(1, SELL, 1_000 + sequence, sequence) is not None
        require_counts(venue)
    assert venue.buy(2, 1, 1_001) is not None
    require_counts(venue)
    assert venue.sell(1, 1, 1_002) is not None
    require_counts(venue)


def test_a_side_without_orders_gives_all_its_pages_but_one_to_a_split() -> None:
    venue = Venue([*bids([999] * 15), *asks([1_001, 1_002, 1_003])], orders_a_page=(15, 1))
    venue.builder.size = LARGE
    for sequence in (16, 17, 18):
        assert venue.cancel(1, SELL, 985 + sequence, sequence) is not None
    for _ in range(16):
        assert venue.buy(2, 1, 999) is not None
        require_counts(venue)


def test_the_last_page_with_orders_gives_its_range_back_when_a_later_one_has_an_order_again() -> None:
    venue = book([], [1, 1, 1], orders_a_page=1)
    venue.builder.size = LARGE
    for sequence in (2, 3):
        assert venue.cancel(1, SELL, 1_000 + sequence, sequence) is not None
    assert venue.sell(1, 1, 1_004) is not None
    require_counts(venue)
