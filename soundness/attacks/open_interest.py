"""Open interest: what that of the last batch adds to an initial margin at the new mark, and to that alone."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Final

from msgspec.structs import replace

from sequencer.batch.signals import Inputs
from sequencer.engine import epoch, schedule
from sequencer.model import constants as c
from sequencer.model.market import Market, MarketParameters
from sequencer.model.premium import Premium
from sequencer.model.schedule import STATIC, MarginSchedule
from soundness.attacks.attack import Cheat, CircuitAttack, Scenario, Tamper, around, in_slot, replaced
from soundness.attacks.exchange import MARK, PLAIN, SELL, Exchange, resting, trader
from tests.strategies import START

LONG, SHORT, MAKER, TAKER = 1, 2, 3, 4
ADDON: Final = "add-on = clamp(floor(missing x (N - lower) / (upper - lower)), 0, missing)"
VALUE: Final = "N = open interest that the last batch left x value of a lot at the new mark"
MISSING: Final = "missing = 10^6 - initial_ppm - volatility add-on"
NOWHERE: Final = "a slot without a market has no margin rates"
CAP: Final = "the bounds of the funding rate are those of the configuration"

# ---- A market whose open interest of 151 lots is worth 1511.51 dollars of 1000 to 2000 at the new mark.

LOTS: Final = 151
NEW_MARK: Final = 1_001
MEANS: Final = 10**12
PARAMETERS: Final = replace(PLAIN.parameters, quote_per_tick_lot=10_000)
MARKET: Final = replace(
    PLAIN,
    parameters=PARAMETERS,
    sampled_mark=MARK,
    volatility_ppm=10_058,
    volatility_addon_ppm=20_000,
    open_interest_addon_ppm=300_000,
)
SCHEDULE: Final = replace(
    STATIC,
    open_interest_lower=1_000,
    open_interest_upper=2_000,
    volatility_factor=8,
    addon_max_ppm=50_000,
)
ROOM: Final = c.PPM_UNIT - PARAMETERS.initial_ppm - MARKET.volatility_addon_ppm
ADDED: Final = 450_128
"""Of 880,000 x 0.51151."""
LOWER, UPPER = 1_000 * c.OPEN_INTEREST_UNIT, 2_000 * c.OPEN_INTEREST_UNIT


def _in(slot: int, lots: int) -> tuple[int, ...]:
    return tuple(lots if place == slot else 0 for place in range(c.MARKETS))


def interested(
    lots: int = LOTS,
    mark: int = NEW_MARK,
    market: Market = MARKET,
    premium: Premium | None = None,
    slot: int = 0,
    schedule: MarginSchedule = SCHEDULE,
) -> Scenario:
    """Return the batch that opens one lot more than such a long and a short have; other markets are plain."""

    def prepare() -> Exchange:
        accounts = {number: trader(number, MEANS) for number in (MAKER, TAKER)}
        accounts[LONG] = trader(LONG, MEANS, positions=_in(slot, lots))
        accounts[SHORT] = trader(SHORT, MEANS, positions=_in(slot, -lots))
        orders = [resting(1, MAKER, SELL, mark, 1, slot)]
        premiums = (premium or Premium(),) * (slot + 1)
        exchange = Exchange(
            accounts,
            orders,
            markets=(*[PLAIN] * slot, market),
            premiums=premiums,
            schedules=(*[STATIC] * slot, schedule),
        )
        exchange.prices = (*[MARK] * slot, mark, *[0] * (c.MARKETS - slot - 1))
        return exchange

    return Scenario(prepare, lambda exchange: exchange.buy(TAKER, 1, mark, market=slot))


BETWEEN = interested()
BELOW = interested(50)
AT_LOWER = interested(100, MARK)
AT_UPPER = interested(200, MARK)
ABOVE = interested(250)
STEEP = interested(
    market=replace(MARKET, oracle_time=START - c.FUNDING_SECONDS), premium=Premium(1_000_000, 5_000_000)
)


def _adding(addon_ppm: int) -> Cheat:
    return replaced((schedule, "open_interest_addon", lambda *terms: addon_ppm))


def _of(lie: Callable[[int, int], tuple[int, int]]) -> Cheat:
    """Add what another base rate and another value of the open interest would."""

    def addon(honest: Callable[..., int], base_ppm: int, notional: int, schedule: MarginSchedule) -> int:
        return honest(*lie(base_ppm, notional), schedule)

    return replaced(around(schedule, "open_interest_addon", addon))


def _lot_value(mark: int) -> int:
    return mark * PARAMETERS.quote_per_tick_lot


def _modulo_p(inputs: Inputs) -> Inputs:
    """Take the add-on modulo p that leaves no rest."""
    whole = ROOM * (LOTS * _lot_value(NEW_MARK) - LOWER)
    return in_slot(
        inputs,
        0,
        marketOpenInterestAddonAfter=whole * pow(UPPER - LOWER, -1, c.FIELD_MODULUS) % c.FIELD_MODULUS,
    )


def _in_an_empty_slot(inputs: Inputs) -> Inputs:
    """Ask for full margin where there is no market."""
    return in_slot(inputs, 3, marketOpenInterestAddonAfter=c.PPM_UNIT)


def _by_margins_in_force(
    honest: Callable[..., int], premium: Premium, market: Market, parameters: MarketParameters
) -> int:
    """Bound a rate by the margins of the last batch."""
    in_force = replace(parameters, initial_ppm=market.initial_ppm, maintenance_ppm=market.maintenance_ppm)
    return honest(premium, market, in_force)


def _attack(
    name: str,
    claim: str,
    cheat: Cheat,
    *where: str,
    rule: str = ADDON,
    scenario: Scenario = BETWEEN,
    tamper: Tamper = dict,
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where or ("OpenInterestAddon",), cheat, tamper)


_ONE: Final = "an add-on has one value"
_VALUES: Final = (
    ("round-the-add-on-of-open-interest-up", ADDED + 1, BETWEEN),
    ("round-the-add-on-of-open-interest-down-twice", ADDED - 1, BETWEEN),
    ("ask-for-full-margin-between-the-bounds", ROOM, BETWEEN),
    ("add-nothing-between-the-bounds", 0, BETWEEN),
    ("keep-the-add-on-of-the-last-open-interest", MARKET.open_interest_addon_ppm, BETWEEN),
    ("add-for-open-interest-below-the-bounds", 1, BELOW),
    ("ask-for-full-margin-below-the-bounds", ROOM, BELOW),
    ("add-for-open-interest-at-the-lower-bound", 1, AT_LOWER),
    ("ask-for-less-than-full-margin-at-the-upper-bound", ROOM - 1, AT_UPPER),
    ("ask-for-less-than-full-margin-above-the-bounds", ROOM - 1, ABOVE),
    ("add-nothing-above-the-bounds", 0, ABOVE),
    ("ask-for-more-than-full-margin", ROOM + 1, ABOVE),
)

ATTACKS = (
    *(_attack(name, _ONE, _adding(value), scenario=scenario) for name, value, scenario in _VALUES),
    _attack(
        "solve-for-an-add-on-modulo-p",
        "an add-on is an integer",
        nullcontext,
        tamper=_modulo_p,
    ),
    _attack(
        "add-for-what-the-batch-opens",
        "the batch that trades does not change its own margins",
        _of(lambda base, notional: (base, (LOTS + 1) * _lot_value(NEW_MARK))),
        rule=VALUE,
    ),
    _attack(
        "value-open-interest-at-the-last-mark",
        "open interest is worth what the new mark says",
        _of(lambda base, notional: (base, LOTS * _lot_value(MARK))),
        rule=VALUE,
    ),
    _attack(
        "count-longs-and-shorts",
        "open interest is that of one side",
        _of(lambda base, notional: (base, 2 * notional)),
        rule=VALUE,
    ),
    _attack(
        "add-to-the-rate-without-the-other-add-on",
        "margins are 100 % at the upper bound, and no more",
        _of(lambda base, notional: (PARAMETERS.initial_ppm, notional)),
        rule=MISSING,
    ),
    _attack(
        "ask-for-margin-in-a-slot-without-a-market",
        "there are margins of live markets only",
        nullcontext,
        rule=NOWHERE,
        tamper=_in_an_empty_slot,
    ),
    _attack(
        "cap-a-rate-by-the-margins-in-force",
        "no open interest makes funding dearer",
        replaced(around(epoch, "next_rate", _by_margins_in_force)),
        "Batch",
        rule=CAP,
        scenario=STEEP,
    ),
)
