"""Which page stands where: by index in the page tree, and by key on its side."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import takewhile

from sequencer.model import constants as c
from sequencer.state.pages import Group, IndexedPage, Page


class PageLayout(Mapping[int, Page]):
    """The pages of every side, by index; the pages of each (market, side) tile [0, 2^72).

    Raises
    ------
    ValueError
        If the pages of a side overlap or leave a gap.
    """

    def __init__(self, pages: Mapping[int, Page]) -> None:
        self._pages = dict(pages)
        self._sides: dict[Group, list[int]] = {}
        self._lows: dict[Group, list[int]] = {}
        for group in {page.group for page in self._pages.values()}:
            self._sort(group)

    def __getitem__(self, index: int) -> Page:
        return self._pages[index]

    def __iter__(self) -> Iterator[int]:
        return iter(self._pages)

    def __len__(self) -> int:
        return len(self._pages)

    def side(self, group: Group) -> list[IndexedPage]:
        """Return the pages of a side in key order."""
        return [(index, self._pages[index]) for index in self._sides[group]]

    def answering(self, group: Group, key: int) -> int:
        """Return the index of the page that answers for a key."""
        return self._sides[group][bisect_right(self._lows[group], key) - 1]

    def front(self, group: Group, reach: int) -> list[int]:
        """Return the indices of the run of pages, from key 0 on, that answers for every key below `reach`."""
        return [index for index, _ in takewhile(lambda entry: entry[1].low < reach, self.side(group))]

    def replace(self, changes: Mapping[int, Page | None]) -> None:
        """Write and remove (None) pages; the sides they belong to must tile [0, 2^72) again."""
        groups = {self._pages[index].group for index in changes if index in self._pages}
        for index, page in changes.items():
            if page is None:
                del self._pages[index]
            else:
                self._pages[index] = page
                groups.add(page.group)
        for group in groups:
            self._sort(group)

    def _sort(self, group: Group) -> None:
        side = sorted((page.low, page.high, i) for i, page in self._pages.items() if page.group == group)
        fences = [0, *(high for _, high, _ in side)]
        if [low for low, _, _ in side] != fences[:-1] or fences[-1] != c.REACH_END:
            raise ValueError(
                f"the pages of market {group[0]}, side {group[1]} do not tile [0, 2^{c.KEY_BITS})"
            )
        self._sides[group] = [index for _, _, index in side]
        self._lows[group] = [low for low, _, _ in side]
