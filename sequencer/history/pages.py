"""Pages of rows, newest first."""

from typing import Final, Generic, TypeVar

from msgspec import Struct

from sequencer.history.errors import PageError

PAGE_MAX: Final = 1_000

Row = TypeVar("Row")

_CURSOR_BOUND: Final = 1 << 64


class Page(Struct, Generic[Row], frozen=True):
    """Some rows, newest first.

    Attributes
    ----------
    next : int or None
        The cursor `before` of the page that follows; None behind the last one.
    """

    rows: tuple[Row, ...]
    next: int | None


def check_page(before: int | None, limit: int) -> None:
    """Refuse a page that is too large, or none.

    Raises
    ------
    PageError
    """
    if not 1 <= limit <= PAGE_MAX:
        raise PageError(f"{limit} rows, not 1 to {PAGE_MAX}")
    if before is not None and not 0 <= before < _CURSOR_BOUND:
        raise PageError(f"{before} is no cursor")
