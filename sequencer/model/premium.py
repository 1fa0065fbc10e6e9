"""What the orders of a funding period traded at, and the rate that holds in it (docs/spec/funding.md)."""

from collections.abc import Sequence

from msgspec import Struct

from sequencer.crypto import poseidon
from sequencer.model import constants as c
from sequencer.model.words import to_field


class Premium(Struct, frozen=True, gc=False):
    """One of the `MARKETS` slots; all 0 without a market.

    Attributes
    ----------
    excess : int
        Ticks x lots, signed: the sum of `Turnover.excess` over the batches of the period.
    weight : int
        Ticks x lots: sum of lots x mark over its fills.
    rate_ppm : int
        What longs pay shorts of a position's value in 8 hours, signed, below 2^20.
    """

    excess: int = 0
    weight: int = 0
    rate_ppm: int = 0


NO_PREMIUMS = (Premium(),) * c.MARKETS


class Turnover(Struct, frozen=True, gc=False):
    """What the orders of one batch traded in a market: lots, and what they cost in ticks x lots."""

    lots: int = 0
    cost: int = 0

    def with_fill(self, lots: int, price: int) -> "Turnover":
        """Return the turnover with one more trade."""
        return Turnover(self.lots + lots, self.cost + lots * price)

    def excess(self, mark_before: int, mark: int) -> int:
        """Return what the cost is above that at the higher mark; negative where it is below the lower."""
        low, high = sorted((mark_before, mark))
        return self.cost - max(self.lots * low, min(self.cost, self.lots * high))


NO_TURNOVER = (Turnover(),) * c.MARKETS


def premium_root(premiums: Sequence[Premium], period: int) -> int:
    """Return the node of the book root that holds the premiums and the number of their period."""
    words = [
        word for each in premiums for word in (to_field(each.excess), each.weight, to_field(each.rate_ppm))
    ]
    return poseidon((*words, period))
