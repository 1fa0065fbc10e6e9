"""What holds in all markets and how markets settle, straight from docs/spec/breakers.md."""

from dataclasses import dataclass

from tests.batch.referee.margin import measures
from tests.batch.referee.signals import Inputs
from tests.batch.referee.tables import FUND, MarketSlot, Slot


@dataclass
class Venue:
    """The venue word: what L1 said last, and whether the fund is below its floor."""

    restrictions: int
    uninsured: int

    def word(self) -> int:
        return self.restrictions + (self.uninsured << 84)


def load_venue(inputs: Inputs) -> Venue:
    restrictions = inputs["venueCongestedUntil"] | inputs["venueRestrictedUntil"] << 44
    for slot, restricted in enumerate(inputs["venueRestricted"]):
        restrictions |= restricted << 40 + slot
    return Venue(restrictions, inputs["venueUninsured"])


def status(inputs: Inputs, slot: int, market: MarketSlot) -> int:
    timestamp = inputs["timestamp"]
    if timestamp < market.halted_until:
        return 2
    if market.settled:
        return 4
    restricted = inputs["venueRestricted"][slot] and timestamp < inputs["venueRestrictedUntil"]
    return 3 if restricted or inputs["venueUninsured"] or timestamp < market.reduced_until else 1


def note_the_fund(
    inputs: Inputs, slots: list[Slot], markets: list[MarketSlot], venue: Venue, *, traded: bool
) -> None:
    """Since when the fund has held what it holds, and whether it has its floor: if it is loaded."""
    funds = [slot for slot in slots if slot.enabled and slot.id == FUND]
    for place, market in enumerate(markets):
        held = market.fund_since
        if traded:
            held = (held or inputs["timestamp"]) if funds[0].positions[place] else 0
        market.fund_since = _since(market, held, inputs["timestamp"])
    for fund in funds:
        equity, _, _ = measures(fund, markets)
        venue.uninsured = int(equity < inputs["insuranceFloor"])


def _since(market: MarketSlot, held: int, timestamp: int) -> int:
    if not market.open_interest:
        return 0
    if market.settled:
        return 1
    if not held:
        return 0
    if market.status == 2:
        return timestamp
    return 1 if timestamp - held > market.settle_seconds else held
