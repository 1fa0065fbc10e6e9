"""Accounts and markets at the edge of what is allowed, and how the step circuits see them."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from sequencer.engine.margin import health
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketKind, MarketStatus
from sequencer.model.market import Market, MarketParameters
from tests.strategies import START

PRICES = st.integers(1, 2_000) | st.integers(1, c.RANK_MAX)
MOST_PPM = (1 << c.PPM_BITS) - 1
PPM = st.integers(1, MOST_PPM)
RISES = st.sampled_from((0, MOST_PPM)) | st.integers(0, MOST_PPM)
# max_position x 2^32 x quote_per_tick_lot is at most 2^60.
LARGEST_POSITION = c.NOTIONAL_BOUND >> c.PRICE_BITS
MARKET = Market(
    MarketKind.PERPETUAL,
    MarketStatus.OPEN,
    mark=c.RANK_MAX,
    parameters=MarketParameters(1, MOST_PPM, MOST_PPM, 1, 1, LARGEST_POSITION),
    congestion_addon_ppm=MOST_PPM,
    tier_ppm=MOST_PPM,
)
"""Every margin of a position there is the largest."""


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """A live market of any parameters that genesis allows, and of any margins that follow from them."""
    quote_per_tick_lot = draw(st.integers(1, 100) | st.integers(1, (1 << c.PPM_BITS) - 1))
    largest = LARGEST_POSITION // quote_per_tick_lot
    initial = draw(PPM)
    parameters = MarketParameters(
        quote_per_tick_lot=quote_per_tick_lot,
        initial_ppm=initial,
        maintenance_ppm=draw(st.integers(1, initial)),
        band_ppm=draw(PPM),
        min_size=1,
        max_position=draw(st.integers(1, min(50, largest)) | st.integers(1, largest)),
    )
    room = max(c.PPM_UNIT - initial, 0)
    volatility = draw(st.sampled_from((0, room)) | st.integers(0, room))
    return Market(
        MarketKind.PERPETUAL,
        MarketStatus.OPEN,
        draw(PRICES),
        parameters=parameters,
        volatility_addon_ppm=volatility,
        open_interest_addon_ppm=draw(st.just(0) | st.integers(0, room - volatility)),
        congestion_addon_ppm=draw(RISES),
        tier_ppm=draw(RISES),
        fund_since=draw(st.sampled_from((0, 0, START, c.SETTLED_SINCE))),
    )


@st.composite
def positions(draw: st.DrawFn, slots: Sequence[Market]) -> tuple[int, ...]:
    """Positions within the bounds of their markets, and now and then one that a change left beyond them."""
    return tuple(draw(_sizes(market)) for market in slots)


def _sizes(market: Market) -> st.SearchStrategy[int]:
    parameters = market.parameters
    bounds = (min(3, parameters.max_position), parameters.max_position)
    within = [st.integers(-bound, bound) for bound in bounds]
    beyond = LARGEST_POSITION // max(parameters.quote_per_tick_lot, 1)
    return st.one_of(*within, *within, st.integers(-beyond, beyond))


@dataclass(frozen=True)
class Held:
    """What the positions of an account are worth and require, besides its collateral."""

    value: int
    initial: int
    maintenance: int


def held(account: Account, slots: Sequence[Market]) -> Held:
    """The positions of an account at the marks."""
    equity, initial, maintenance = health(account, slots)
    return Held(equity - account.collateral, initial, maintenance)


def lot_value(market: Market) -> int:
    return market.mark * market.parameters.quote_per_tick_lot
