"""What people call a market, and the decimals of its prices and sizes."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct

from sequencer.model.market import MarketParameters
from sequencer.node.errors import ListingError

QUOTE_UNITS: Final = 1_000_000
"""Quote units of one unit of the quote currency."""


class Listing(Struct, frozen=True):
    """A live market by its name.

    Attributes
    ----------
    slot : int
        Of the market.
    tick_size, lot_size : Decimal
        Quote currency a tick, base currency a lot.
    """

    symbol: str
    slot: int
    tick_size: Decimal
    lot_size: Decimal


def check_listings(listings: Sequence[Listing], markets: Sequence[MarketParameters]) -> None:
    """Refuse listings that do not name each live market once, in its own units.

    Raises
    ------
    ListingError
    """
    if sorted(listing.slot for listing in listings) != list(range(len(markets))):
        raise ListingError(f"{len(listings)} listings name the slots of {len(markets)} markets")
    if len({listing.symbol for listing in listings}) != len(listings):
        raise ListingError("two listings have one symbol")
    for listing in listings:
        unit = listing.tick_size * listing.lot_size * QUOTE_UNITS
        if unit != markets[listing.slot].quote_per_tick_lot:
            raise ListingError(f"{listing.symbol}: a lot moves by {unit} units a tick in the listing alone")
