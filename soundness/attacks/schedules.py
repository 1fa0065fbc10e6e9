"""Margin schedules and risk words: those that the contract holds and those of the state, read in one way."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from msgspec.structs import replace

from sequencer.batch import tables
from sequencer.engine import epoch, schedule
from sequencer.engine.schedule import next_volatility
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model import market as leaves
from sequencer.model import schedule as words
from sequencer.model.config import Configuration
from sequencer.model.market import Market, MarketParameters
from sequencer.model.schedule import MarginSchedule
from sequencer.model.words import to_field
from soundness.attacks import volatility
from soundness.attacks.attack import (
    STATE,
    Cheat,
    CircuitAttack,
    Rule,
    Scenario,
    Tamper,
    around,
    at_seal,
    in_slot,
    replaced,
)
from soundness.attacks.configuration import HASH, using
from soundness.attacks.exchange import Exchange
from soundness.attacks.open_interest import BETWEEN, LOTS, MARKET, PARAMETERS, SCHEDULE, interested
from soundness.attacks.parameters import RISK_WORD, enacting, keeping_old, recorded, with_word, without_word
from soundness.attacks.volatility import FALLEN, SAMPLED, STEPPED
from tests.strategies import START

THEIRS: Final = "a market's schedule is that which the contract holds"
BOUNDS: Final = "lower < upper, initial_ppm + addon_max_ppm <= 10^6 and addon_max_ppm <= maintenance_ppm"
LIVE: Final = "a schedule is 0 where there is no market"
READING: Final = "the fields of a loaded risk word are in range"
ROOT: Final = "the risk word is that of the leaf under the old root"
RECORD: Final = "the new leaf and its record have what the batch computed"


# ---- The schedule.


def _with(schedule: MarginSchedule) -> Callable[[Configuration], Configuration]:
    """Replace the schedule of the first market."""
    return lambda terms: replace(terms, schedules=(schedule, *terms.schedules[1:]))


HIGH: Final = replace(PARAMETERS, initial_ppm=600_000, maintenance_ppm=600_000)


class _WithIdleSchedule(Configuration, frozen=True):
    """A configuration with a schedule of the second slot, in which there is no market."""

    def schedule_words(self) -> tuple[int, ...]:
        """Return the words of both schedules."""
        return (SCHEDULE.word(), SCHEDULE.word(), 0, 0)


def _idle(terms: Configuration) -> Configuration:
    return _WithIdleSchedule(
        terms.tiers,
        terms.oracle_keys,
        terms.oracle_max_age_seconds,
        terms.markets,
        terms.schedules,
        terms.insurance_floor,
    )


def _telling(schedule: MarginSchedule, slot: int = 0, **changes: int) -> Tamper:
    """Tell a schedule, its fields changed by so much."""
    names = {
        "marketOpenInterestLower": "open_interest_lower",
        "marketOpenInterestUpper": "open_interest_upper",
        "marketVolatilityFactor": "volatility_factor",
        "marketAddonMaxPpm": "addon_max_ppm",
        "marketAddonStepPpm": "addon_step_ppm",
        "marketTierPpm": "tier_ppm",
        "marketCongestionPpm": "congestion_ppm",
        "marketSettleSeconds": "settle_seconds",
    }
    told = {name: getattr(schedule, field) + changes.get(field, 0) for name, field in names.items()}
    return lambda inputs: in_slot(inputs, slot, **told)


def _adding(name: str, addon_ppm: int) -> Rule:
    """Add so much for open interest or volatility."""
    return schedule, name, lambda *terms, **named: addon_ppm


def _adding_at_once(addon_ppm: int) -> Cheat:
    """Add so much for volatility in the first market."""

    def addon(honest: Callable[..., int], market: Market, *terms: Any, sampling: bool) -> int:
        honestly = honest(market, *terms, sampling=sampling)
        return addon_ppm if market.sampled_mark == FALLEN.mark else honestly

    return replaced(around(schedule, "volatility_addon", addon))


def _together(*cheats: Cheat) -> Cheat:
    @contextmanager
    def cheating() -> Iterator[None]:
        with ExitStack() as stack:
            for cheat in cheats:
                stack.enter_context(cheat())
            yield

    return cheating


def _changed() -> Exchange:
    """Let the batch before consume a change of the schedule."""
    exchange = BETWEEN.prepare()
    exchange.change(_with(replace(SCHEDULE, open_interest_lower=500))(exchange.state.configuration))
    return exchange


CHANGED = Scenario(_changed, BETWEEN.play)


CAREFUL: Final = replace(SCHEDULE, tier_ppm=1_000, congestion_ppm=10_000, settle_seconds=3_600)
"""All fields are in use."""
CAUTIOUS = interested(schedule=CAREFUL)

# ---- The risk word.

OPEN: Final = replace(MARKET, open_interest=LOTS)
HELD: Final = replace(OPEN, congestion_addon_ppm=10_000, tier_ppm=2_000, fund_since=START - 60)
"""The insurance fund has a position here."""
HOLDING = interested(market=HELD, schedule=CAREFUL)


def packed(parts: Any) -> int:
    """Pack without looking at widths."""
    return sum(value << at for value, at, _ in parts)


def _opening(other: Market, slot: int) -> Rule:
    """Open the batch with other fields of a market's risk word."""

    def move(honest: Callable[..., None], state: State, *arguments: Any) -> None:
        state.put_market(slot, replace(state.market(slot), **_risk(other)))
        honest(state, *arguments)

    return around(epoch, "_accrue", move)


