"""How book pages are re-cut at the end of a batch."""

import itertools

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.model.order import Order
from sequencer.state.pages import SPLIT_TARGET, IndexedPage, Page, upkeep


def order(place: int) -> Order:
    return Order(
        market=0,
        side=Side.SELL,
        price=place,
        sequence=1,
        account=1,
        remaining=1,
        expiry=c.NEVER_EXPIRES,
        max_fee_ppm=0,
        reduce_only=False,
    )


def side_of(counts: list[int], indices: list[int], market: int = 0) -> list[IndexedPage]:
    """Pages with so many orders each, which stand in the middle of equal ranges."""
    starts = [1_000 * place for place in range(len(counts))]
    fences = [0, *(order(start).key for start in starts[1:]), c.REACH_END]
    return [
        (
            index,
            Page(
                market, Side.SELL, fences[i], fences[i + 1], tuple(order(starts[i] + 1 + k) for k in range(n))
            ),
        )
        for i, (index, n) in enumerate(zip(indices, counts, strict=True))
    ]


@st.composite
def sides(draw: st.DrawFn) -> list[list[IndexedPage]]:
    """One or two sides as a batch may leave them: pages that emptied, pages that ran over."""
    counts = draw(st.lists(st.lists(st.integers(0, 45), min_size=1, max_size=8), min_size=1, max_size=2))
    total = sum(map(len, counts))
    indices = draw(st.lists(st.integers(0, 40), min_size=total, max_size=total, unique=True))
    made = []
    for market, side in enumerate(counts):
        made.append(side_of(side, indices[: len(side)], market))
        indices = indices[len(side) :]
    return made


def taken(before: list[list[IndexedPage]]) -> set[int]:
    return {index for side in before for index, _ in side}


@given(sides())
def test_the_pages_of_a_side_tile_all_keys(before: list[list[IndexedPage]]) -> None:
    for side in upkeep(before, taken(before)):
        assert side[0][1].low == 0
        assert side[-1][1].high == c.REACH_END
        assert all(left.high == right.low for (_, left), (_, right) in itertools.pairwise(side))


@given(sides())
def test_every_order_stays_in_its_place_and_inside_its_page(before: list[list[IndexedPage]]) -> None:
    for old, new in zip(before, upkeep(before, taken(before)), strict=True):
        assert [o for _, page in old for o in page.orders] == [o for _, page in new for o in page.orders]
        assert all(page.low <= o.key < page.high for _, page in new for o in page.orders)


@given(sides())
def test_no_page_runs_over_and_only_the_page_of_an_empty_side_is_empty(
    before: list[list[IndexedPage]],
) -> None:
    for side in upkeep(before, taken(before)):
        assert all(len(page.orders) <= c.PAGE_ORDERS for _, page in side)
        assert len(side) == 1 or all(page.orders for _, page in side)


@given(sides())
def test_indices_are_unique_over_all_sides(before: list[list[IndexedPage]]) -> None:
    indices = [index for side in upkeep(before, taken(before)) for index, _ in side]
    assert len(indices) == len(set(indices))


@given(sides())
def test_a_page_that_needs_no_upkeep_is_untouched(before: list[list[IndexedPage]]) -> None:
    for old, new in zip(before, upkeep(before, taken(before)), strict=True):
        empty = [place for place, (_, page) in enumerate(old) if not page.orders]
        beside = {place + step for place in empty for step in (-1, 0, 1)}
        after = dict(new)
        for place, (index, page) in enumerate(old):
            if place not in beside and len(page.orders) <= c.PAGE_ORDERS:
                assert after[index] is page


@given(sides())
def test_upkeep_of_its_own_result_changes_nothing(before: list[list[IndexedPage]]) -> None:
    once = upkeep(before, taken(before))
    assert upkeep(once, taken(once)) == once


@given(st.integers(c.PAGE_ORDERS + 1, 60))
def test_an_over_full_page_is_split_into_nearly_equal_chunks_the_earlier_ones_longer(count: int) -> None:
    ((first, *others),) = upkeep([side_of([count], [7])], taken={0, 1, 7})
    lengths = [len(page.orders) for _, page in (first, *others)]
    assert len(lengths) == -(-count // SPLIT_TARGET)
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] - lengths[-1] <= 1
    assert first[0] == 7
    assert [index for index, _ in others] == list(range(2, 2 + len(others)))
    assert all(page.low == page.orders[0].key for _, page in others)


def test_an_empty_page_goes_to_its_right_neighbour() -> None:
    before = side_of([3, 0, 3], [4, 5, 6])
    ((left, right),) = upkeep([before], taken={4, 5, 6})
    assert left == before[0]
    assert right == (6, replace(before[2][1], low=before[1][1].low))


def test_the_last_page_of_a_side_goes_to_its_left_neighbour() -> None:
    before = side_of([3, 0, 0], [4, 5, 6])
    ((left,),) = upkeep([before], taken={4, 5, 6})
    assert left == (4, replace(before[0][1], high=c.REACH_END))


def test_an_empty_side_keeps_one_page() -> None:
    ((only,),) = upkeep([side_of([0, 0, 0], [4, 5, 6])], taken={4, 5, 6})
    assert only == (6, Page(0, Side.SELL))


def test_an_index_freed_on_one_side_is_free_for_another() -> None:
    before = [side_of([16], [9], market=0), side_of([2, 0], [3, 0], market=1)]
    first, second = upkeep(before, taken={9, 3, 0})
    assert [index for index, _ in first] == [9, 0]
    assert [index for index, _ in second] == [3]
