"""What orders traded at, as a batch has it: in its tables, in the ledger after it, under the book root."""

from typing import Any

import pytest

from sequencer.batch.sealed import SealedBatch
from sequencer.batch.tables import PREMIUM_PPM_TOP
from sequencer.model import constants as c
from sequencer.model.premium import Premium, premium_root
from sequencer.model.words import to_field
from sequencer.state.roots import book_root
from tests.batch.venue import Venue, bids
from tests.strategies import START

PERIOD = START // c.FUNDING_SECONDS


def trade(venue: Venue, lots: int, price: int) -> None:
    """Account 3 sells so many lots to account 4 and buys them back."""
    for maker, taker in ((3, 4), (4, 3)):
        venue.sell(maker, lots, price)
        venue.buy(taker, lots, price)


def of_first(batch: SealedBatch) -> tuple[Any, ...]:
    """Excess, weight, rate and premium of market 0, the state's period and that of the round."""
    signals: Any = batch.inputs
    of_market = [signals[f"premium{name}"][0] for name in ("Excess", "Weight", "Rate", "Ppm")]
    return (*of_market, signals["premiumPeriod"], signals["oraclePeriod"])


def test_fills_add_to_the_ledger_and_stand_in_the_tables_of_the_next_batch() -> None:
    venue = Venue(rate_ppm=300)
    trade(venue, 2, 1_005)
    batch = venue.seal()
    assert of_first(batch) == (0, 0, 300, 0, PERIOD, PERIOD)
    assert venue.ledger.counters.premiums == (Premium(20, 4_000, 300), *[Premium()] * 3)
    venue.open()
    trade(venue, 1, 1_000)
    batch = venue.seal()
    assert of_first(batch) == (20, 4_000, 300, 5_000, PERIOD, PERIOD)
    assert venue.ledger.counters.premiums[0] == Premium(20, 6_000, 300)


def test_a_new_period_sets_the_rate_and_starts_anew() -> None:
    venue = Venue(rate_ppm=300)
    trade(venue, 2, 1_005)
    venue.seal()
    venue.open(c.FUNDING_SECONDS)
    trade(venue, 1, 1_001)
    batch = venue.seal()
    assert of_first(batch) == (20, 4_000, 300, 5_000, PERIOD, PERIOD + 1)
    assert venue.ledger.counters.premiums[0] == Premium(2, 2_000, 4_500)
    assert venue.ledger.counters.period == PERIOD + 1
    assert venue.ledger.markets[0].long_index == 300 * 1_000 * (c.FUNDING_SECONDS + 1)


def test_a_negative_premium_is_rounded_down() -> None:
    venue = Venue(positions={9: (7,), 8: (-7,)}, rate_ppm=-300)
    trade(venue, 1, 995)
    venue.seal()
    venue.open(c.FUNDING_SECONDS)
    batch = venue.seal()
    excess, ppm, rate = (to_field(value) for value in (-10, -1_429, -300))
    assert of_first(batch) == (excess, 2_000, rate, ppm, PERIOD, PERIOD + 1)
    assert venue.ledger.counters.premiums[0] == Premium(rate_ppm=-929)


@pytest.mark.parametrize(("mark", "ppm"), [(400, 1_500_000), (10, PREMIUM_PPM_TOP)])
def test_a_premium_that_needs_more_bits_is_cut(mark: int, ppm: int) -> None:
    """Somebody sells to a bid that the mark has left behind."""
    venue = Venue(bids([1_000], 2), size="small")
    venue.seal()
    venue.open(mark=mark)
    venue.seal()
    venue.open(mark=mark)
    venue.sell(3, 1, mark)
    venue.seal()
    assert venue.ledger.counters.premiums[0] == Premium(1_000 - mark, mark)
    venue.open(c.FUNDING_SECONDS, mark)
    assert of_first(venue.seal())[3] == ppm
    assert venue.ledger.counters.premiums[0] == Premium(rate_ppm=50_000)


def test_premiums_are_under_the_book_root() -> None:
    venue = Venue(rate_ppm=-300)
    trade(venue, 2, 995)
    roots, counters = venue.seal().new_roots, venue.ledger.counters
    premiums = premium_root((Premium(-20, 4_000, -300), *[Premium()] * 3), PERIOD)
    assert roots.book == book_root(roots.page, counters.log_head, counters.next_sequence, premiums, 0)