def _risk(market: Market) -> dict[str, Any]:
    return {
        "open_interest": market.open_interest,
        "sampled_mark": market.sampled_mark,
        "volatility_ppm": market.volatility_ppm,
        "volatility_addon_ppm": market.volatility_addon_ppm,
        "open_interest_addon_ppm": market.open_interest_addon_ppm,
        "congestion_addon_ppm": market.congestion_addon_ppm,
        "tier_ppm": market.tier_ppm,
        "fund_since": market.fund_since,
    }


def _loading(other: Market, slot: int) -> Tamper:
    """Load a market with other fields of its risk word, and tell what follows of them."""
    signed_return = min(schedule.signed_return(other.mark, other.sampled_mark), tables.RETURN_TOP)
    held = min(abs(signed_return), other.parameters.max_move_ppm)
    return lambda inputs: in_slot(
        inputs,
        slot,
        marketOpenInterest=other.open_interest,
        marketSampledMark=other.sampled_mark,
        marketVolatility=other.volatility_ppm,
        marketVolatilityAddon=other.volatility_addon_ppm,
        marketOpenInterestAddon=to_field(other.open_interest_addon_ppm),
        marketCongestionAddon=to_field(other.congestion_addon_ppm),
        marketTier=to_field(other.tier_ppm),
        marketFundSince=other.fund_since,
        marketReturn=to_field(signed_return),
        marketVolatilityAfter=next_volatility(other.volatility_ppm, held),
    )


def _attack(
    name: str,
    claim: str,
    rule: str,
    cheat: Cheat,
    *where: str,
    scenario: Scenario = BETWEEN,
    tamper: Tamper = dict,
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where or ("Batch",), cheat, tamper)


def _by_another(name: str, **fields: Any) -> CircuitAttack:
    return _attack(
        f"move-margins-by-another-{name}",
        THEIRS,
        HASH,
        replaced(*using(_with(replace(SCHEDULE, **fields)))),
    )


def _enacted(name: str, parameters: MarketParameters = PARAMETERS, **fields: Any) -> CircuitAttack:
    schedule = replace(SCHEDULE, **fields)
    return _attack(
        f"enact-{name}",
        "no schedule breaks the arithmetic of margins",
        BOUNDS,
        _together(
            enacting(lambda terms: replace(terms, markets=(parameters,), schedules=(schedule,))),
            replaced(_adding("open_interest_addon", 0)),
        ),
        "LoadedSchedule",
    )


