"""Margins of a start: units in which tiers count, schedules that small venues reach, older add-ons."""

from collections.abc import Iterator
from random import Random

from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.model.market import Market
from sequencer.model.schedule import STATIC, MarginSchedule
from soundness.fuzz.start import Start
from tests.strategies import START

_STATIC_SHARE = 0.4
_GROWN_SHARE = 0.3
_LARGEST_PPM = (1 << c.PPM_BITS) - 1
_LARGEST_FACTOR = (1 << c.FACTOR_BITS) - 1
_LARGEST_BOUND = (1 << c.OPEN_INTEREST_BITS) - 1
_LARGEST_UNIT = (1 << c.PPM_BITS) - 1
# Of the largest position, a tick
_LARGEST_VALUE = 1 << 28


def grown(random: Random, start: Start) -> Start:
    """Return the start, or one where a lot is worth so much that the tiers of its positions count."""
    live = [market.parameters for market in start.markets if market.exists]
    units = [terms.quote_per_tick_lot for terms in live]
    most = [
        min(_LARGEST_UNIT, _LARGEST_VALUE // terms.max_position) // terms.quote_per_tick_lot for terms in live
    ]
    factor = min(most)
    if random.random() >= _GROWN_SHARE or factor == 1:
        return start
    markets = tuple(
        replace(each, parameters=replace(each.parameters, quote_per_tick_lot=unit * factor))
        for each, unit in zip(start.markets, units, strict=False)
    )
    accounts = {
        number: replace(account, collateral=min(account.collateral * factor, c.COLLATERAL_BOUND - 1))
        for number, account in start.accounts.items()
    }
    return replace(start, accounts=accounts, markets=(*markets, *start.markets[len(markets) :]))


def scheduled(random: Random, start: Start) -> Start:
    """Return a start with schedules, some static; the first round of every second one takes a sample."""
    time = START - random.choice((0, 1))
    markets = tuple(replace(each, oracle_time=time) if each.exists else each for each in start.markets)
    start = replace(start, markets=markets, schedules=(STATIC,) * start.live_markets)
    if random.random() < _STATIC_SHARE:
        return start
    schedules = tuple(_schedules(random, start))
    estimated = (
        _estimated(random, market, schedule)
        for market, schedule in zip(start.markets, schedules, strict=False)
    )
    return replace(start, markets=(*estimated, *start.markets[len(schedules) :]), schedules=schedules)


def _schedules(random: Random, start: Start) -> Iterator[MarginSchedule]:
    for slot, market in enumerate(start.markets[: start.live_markets]):
        held = start.open_interest(slot) * market.value(1) // c.OPEN_INTEREST_UNIT
        lower = random.choice((0, held // 2, max(held - 1, 0), held, held + 1, 2 * held))
        upper = lower + random.choice((1, 2, held + 1, 10 * held + 1, _LARGEST_BOUND - lower))
        room = min(c.PPM_UNIT - market.parameters.initial_ppm, market.parameters.maintenance_ppm)
        yield replace(
            STATIC,
            open_interest_lower=lower,
            open_interest_upper=upper,
            volatility_factor=random.choice((0, 1, 5, 25, 25, 100, _LARGEST_FACTOR)),
            addon_max_ppm=min(room, random.choice((0, 1, 20_000, 75_000, 300_000, room // 2, room))),
            addon_step_ppm=random.choice((0, 1, 5_000, 20_000, 100_000, _LARGEST_PPM)),
        )


def _estimated(random: Random, market: Market, schedule: MarginSchedule) -> Market:
    """Return a market with an estimate at an end of what counts, and an add-on on its way or too large."""
    mark, parameters = market.mark, market.parameters
    # The least that adds something, and the least that adds all that is allowed.
    factor = max(schedule.volatility_factor, 1)
    first, last = (
        min(_LARGEST_PPM, -(-ppm // factor))
        for ppm in (parameters.maintenance_ppm + 1, parameters.maintenance_ppm + schedule.addon_max_ppm)
    )
    volatility = random.choice(
        (0, 7, first, last, last + 1, 8 * first // 7, 8 * last // 7, 20_000, _LARGEST_PPM)
    )
    before = random.choice((0, 0, 1, schedule.addon_max_ppm // 2, schedule.addon_max_ppm, 400_000))
    near = mark + random.randint(-mark // 20, mark // 20)
    return replace(
        market,
        sampled_mark=min(max(1, random.choice((mark, near, near, near, 1, c.RANK_MAX))), c.RANK_MAX),
        volatility_ppm=min(volatility, _LARGEST_PPM),
        volatility_addon_ppm=before,
        open_interest_addon_ppm=random.choice((0, 0, c.PPM_UNIT - parameters.initial_ppm)),
    )
