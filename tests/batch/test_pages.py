"""Which pages a batch loads, which orders become rows, and how pages end."""

from typing import Any

import pytest

from sequencer.engine.events import Dropped
from sequencer.model import constants as c
from sequencer.model.codes import Verdict
from sequencer.model.order import book_key
from tests.batch.venue import BUY, SELL, Venue, asks, bids


def page_table(venue: Venue, side: int = SELL) -> list[tuple[int, list[int]]]:
    """Index and prices of each page of a side of market 0, in key order."""
    return [
        (index, [order.price for order in page.orders]) for index, page in venue.ledger.layout.side((0, side))
    ]


def loaded(inputs: dict[str, Any]) -> list[int]:
    return [i for i, enabled in zip(inputs["pageIndex"], inputs["pageEnabled"], strict=True) if enabled]


def test_a_batch_without_messages_loads_no_page() -> None:
    venue = Venue(asks(range(1_001, 1_010)))
    inputs = venue.seal_inputs()
    assert not any(inputs["pageEnabled"])
    assert not any(inputs["rowUsed"])


def test_an_order_that_rests_loads_its_own_page_and_looks_at_the_front_of_the_other_side() -> None:
    venue = Venue([*asks(range(1_001, 1_021)), *bids(range(981, 1_001))], orders_a_page=10)
    venue.buy(2, 1, 975)
    inputs = venue.seal_inputs()
    front, own = venue.ledger.layout.side((0, SELL))[0][0], venue.ledger.layout.side((0, BUY))[1][0]
    assert loaded(inputs) == sorted([front, own])
    # The ten orders of the front page, the new order and two sentinels; the orders beside the new one pass.
    assert sum(inputs["rowUsed"]) == 10 + 1 + 2


def test_the_reach_goes_up_to_the_end_of_the_page_of_the_last_head() -> None:
    venue = Venue(asks(range(1_001, 1_006)), orders_a_page=1)
    venue.buy(2, 2, 1_002)
    venue.buy(2, 1, 1_001)
    inputs = venue.seal_inputs()
    sentinel = [
        (rank, sequence)
        for rank, sequence, flag in zip(
            inputs["rowRank"], inputs["rowSequence"], inputs["rowSentinel"], strict=True
        )
        if flag and rank
    ]
    assert sentinel == [(1_004, 4)]
    assert sum(inputs["pageFront"]) == 3


def test_an_empty_book_is_proven_by_a_reach_at_the_end() -> None:
    venue = Venue()
    venue.sell(1, 1, 1_005)
    inputs = venue.seal_inputs()
    place = inputs["rowSentinel"].index(1)
    assert (inputs["rowRank"][place], inputs["rowSequence"][place]) == (1 << c.PRICE_BITS, 0)


def test_a_book_that_empties_within_the_batch_needs_all_pages_of_its_side() -> None:
    venue = Venue(asks(range(1_001, 1_004)), orders_a_page=1)
    venue.buy(2, 4, 1_010)
    inputs = venue.seal_inputs()
    assert inputs["pageFront"].count(1) == 3
    assert page_table(venue) == [(3, [])]


def test_cancelling_an_order_deep_in_the_book_loads_its_page_alone() -> None:
    venue = Venue(asks(range(1_001, 1_031)), orders_a_page=10)
    venue.cancel(1, SELL, 1_025, 25)
    inputs = venue.seal_inputs()
    assert loaded(inputs) == [3]
    assert not any(inputs["pageFront"])
    assert not any(inputs["pageFull"])
    assert sum(inputs["pageOldRow"][0]) == 1
    assert page_table(venue)[2] == (3, [price for price in range(1_021, 1_031) if price != 1_025])


def test_a_cancel_of_an_old_order_that_is_gone_is_proven_by_a_ghost_in_a_full_page() -> None:
    venue = Venue(asks(range(1_001, 1_021)), orders_a_page=10)
    (event,) = venue.cancel(1, SELL, 1_015, 3) or []
    assert isinstance(event, Dropped)
    assert event.verdict == Verdict.NOT_FOUND
    inputs = venue.seal_inputs()
    ghost = inputs["rowGhost"].index(1)
    assert (inputs["rowRank"][ghost], inputs["rowSequence"][ghost]) == (1_015, 3)
    assert inputs["rowPage"][ghost].index(1) == 0
    assert inputs["pageFull"][0] == 1


