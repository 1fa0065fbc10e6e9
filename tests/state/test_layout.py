"""Which page answers for a key."""

import pytest

from sequencer.model import constants as c
from sequencer.state.layout import PageLayout
from sequencer.state.pages import Page

GROUP = (0, 1)


def layout() -> PageLayout:
    return PageLayout(
        {
            5: Page(0, 1, 0, 100),
            2: Page(0, 1, 100, 200),
            9: Page(0, 1, 200, c.REACH_END),
            1: Page(0, 0),
        }
    )


@pytest.mark.parametrize(
    ("key", "index"), [(0, 5), (99, 5), (100, 2), (199, 2), (200, 9), (c.REACH_END - 1, 9)]
)
def test_a_page_answers_from_its_low_fence_up_to_its_high_fence(key: int, index: int) -> None:
    assert layout().answering(GROUP, key) == index


@pytest.mark.parametrize(
    ("reach", "front"),
    [(0, []), (1, [5]), (100, [5]), (101, [5, 2]), (201, [5, 2, 9]), (c.REACH_END, [5, 2, 9])],
)
def test_the_front_run_answers_for_every_key_below_the_reach(reach: int, front: list[int]) -> None:
    assert layout().front(GROUP, reach) == front


def test_a_page_may_change_its_side() -> None:
    pages = layout()
    pages.replace(
        {2: None, 9: Page(0, 1, 100, c.REACH_END), 1: Page(0, 0, 0, 7), 3: Page(0, 0, 7, c.REACH_END)}
    )
    pages.replace({5: Page(0, 1), 3: None, 1: None, 9: Page(0, 0)})
    assert pages.side(GROUP) == [(5, Page(0, 1))]
    assert pages.side((0, 0)) == [(9, Page(0, 0))]


@pytest.mark.parametrize(
    "side",
    [
        {0: Page(0, 1, 0, 100)},
        {0: Page(0, 1, 1, c.REACH_END)},
        {0: Page(0, 1, 0, 100), 1: Page(0, 1, 101, c.REACH_END)},
        {0: Page(0, 1, 0, 100), 1: Page(0, 1, 99, c.REACH_END)},
        {0: Page(0, 1), 1: Page(0, 1)},
    ],
    ids=["no end", "no start", "gap", "overlap", "twice"],
)
def test_pages_that_do_not_tile_are_refused(side: dict[int, Page]) -> None:
    with pytest.raises(ValueError, match="do not tile"):
        PageLayout(side)
    with pytest.raises(ValueError, match="do not tile"):
        layout().replace({5: None, 2: None, 9: None, **{index + 20: page for index, page in side.items()}})
