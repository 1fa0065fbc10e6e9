"""What holds in all markets: what L1 restricts, and whether the insurance fund is below its floor."""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.model.words import pack, unpack


class Venue(Struct, frozen=True):
    """The venue word under the book root (docs/spec/breakers.md).

    Attributes
    ----------
    congested_until : int
        Seconds; until then new risk needs more margin: L1 had not seen a batch for long. 0 if never reported.
    restricted_markets : int
        One bit a market slot: those that take only orders that reduce until `restricted_until`.
    restricted_until : int
        Seconds; end of the last restriction, 0 if there was none.
    uninsured : bool
        Whether the insurance fund was below its floor when a batch last held it: no market takes new risk.
    """

    congested_until: int = 0
    restricted_markets: int = 0
    restricted_until: int = 0
    uninsured: bool = False

    def restrictions(self) -> int:
        """Return what L1 said last, in one word: all of the venue word but its last bit."""
        return pack(
            (
                (self.congested_until, 0, c.TIME_BITS),
                (self.restricted_markets, c.VENUE_MARKETS_AT, c.MARKETS),
                (self.restricted_until, c.VENUE_RESTRICTED_UNTIL_AT, c.TIME_BITS),
            )
        )

    def word(self) -> int:
        """Return the venue in one word."""
        return self.restrictions() | self.uninsured << c.VENUE_UNINSURED_AT

    @classmethod
    def from_word(cls, word: int) -> "Venue":
        """Return the venue of its word; the inverse of `word`."""
        return cls(
            congested_until=unpack(word, 0, c.TIME_BITS),
            restricted_markets=unpack(word, c.VENUE_MARKETS_AT, c.MARKETS),
            restricted_until=unpack(word, c.VENUE_RESTRICTED_UNTIL_AT, c.TIME_BITS),
            uninsured=bool(unpack(word, c.VENUE_UNINSURED_AT, 1)),
        )

    def restricted_by(self, restrictions: int) -> "Venue":
        """Return the venue once L1 says something else; the insurance fund is as it was."""
        return replace(Venue.from_word(restrictions), uninsured=self.uninsured)

    def is_congested(self, timestamp: int) -> bool:
        """Tell whether a batch at a time (seconds) asks for more margin."""
        return timestamp < self.congested_until

    def restricts(self, slot: int, timestamp: int) -> bool:
        """Tell whether the market of a slot takes only orders that reduce in a batch at a time (seconds)."""
        named = bool(self.restricted_markets >> slot & 1)
        return self.uninsured or (named and timestamp < self.restricted_until)


NO_RESTRICTIONS: Final = Venue()
