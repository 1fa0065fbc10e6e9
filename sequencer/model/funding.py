"""What positions owe since they were last settled (docs/spec/funding.md)."""

from collections.abc import Iterable, Sequence

from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.market import Market


def unsettled(positions: Sequence[int], indices: Sequence[int], markets: Sequence[Market]) -> int:
    """Return what an account owes, in quote units rounded up; negative if it is owed.

    Parameters
    ----------
    positions, indices
        Signed lots of each market, and the index of their side when they were last settled.
    markets
        One a slot, with the indices to settle at.
    """
    owed = sum(
        abs(size) * (market.index(size) - index)
        for size, index, market in zip(positions, indices, markets, strict=True)
        if size
    )
    return -(-owed // c.INDEX_UNIT)


def unsettled_of_all(accounts: Iterable[Account], markets: Sequence[Market]) -> int:
    """Return what accounts owe together, in quote units, each rounded up."""
    return sum(unsettled(account.positions, account.indices, markets) for account in accounts)
