"""What L1 restricts at a start, what the insurance fund should have, and since when it holds positions."""

from collections.abc import Iterator
from random import Random

from msgspec.structs import replace

from sequencer.engine.margin import health
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus
from sequencer.model.market import Market
from sequencer.model.schedule import STATIC, MarginSchedule
from sequencer.model.venue import Venue
from soundness.fuzz.start import Start
from tests.strategies import START

_LARGEST_PPM = (1 << c.PPM_BITS) - 1
_LONGEST = (1 << c.HALT_BITS) - 1
_PLAIN_SHARE = 0.5
_SETTLED_SHARE = 0.12


def supervised(random: Random, start: Start) -> Start:
    """Return a start with tiers, restrictions, a floor, and markets that are about to settle or have."""
    schedules = start.schedules or (STATIC,) * start.live_markets
    if random.random() >= _PLAIN_SHARE:
        schedules = tuple(_steep(random, schedule) for schedule in schedules)
        start = replace(start, venue=_venue(random), insurance_floor=_floor(random, start))
    markets = tuple(_held_since(random, start, schedules))
    return replace(start, markets=markets, schedules=schedules)


def _steep(random: Random, schedule: MarginSchedule) -> MarginSchedule:
    return replace(
        schedule,
        tier_ppm=random.choice((0, 1, 50_000, _LARGEST_PPM, _LARGEST_PPM)),
        congestion_ppm=random.choice((0, 1, 50_000, _LARGEST_PPM)),
        settle_seconds=random.choice((1, 20, 300, 1_000, _LONGEST)),
    )


def _venue(random: Random) -> Venue:
    """Return restrictions that end before a sequence, in it or after it; seldom a fund below its floor."""
    until = (0, START, START + 1, START + 2, START + 3, START + 20, START + 1_000)
    return Venue(
        congested_until=random.choice(until),
        restricted_markets=random.randrange(1 << c.MARKETS),
        restricted_until=random.choice((0, 0, *until)),
        uninsured=random.random() < 0.05,
    )


def _floor(random: Random, start: Start) -> int:
    """Return about what the fund has; seldom more than anybody could pay."""
    has = health(start.accounts[c.INSURANCE_ACCOUNT], start.markets).equity
    near = has + random.randint(-2, 2)
    floor = random.choice((0, 0, 0, 0, near, near, has - 10_000, has + 10_000, 1_000, c.COLLATERAL_BOUND))
    return min(max(floor, 0), c.COLLATERAL_BOUND - 1)


def _held_since(random: Random, start: Start, schedules: tuple[MarginSchedule, ...]) -> Iterator[Market]:
    fund = start.accounts[c.INSURANCE_ACCOUNT]
    for slot, market in enumerate(start.markets):
        if not market.exists or start.open_interest(slot) == 0:
            yield market
        elif market.status != MarketStatus.HALTED and random.random() < _SETTLED_SHARE:
            # The book may have followed the price from which the mark was left behind.
            mark = max(
                1, market.mark + random.choice((-1, 0, 1)) * market.mark // random.choice((10, 20, 40))
            )
            mark = min(mark, c.RANK_MAX)
            yield replace(market, fund_since=c.SETTLED_SINCE, status=MarketStatus.SETTLED, mark=mark)
        elif fund.positions[slot]:
            # The first batch is a second after the start or later: some settle then, some just do not.
            due = START + 1 - schedules[slot].settle_seconds
            since = random.choice((START, START, START - 1, START - 5, due - 1, due, due + 1))
            yield replace(market, fund_since=min(max(since, c.SETTLED_SINCE + 1), START))
        else:
            yield market
