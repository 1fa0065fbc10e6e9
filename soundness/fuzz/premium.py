"""What orders traded at before a start: premiums, rates, the period that they are of, reduce-only markets."""

from random import Random

from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus
from sequencer.model.market import Market
from sequencer.model.premium import Premium
from soundness.fuzz.start import Start
from tests.strategies import START

PERIOD = START // c.FUNDING_SECONDS
LARGEST_RATE_PPM = (1 << c.PPM_BITS) - 1
# More than any period of a sequence adds to.
FAR_WEIGHT = 1 << 79
_REDUCED_SHARE = 0.2


def traded_before(random: Random, start: Start) -> Start:
    """Return a start with premiums and rates of any sign, in its own period or in an older one."""
    markets = tuple(_reduced(random, market) for market in start.markets)
    premiums = tuple(
        _premium(random, market, start.open_interest(slot)) if market.parameters.interest_ppm else Premium()
        for slot, market in enumerate(markets)
    )
    period = random.choice((PERIOD, PERIOD, PERIOD - 1, 0))
    return replace(start, markets=markets, premiums=premiums, period=period)


def _premium(random: Random, market: Market, open_interest: int) -> Premium:
    """Return a premium at an end of what is damped or of what may be paid, or one unit beside it."""
    held = open_interest * market.mark
    lots = random.randint(1, 2 * open_interest + 9)
    weight = random.choice((0, lots * market.mark, held, FAR_WEIGHT))
    rate = _rate(random, market)
    if weight == 0:
        return Premium(rate_ppm=rate)
    parameters, far = market.parameters, c.PREMIUM_DAMPENER_PPM
    buffer = parameters.initial_ppm - parameters.maintenance_ppm
    ppm = random.choice(
        (
            0,
            parameters.interest_ppm + far,
            parameters.interest_ppm - far,
            buffer + far,
            -buffer - far,
            random.randint(-buffer - far, buffer + far),
            random.choice((-c.PPM_UNIT, 3 * c.PPM_UNIT)),
        )
    )
    excess = max(weight, held) * ppm // c.PPM_UNIT + random.choice((0, 0, 1, -1))
    # No price is negative.
    return Premium(max(excess, 1 - weight), weight, rate)


def _rate(random: Random, market: Market) -> int:
    buffer = market.parameters.initial_ppm - market.parameters.maintenance_ppm
    usual = random.choice((0, 100, buffer, random.randint(0, buffer)))
    return random.choice((-1, 1)) * (usual if random.random() < 0.97 else LARGEST_RATE_PPM)


def _reduced(random: Random, market: Market) -> Market:
    """Return the market, seldom one where a shortfall was charged: in the last batch, before it, long ago."""
    if not market.exists or random.random() >= _REDUCED_SHARE:
        return market
    until = START + random.choice((-1, 0, 1, 2, 3, 20, 1_000))
    is_already = until > START and random.random() < 0.5 and market.status == MarketStatus.OPEN
    return replace(
        market,
        reduced_until=until,
        status=MarketStatus.REDUCE_ONLY if is_already else market.status,
    )
