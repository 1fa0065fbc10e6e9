"""Between which bounds a market's margins move, and when it settles (docs/spec/margins.md, breakers.md)."""

from typing import Final

from msgspec import Struct

from sequencer.model import constants as c
from sequencer.model.market import MarketParameters
from sequencer.model.words import pack, unpack


class MarginSchedule(Struct, frozen=True):
    """The bounds of a market's add-ons, and how long the insurance fund may be stuck there.

    Attributes
    ----------
    open_interest_lower, open_interest_upper : int
        In `OPEN_INTEREST_UNIT`: up to the lower bound open interest adds nothing, from the upper one on the
        initial margin is 100 %.
    volatility_factor : int
        The maintenance margin covers so many times what the mark moves from sample to sample; 0 adds nothing.
    addon_max_ppm : int
        The most that volatility adds, no more than the maintenance margin rate of the parameters.
    addon_step_ppm : int
        The most by which that rises at a sample.
    tier_ppm : int
        By how much a position's initial margin rate grows for each 2^`TIER_UNIT_BITS` quote units a tick.
    congestion_ppm : int
        What congestion adds to the initial margin rate.
    settle_seconds : int
        How long the insurance fund may hold a position before the market settles at its mark.
    """

    open_interest_lower: int
    open_interest_upper: int
    volatility_factor: int
    addon_max_ppm: int
    addon_step_ppm: int
    tier_ppm: int
    congestion_ppm: int
    settle_seconds: int

    def check(self, parameters: MarketParameters) -> None:
        """Refuse what does not fit, or lets a margin exceed the value of a position or more than double.

        Parameters
        ----------
        parameters
            Of the schedule's market.

        Raises
        ------
        ValueError
            Naming the bound that is broken.
        """
        if not 0 <= self.open_interest_lower < self.open_interest_upper < 1 << c.OPEN_INTEREST_BITS:
            raise ValueError(
                "open interest must satisfy 0 <= open_interest_lower < open_interest_upper < 2^40"
            )
        if not 0 <= self.volatility_factor < 1 << c.FACTOR_BITS:
            raise ValueError("volatility_factor must lie in [0, 2^10)")
        if not 0 <= self.addon_step_ppm < 1 << c.PPM_BITS:
            raise ValueError("addon_step_ppm must lie in [0, 2^20)")
        if not 0 <= self.tier_ppm < 1 << c.PPM_BITS:
            raise ValueError("tier_ppm must lie in [0, 2^20)")
        if not 0 <= self.congestion_ppm < 1 << c.PPM_BITS:
            raise ValueError("congestion_ppm must lie in [0, 2^20)")
        if not 0 < self.settle_seconds < 1 << c.HALT_BITS:
            raise ValueError("settle_seconds must lie in (0, 2^20)")
        room = min(parameters.maintenance_ppm, c.PPM_UNIT - parameters.initial_ppm)
        if not 0 <= self.addon_max_ppm <= room:
            raise ValueError("addon_max_ppm must lie in [0, maintenance_ppm] and in [0, 10^6 - initial_ppm]")

    def word(self) -> int:
        """Return the schedule in one word."""
        return pack(
            (
                (self.open_interest_lower, 0, c.OPEN_INTEREST_BITS),
                (self.volatility_factor, c.SCHEDULE_FACTOR_AT, c.FACTOR_BITS),
                (self.addon_max_ppm, c.SCHEDULE_ADDON_MAX_AT, c.PPM_BITS),
                (self.addon_step_ppm, c.SCHEDULE_ADDON_STEP_AT, c.PPM_BITS),
                (self.tier_ppm, c.SCHEDULE_TIER_AT, c.PPM_BITS),
                (self.congestion_ppm, c.SCHEDULE_CONGESTION_AT, c.PPM_BITS),
                (self.settle_seconds, c.SCHEDULE_SETTLE_AT, c.HALT_BITS),
                (self.open_interest_upper, c.SCHEDULE_UPPER_AT, c.OPEN_INTEREST_BITS),
            )
        )

    @classmethod
    def from_word(cls, word: int) -> "MarginSchedule":
        """Return the schedule of its word; the inverse of `word`."""
        return cls(
            open_interest_lower=unpack(word, 0, c.OPEN_INTEREST_BITS),
            open_interest_upper=unpack(word, c.SCHEDULE_UPPER_AT, c.OPEN_INTEREST_BITS),
            volatility_factor=unpack(word, c.SCHEDULE_FACTOR_AT, c.FACTOR_BITS),
            addon_max_ppm=unpack(word, c.SCHEDULE_ADDON_MAX_AT, c.PPM_BITS),
            addon_step_ppm=unpack(word, c.SCHEDULE_ADDON_STEP_AT, c.PPM_BITS),
            tier_ppm=unpack(word, c.SCHEDULE_TIER_AT, c.PPM_BITS),
            congestion_ppm=unpack(word, c.SCHEDULE_CONGESTION_AT, c.PPM_BITS),
            settle_seconds=unpack(word, c.SCHEDULE_SETTLE_AT, c.HALT_BITS),
        )


# Margins stay those of the parameters: no open interest is worth a trillion dollars. A market settles as late
# as it can, after twelve days.
STATIC: Final = MarginSchedule(
    open_interest_lower=(1 << c.OPEN_INTEREST_BITS) - 2,
    open_interest_upper=(1 << c.OPEN_INTEREST_BITS) - 1,
    volatility_factor=0,
    addon_max_ppm=0,
    addon_step_ppm=0,
    tier_ppm=0,
    congestion_ppm=0,
    settle_seconds=(1 << c.HALT_BITS) - 1,
)