def _misread(name: str, **carried: int) -> CircuitAttack:
    """Return the attack that reads other fields in the word of a schedule; the leaf follows."""
    other = _carrying(CAREFUL, carried)
    cheat = replaced(*using(_with(other)), (words, "pack", packed), (leaves, "pack", packed))
    return _attack(
        f"read-{name}", "a schedule has one reading", HASH, cheat, "LoadedSchedule", scenario=CAUTIOUS
    )


def _carrying(fields: Any, carried: dict[str, int]) -> Any:
    return replace(fields, **{field: getattr(fields, field) + by for field, by in carried.items()})


def _read(
    name: str, claim: str, before: Market, scenario: Scenario, slot: int = 0, **carried: Any
) -> CircuitAttack:
    """Return the attack that reads other fields in the same word: each change is carried into another one."""
    other = _carrying(before, carried)
    cheat = replaced(_opening(other, slot), (leaves, "pack", packed))
    return _attack(
        name, claim, READING, cheat, "LoadedMarket", scenario=scenario, tamper=_loading(other, slot)
    )


def _found(name: str, scenario: Scenario, before: Market, **fields: Any) -> CircuitAttack:
    other = replace(before, **fields)
    return _attack(
        f"find-another-{name}",
        "a batch opens with what the last one left",
        ROOT,
        replaced(_opening(other, 0)),
        scenario=scenario,
        tamper=_loading(other, 0),
    )


def _edited(name: str, scenario: Scenario, **fields: Any) -> CircuitAttack:
    return _attack(
        f"edit-{name}",
        "nobody chooses a margin",
        RECORD,
        at_seal(lambda state: state.put_market(0, replace(state.market(0), **fields))),
        *STATE,
        scenario=scenario,
    )


