"""Fees, oracle signers, markets and the insurance floor, and their hash; only the timelock changes them."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from sequencer.crypto import is_valid_key, poseidon
from sequencer.model import constants as c
from sequencer.model.market import MarketParameters, live_markets
from sequencer.model.schedule import MarginSchedule
from sequencer.model.words import pack, unpack

CONFIGURATION_WORDS: Final = 2 + 2 * c.ORACLE_SIGNERS + 2 * c.MARKETS + 1
# The words before the schedules have a hash of their own: one Poseidon takes no more
_FIRST_WORDS: Final = CONFIGURATION_WORDS - c.MARKETS - 1


class FeeTier(Struct, frozen=True):
    """Fee rates of one tier in ppm; a negative maker rate is a rebate."""

    maker_ppm: int
    taker_ppm: int


class Configuration(Struct, frozen=True):
    """Fee schedule, oracle set, market parameters, margin schedules and insurance floor.

    Attributes
    ----------
    tiers : tuple of FeeTier
        One a tier; every taker rate covers every rebate.
    oracle_keys : tuple of (int, int)
        One Baby Jubjub key a signer.
    oracle_max_age_seconds : int
        A round older than this at the batch's timestamp is refused.
    markets : tuple of MarketParameters
        Of the first market slots; the slots after them have no market.
    schedules : tuple of MarginSchedule
        One a market.
    insurance_floor : int
        Quote units; while the insurance fund has less, no market takes new risk.
    """

    tiers: tuple[FeeTier, ...]
    oracle_keys: tuple[tuple[int, int], ...]
    oracle_max_age_seconds: int
    markets: tuple[MarketParameters, ...]
    schedules: tuple[MarginSchedule, ...]
    insurance_floor: int

    def check(self) -> None:
        """Refuse fees under which a trade could cost the venue money, and what no batch could hold.

        Raises
        ------
        ValueError
            Naming the rule that is broken.
        """
        if len(self.tiers) != c.TIERS or len(self.oracle_keys) != c.ORACLE_SIGNERS:
            raise ValueError(f"a configuration has {c.TIERS} fee tiers and {c.ORACLE_SIGNERS} oracle keys")
        if not all(is_valid_key(*key) for key in self.oracle_keys):
            raise ValueError(
                "an oracle key is off the curve or of small order: no batch could hold its reports"
            )
        if not 0 <= self.oracle_max_age_seconds < 1 << c.TIME_BITS:
            raise ValueError(f"oracle_max_age_seconds does not fit {c.TIME_BITS} bits")
        if any(not tier.maker_ppm <= tier.taker_ppm < c.MAKER_FEE_OFFSET for tier in self.tiers):
            raise ValueError("each tier needs maker_ppm <= taker_ppm < 2^19")
        smallest_taker = min(tier.taker_ppm for tier in self.tiers)
        largest_rebate = -min(tier.maker_ppm for tier in self.tiers)
        if smallest_taker < max(largest_rebate, 0):
            raise ValueError("the smallest taker fee must cover the largest rebate")
        if any(market.liquidation_fee_ppm < largest_rebate for market in self.markets):
            raise ValueError("each market's liquidation_fee_ppm must cover the largest rebate")
        if len(self.markets) > c.MARKETS:
            raise ValueError(f"{len(self.markets)} markets do not fit {c.MARKETS} slots")
        if len(self.schedules) != len(self.markets):
            raise ValueError(f"{len(self.schedules)} schedules for {len(self.markets)} markets")
        for parameters, schedule in zip(self.markets, self.schedules, strict=True):
            parameters.check()
            schedule.check(parameters)
        if not 0 <= self.insurance_floor < c.COLLATERAL_BOUND:
            raise ValueError("insurance_floor must lie in [0, 2^62)")

    def check_follows(self, markets: Sequence[MarketParameters]) -> None:
        """Refuse to open or close a market, or to change the unit of one: positions are counted in it.

        Parameters
        ----------
        markets
            Of the configuration before.

        Raises
        ------
        ValueError
            Naming what may not change.
        """
        if len(self.markets) != len(markets):
            raise ValueError(f"the number of markets is {len(markets)} for ever, not {len(self.markets)}")
        for slot, (new, old) in enumerate(zip(self.markets, markets, strict=True)):
            if new.quote_per_tick_lot != old.quote_per_tick_lot:
                raise ValueError(
                    f"quote_per_tick_lot of market {slot} is {old.quote_per_tick_lot} for ever,"
                    f" not {new.quote_per_tick_lot}"
                )

    def fee_word(self) -> int:
        """Return maker rates (offset by 2^19) and taker rates, 20 bits each, tier by tier."""
        parts = []
        for index, tier in enumerate(self.tiers):
            at = 2 * c.PPM_BITS * index
            parts.append((tier.maker_ppm + c.MAKER_FEE_OFFSET, at, c.PPM_BITS))
            parts.append((tier.taker_ppm, at + c.PPM_BITS, c.PPM_BITS))
        return pack(parts)

    def words(self) -> tuple[int, ...]:
        """Return the words under the hash: fees, age, keys' coordinates, two words a market slot, the floor.

        Of the slots, the parameters of all come first, then their schedules.
        """
        keys = (coordinate for key in self.oracle_keys for coordinate in key)
        slots = (*self.market_words(), *self.schedule_words())
        return (self.fee_word(), self.oracle_max_age_seconds, *keys, *slots, self.insurance_floor)

    def market_words(self) -> tuple[int, ...]:
        """Return the parameters of each market slot in one word; 0 without a market."""
        return tuple(market.word() for market in self.markets) + (0,) * (c.MARKETS - len(self.markets))

    def schedule_words(self) -> tuple[int, ...]:
        """Return the margin schedule of each market slot in one word; 0 without a market."""
        return tuple(each.word() for each in self.schedules) + (0,) * (c.MARKETS - len(self.schedules))

    @classmethod
    def from_words(cls, words: Sequence[int]) -> "Configuration":
        """Return the configuration of such words; ValueError if they are of none, or `check` refuses it."""
        if len(words) != CONFIGURATION_WORDS:
            raise ValueError(f"{len(words)} words are no configuration")
        fees, age, *rest, floor = words
        coordinates, slots = rest[: -2 * c.MARKETS], rest[-2 * c.MARKETS :]
        markets = live_markets(slots[: c.MARKETS])
        schedules = slots[c.MARKETS : c.MARKETS + len(markets)]
        configuration = cls(
            tiers=tuple(_tier(fees, 2 * c.PPM_BITS * index) for index in range(c.TIERS)),
            oracle_keys=tuple(zip(coordinates[::2], coordinates[1::2], strict=True)),
            oracle_max_age_seconds=age,
            markets=markets,
            schedules=tuple(MarginSchedule.from_word(word) for word in schedules),
            insurance_floor=floor,
        )
        configuration.check()
        if configuration.words() != tuple(words):
            raise ValueError("a word has bits beyond its fields")
        return configuration

    def hash(self) -> int:
        """Return the configuration word of every batch header: that of the first words' and the others."""
        words = self.words()
        return poseidon((poseidon(words[:_FIRST_WORDS]), *words[_FIRST_WORDS:]))


def _tier(fees: int, at: int) -> FeeTier:
    maker, taker = (unpack(fees, place, c.PPM_BITS) for place in (at, at + c.PPM_BITS))
    return FeeTier(maker - c.MAKER_FEE_OFFSET, taker)