def test_a_cancel_of_somebody_elses_order_names_that_order() -> None:
    venue = Venue(asks(range(1_001, 1_011)))
    (event,) = venue.cancel(2, SELL, 1_004, 4) or []
    assert isinstance(event, Dropped)
    assert event.verdict == Verdict.NOT_FOUND
    inputs = venue.seal_inputs()
    assert not any(inputs["rowGhost"])
    assert inputs["stepRowAccount"][0] == 1


@pytest.mark.parametrize("target", [1, 2, 99], ids=["itself", "the next message", "no message so far"])
def test_a_cancel_of_an_order_that_was_never_placed_names_a_new_row(target: int) -> None:
    venue = Venue()
    (event,) = venue.cancel(1, SELL, 1_005, target) or []
    assert isinstance(event, Dropped)
    assert event.verdict == Verdict.NOT_FOUND
    inputs = venue.seal_inputs()
    assert inputs["stepRowSequence"][0] == target
    assert not any(inputs["pageEnabled"])


def test_a_cancel_may_name_an_order_that_is_placed_later_in_the_batch() -> None:
    venue = Venue()
    (event,) = venue.cancel(1, SELL, 1_005, 2) or []
    assert isinstance(event, Dropped)
    venue.sell(1, 1, 1_005)
    venue.seal()
    assert page_table(venue) == [(1, [1_005])]


def test_an_order_that_comes_and_goes_within_the_batch_needs_no_page() -> None:
    venue = Venue(bids(range(981, 1_001)), orders_a_page=10)
    venue.sell(1, 1, 1_005)
    venue.cancel(1, SELL, 1_005, 21)
    inputs = venue.seal_inputs()
    assert loaded(inputs) == [0]


def test_a_page_that_runs_over_is_split_and_takes_the_smallest_free_index() -> None:
    venue = Venue(asks(range(1_001, 1_016)))
    venue.sell(2, 1, 1_020)
    venue.seal()
    assert page_table(venue) == [(1, list(range(1_001, 1_009))), (2, [*range(1_009, 1_016), 1_020])]
    (_, first), (_, second) = venue.ledger.layout.side((0, SELL))
    assert first.high == second.low == book_key(SELL, 1_009, 9)


def test_a_page_that_empties_gives_its_keys_to_its_right_neighbour() -> None:
    venue = Venue(asks([1_001, 1_002, 1_003]), orders_a_page=1)
    venue.cancel(1, SELL, 1_002, 2)
    inputs = venue.seal_inputs()
    assert page_table(venue) == [(1, [1_001]), (3, [1_003])]
    assert loaded(inputs) == [2, 3]
    assert venue.ledger.layout[3].low == book_key(SELL, 1_002, 2)


def test_the_last_page_of_a_side_gives_its_keys_to_its_left_neighbour() -> None:
    venue = Venue(asks([1_001, 1_002]), orders_a_page=1)
    venue.cancel(1, SELL, 1_002, 2)
    venue.seal()
    assert page_table(venue) == [(1, [1_001])]
    assert venue.ledger.layout[1].high == c.REACH_END


def test_the_index_of_a_merged_page_is_free_for_a_split_in_the_same_batch() -> None:
    venue = Venue([*asks(range(1_001, 1_017)), *bids(range(971, 986))])
    venue.cancel(1, SELL, 1_016, 16)
    venue.buy(2, 1, 960)
    venue.seal()
    assert page_table(venue) == [(1, list(range(1_001, 1_016)))]
    assert [index for index, _ in page_table(venue, BUY)] == [0, 2]


def test_an_order_behind_the_reach_is_sorted_behind_the_sentinel() -> None:
    venue = Venue(asks(range(1_001, 1_021)), orders_a_page=10)
    venue.buy(2, 1, 1_001)
    venue.sell(3, 1, 1_018)
    inputs = venue.seal_inputs()
    half = venue.size.half
    ranks = [
        rank for rank, used in zip(inputs["rowRank"][half:], inputs["rowUsed"][half:], strict=True) if used
    ]
    assert ranks == [*range(1_001, 1_012), 1_018]
    assert inputs["rowSentinel"][half + 10] == 1