ATTACKS = (
    # ---- The schedule is the contract's.
    _by_another("lower-bound", open_interest_lower=1_500),
    _by_another("upper-bound", open_interest_upper=1_000_000),
    _by_another("factor", volatility_factor=0),
    _by_another("largest-add-on", addon_max_ppm=10_000),
    _by_another("step", addon_step_ppm=1),
    _by_another("tier", tier_ppm=1),
    _by_another("addition-for-congestion", congestion_ppm=1),
    _by_another("time-to-settle", settle_seconds=1),
    _attack(
        "keep-the-old-schedule-after-a-change",
        "a change holds from the next batch on",
        HASH,
        replaced(around(Exchange, "open", keeping_old)),
        scenario=CHANGED,
    ),
    # ---- No schedule breaks its bounds.
    _enacted("a-lower-bound-above-the-upper-one", open_interest_lower=2_001),
    _enacted("two-equal-bounds", open_interest_lower=2_000),
    _enacted("a-margin-beyond-the-value-of-a-position", HIGH, addon_max_ppm=400_001),
    _enacted("a-maintenance-margin-that-more-than-doubles", addon_max_ppm=50_001),
    _attack(
        "enact-a-schedule-of-a-slot-without-a-market",
        "a slot without a market has no margins",
        LIVE,
        enacting(_idle),
        "LoadedSchedule",
        tamper=_telling(SCHEDULE, 1),
    ),
    _attack(
        "read-a-factor-as-the-lower-bound",
        "a schedule has one reading",
        HASH,
        replaced(_adding("open_interest_addon", 0)),
        "LoadedSchedule",
        tamper=_telling(
            SCHEDULE,
            open_interest_lower=1 << c.OPEN_INTEREST_BITS,
            volatility_factor=-1,
        ),
    ),
    _attack(
        "read-the-largest-add-on-as-a-factor",
        "a schedule has one reading",
        HASH,
        _adding_at_once(40_000),
        "LoadedSchedule",
        scenario=SAMPLED,
        tamper=_telling(volatility.SCHEDULE, volatility_factor=1 << c.FACTOR_BITS, addon_max_ppm=-1),
    ),
    _misread("a-tier-as-a-step", addon_step_ppm=1 << c.PPM_BITS, tier_ppm=-1),
    _misread("an-addition-for-congestion-as-a-tier", tier_ppm=1 << c.PPM_BITS, congestion_ppm=-1),
    _misread(
        "a-time-to-settle-as-an-addition-for-congestion", congestion_ppm=1 << c.PPM_BITS, settle_seconds=-1
    ),
    _misread("the-upper-bound-as-a-time-to-settle", settle_seconds=1 << c.HALT_BITS, open_interest_upper=-1),
    # ---- The risk word has one reading.
    _read(
        "read-a-sampled-mark-as-open-interest",
        "nobody chooses the open interest",
        OPEN,
        interested(slot=1),
        1,
        open_interest=1 << c.SIZE_BITS,
        sampled_mark=-1,
    ),
    _read(
        "read-an-estimate-as-a-sampled-mark",
        "nobody chooses what was sampled",
        FALLEN,
        SAMPLED,
        sampled_mark=1 << c.PRICE_BITS,
        volatility_ppm=-1,
    ),
    _read(
        "read-an-add-on-as-an-estimate",
        "nobody chooses an estimate",
        OPEN,
        BETWEEN,
        volatility_ppm=1 << c.PPM_BITS,
        volatility_addon_ppm=-1,
    ),
    _read(
        "read-the-add-on-of-open-interest-as-that-of-volatility",
        "an add-on rises a step a sample",
        FALLEN,
        STEPPED,
        volatility_addon_ppm=1 << c.PPM_BITS,
        open_interest_addon_ppm=-1,
    ),
    _read(
        "read-the-add-on-of-congestion-as-that-of-open-interest",
        "nobody chooses an add-on",
        HELD,
        HOLDING,
        open_interest_addon_ppm=1 << c.PPM_BITS,
        congestion_addon_ppm=-1,
    ),
    _read(
        "read-a-tier-as-the-add-on-of-congestion",
        "nobody chooses an add-on",
        HELD,
        HOLDING,
        congestion_addon_ppm=1 << c.PPM_BITS,
        tier_ppm=-1,
    ),
    _read(
        "read-the-time-of-the-fund-as-a-tier",
        "nobody chooses since when the fund is stuck",
        HELD,
        HOLDING,
        tier_ppm=1 << c.PPM_BITS,
        fund_since=-1,
    ),
    # ---- It is the one under the old root.
    _found("sampled-mark", SAMPLED, FALLEN, sampled_mark=FALLEN.mark),
    _found("estimate", SAMPLED, FALLEN, volatility_ppm=0),
    _found("add-on-of-volatility", STEPPED, FALLEN, volatility_addon_ppm=75_000),
    _found("add-on-of-open-interest", BETWEEN, OPEN, open_interest_addon_ppm=0),
    _found("open-interest", BETWEEN, OPEN, open_interest=2 * LOTS),
    _found("add-on-of-congestion", HOLDING, HELD, congestion_addon_ppm=0),
    _found("tier", HOLDING, HELD, tier_ppm=0),
    _found("time-of-the-fund", HOLDING, HELD, fund_since=START),
    # ---- What the batch computed is left and published.
    _edited("a-sampled-mark", SAMPLED, sampled_mark=FALLEN.sampled_mark),
    _edited("an-estimate", BETWEEN, volatility_ppm=0),
    _edited("an-add-on-of-volatility", BETWEEN, volatility_addon_ppm=0),
    _edited("an-add-on-of-open-interest", BETWEEN, open_interest_addon_ppm=0),
    _edited("an-add-on-of-congestion", HOLDING, congestion_addon_ppm=10_000),
    _edited("a-tier", HOLDING, tier_ppm=0),
    _attack(
        "hide-the-margins-in-force",
        "who reads L1 sees the margins",
        RECORD,
        recorded(without_word(RISK_WORD)),
    ),
    _attack(
        "publish-other-margins",
        "what is published is so",
        RECORD,
        recorded(with_word(RISK_WORD, OPEN.risk_word())),
    ),
)
