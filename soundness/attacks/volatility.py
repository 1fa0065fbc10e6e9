"""Volatility: a sample of the last mark in each cell, an estimate of it, and the add-on that follows."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Final

from msgspec.structs import replace

from sequencer.batch.signals import Inputs
from sequencer.engine import epoch, schedule
from sequencer.engine.schedule import next_volatility
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus
from sequencer.model.market import Market
from sequencer.model.schedule import STATIC, MarginSchedule
from sequencer.model.words import to_field
from soundness.attacks.attack import Cheat, CircuitAttack, Scenario, Tamper, around, in_slot, replaced
from soundness.attacks.exchange import MARK, PLAIN, Exchange
from tests.strategies import START

CELL: Final = "a batch samples iff its round stands in another cell of 300 s than that of the batch before"
SAMPLE: Final = "a sample is of the mark that the last batch left, in every market"
RETURN: Final = "return = min(|floor((mark before - sampled mark) x 10^6 / sampled mark)|, max_move_ppm)"
ESTIMATE: Final = "volatility = ceil((7 x volatility + return) / 8)"
TARGET: Final = "target = clamp(volatility_factor x volatility - maintenance_ppm, 0, addon_max_ppm)"
RISE: Final = (
    "the add-on is the target, and at most a step above the one before, a step that only a sample has"
)

# ---- A market that has fallen from 1040 to 1000 ticks, or by 38,461.5 ppm, and rises to 1010 in the batch.

TIME: Final = START + 1
"""Oracle time of the batch, in the cell that begins at `START`."""
NEW_MARK: Final = 1_010
SCHEDULE: Final = replace(
    STATIC,
    open_interest_lower=0,
    open_interest_upper=1_000_000,
    volatility_factor=8,
    addon_max_ppm=50_000,
    addon_step_ppm=20_000,
)
FALLEN: Final = replace(
    PLAIN,
    mark=MARK,
    oracle_time=START - 1,
    sampled_mark=1_040,
    volatility_ppm=6_000,
    volatility_addon_ppm=20_000,
)
ELSEWHERE: Final = replace(FALLEN, mark=2_000, sampled_mark=2_100, volatility_ppm=3_000)
RETURNED: Final = -38_462
ESTIMATED: Final = 10_058
STEPPING: Final = replace(SCHEDULE, addon_step_ppm=5_000)
WANTED: Final = 30_464
"""8 times the estimate less the maintenance margin."""
TOP: Final = (1 << c.PPM_BITS) - 1


def moving(
    market: Market = FALLEN, schedule: MarginSchedule = SCHEDULE, mark: int = NEW_MARK, **fields: Any
) -> Scenario:
    """Return the batch of an order in the first of two markets, whose leaf before has such fields."""

    def prepare() -> Exchange:
        first = replace(market, **fields)
        second = replace(ELSEWHERE, oracle_time=first.oracle_time)
        exchange = Exchange(markets=(first, second), schedules=(schedule, SCHEDULE))
        exchange.prices = mark, ELSEWHERE.mark, 0, 0
        return exchange

    return Scenario(prepare, lambda exchange: exchange.buy(2, 1, 990))


SAMPLED = moving()
WITHIN = moving(oracle_time=START, volatility_ppm=ESTIMATED)
FIRST = moving(sampled_mark=0)
LEAPT = moving(replace(FALLEN, mark=2_200, sampled_mark=1_000), mark=2_200)
HALTED = moving(replace(FALLEN, status=MarketStatus.HALTED), halted_until=START + 60)
STEPPED = moving(schedule=STEPPING)
CAPPED = moving(schedule=replace(SCHEDULE, addon_max_ppm=22_000))
FALLING = moving(volatility_addon_ppm=60_000)
FALLING_WITHIN = moving(oracle_time=START, volatility_ppm=ESTIMATED, volatility_addon_ppm=60_000)


def _is_first(market: Market) -> bool:
    return market.mark != ELSEWHERE.mark


# ---- The cell.


def _deciding(sampling: bool) -> Cheat:
    return replaced((epoch, "is_sampling", lambda *times: sampling))


def _naming(**cells: int) -> Tamper:
    return lambda inputs: inputs | cells


NOW: Final = TIME // c.SAMPLE_SECONDS
FRACTION: Final = (TIME - 7) * pow(c.SAMPLE_SECONDS, -1, c.FIELD_MODULUS) % c.FIELD_MODULUS
"""A cell modulo p that leaves a rest of 7 seconds."""


# ---- The sample and the estimate.


def _sampling(lie: Callable[[Market, Market], Market]) -> Cheat:
    """Sample the first market otherwise: by what it was, and what it should be."""

    def sampled(honest: Callable[..., Market], market: Market, max_move_ppm: int) -> Market:
        after = honest(market, max_move_ppm)
        return lie(market, after) if _is_first(market) else after

    return replaced(around(epoch, "sampled", sampled))


def _leaving(**fields: Any) -> Cheat:
    """Leave other fields of the sample in the first market."""
    return _sampling(lambda before, after: replace(after, **fields))


def hinting(**hints: int) -> Tamper:
    """Return the tampering that tells hints of the first market."""
    return lambda inputs: in_slot(inputs, 0, **hints)


def _unsampled(before: Market, after: Market) -> Market:
    return before


def _return_modulo_p(inputs: Inputs) -> Inputs:
    """Take the return modulo p that leaves no rest."""
    fraction = (
        (FALLEN.mark - FALLEN.sampled_mark) * c.PPM_UNIT * pow(FALLEN.sampled_mark, -1, c.FIELD_MODULUS)
    )
    return in_slot(inputs, 0, marketReturn=fraction % c.FIELD_MODULUS)


def _average_modulo_p(inputs: Inputs) -> Inputs:
    """Take the estimate modulo p that nothing is added to."""
    whole = 7 * FALLEN.volatility_ppm - RETURNED
    return in_slot(inputs, 0, marketVolatilityAfter=whole * pow(8, -1, c.FIELD_MODULUS) % c.FIELD_MODULUS)


# ---- The add-on.


def _adding(lie: Callable[..., int]) -> Cheat:
    """Add another one to the first market: `lie` gets the market, its parameters and the step it may take."""

    def addon(honest: Callable[..., int], market: Market, *terms: Any, sampling: bool) -> int:
        return lie(market) if _is_first(market) else honest(market, *terms, sampling=sampling)

    return replaced(around(schedule, "volatility_addon", addon))


def _always(value: int) -> Cheat:
    return _adding(lambda market: value)


def _before(market: Market) -> int:
    return market.volatility_addon_ppm


def _attack(
    name: str,
    claim: str,
    rule: str,
    cheat: Cheat,
    *where: str,
    scenario: Scenario = SAMPLED,
    tamper: Tamper = dict,
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where or ("Batch",), cheat, tamper)


def _estimate(
    name: str, claim: str, signed_return: int, average: int | None = None, scenario: Scenario = SAMPLED
) -> CircuitAttack:
    """Return the attack that tells another return or average, and leaves the estimate that it gives."""
    before = FALLEN.volatility_ppm
    rule = RETURN if average is None else ESTIMATE
    held = min(abs(signed_return), PLAIN.parameters.max_move_ppm)
    average = next_volatility(before, held) if average is None else average
    hints = hinting(marketReturn=to_field(signed_return), marketVolatilityAfter=average)
    cheat = _leaving(volatility_ppm=average)
    return _attack(name, claim, rule, cheat, "Volatility", scenario=scenario, tamper=hints)


ATTACKS = (
    # ---- The cell.
    _attack("skip-a-sample", "each cell has its sample", CELL, _deciding(False)),
    _attack(
        "skip-a-sample-by-another-cell-of-the-batch",
        "each cell has its sample",
        CELL,
        _deciding(False),
        "PeriodOf",
        tamper=_naming(sampleAfter=NOW - 1),
    ),
    _attack(
        "skip-a-sample-by-another-cell-of-the-last-batch",
        "each cell has its sample",
        CELL,
        _deciding(False),
        "PeriodOf",
        tamper=_naming(sampleBefore=NOW),
    ),
    _attack(
        "take-a-second-sample-in-a-cell",
        "a cell has one sample",
        CELL,
        _deciding(True),
        scenario=WITHIN,
    ),
    _attack(
        "take-a-second-sample-by-another-cell-of-the-batch",
        "a cell has one sample",
        CELL,
        _deciding(True),
        "PeriodOf",
        scenario=WITHIN,
        tamper=_naming(sampleAfter=NOW + 1),
    ),
    _attack(
        "take-a-second-sample-by-another-cell-of-the-last-batch",
        "a cell has one sample",
        CELL,
        _deciding(True),
        "PeriodOf",
        scenario=WITHIN,
        tamper=_naming(sampleBefore=NOW - 1),
    ),
    _attack(
        "take-a-second-sample-by-a-cell-modulo-p",
        "a cell is an integer",
        CELL,
        _deciding(True),
        "PeriodOf",
        scenario=WITHIN,
        tamper=_naming(sampleAfter=FRACTION),
    ),
    # ---- The sample.
    _attack(
        "sample-a-market-twice",
        "a sample counts once",
        SAMPLE,
        _leaving(volatility_ppm=next_volatility(ESTIMATED, -RETURNED)),
    ),
    _attack(
        "sample-the-mark-of-the-batch",
        "no choice of the batch that samples changes the sample",
        SAMPLE,
        _leaving(sampled_mark=NEW_MARK, volatility_ppm=next_volatility(6_000, 28_847)),
        "Volatility",
        tamper=hinting(marketReturn=to_field(-28_847), marketVolatilityAfter=next_volatility(6_000, 28_847)),
    ),
    _attack(
        "leave-the-mark-of-the-batch-as-the-sample",
        "the next return is from the mark that was sampled",
        SAMPLE,
        _leaving(sampled_mark=NEW_MARK),
    ),
    _attack(
        "leave-the-old-sample",
        "a move counts once",
        SAMPLE,
        _leaving(sampled_mark=FALLEN.sampled_mark),
    ),
    _attack(
        "sample-another-markets-mark",
        "a market has a sample of its own",
        SAMPLE,
        _leaving(sampled_mark=ELSEWHERE.mark),
    ),
    _attack(
        "pass-a-market-over",
        "a batch samples every market",
        SAMPLE,
        _sampling(_unsampled),
    ),
    _attack(
        "pass-a-halted-market-over",
        "a halted market is sampled",
        SAMPLE,
        _sampling(_unsampled),
        scenario=HALTED,
    ),
    # ---- The return.
    _estimate("round-a-fall-towards-zero", "a return has one value", RETURNED + 1),
    _estimate("round-a-fall-down-twice", "a return has one value", RETURNED - 1),
    _estimate("claim-that-nothing-moved", "what moves is volatile", 0),
    _estimate("claim-the-largest-return", "a return passes for the largest only where it is no less", TOP),
    _estimate("make-a-return-of-the-first-sample", "a first sample has no return", TOP, scenario=FIRST),
    _estimate("exceed-the-largest-return", "a return has 20 bits", 1_200_000, scenario=LEAPT),
    _estimate("claim-less-than-the-largest-return", "a return has one value", TOP - 1, scenario=LEAPT),
    _attack(
        "solve-for-a-return-modulo-p",
        "a return is an integer",
        RETURN,
        nullcontext,
        "Volatility",
        tamper=_return_modulo_p,
    ),
    _estimate(
        "count-a-jump-in-full",
        "a jump holds margins up for no longer than what the breaker lets pass",
        TOP,
        next_volatility(FALLEN.volatility_ppm, TOP),
        LEAPT,
    ),
    _estimate("count-no-jump", "a jump is volatile", TOP, next_volatility(FALLEN.volatility_ppm, 0), LEAPT),
    _estimate(
        "count-a-move-as-a-jump",
        "what is no jump counts as what it is",
        RETURNED,
        next_volatility(FALLEN.volatility_ppm, PLAIN.parameters.max_move_ppm),
    ),
    # ---- The estimate.
    _estimate("round-an-estimate-down", "an estimate has one value", RETURNED, ESTIMATED - 1),
    _estimate("round-an-estimate-up-twice", "an estimate has one value", RETURNED, ESTIMATED + 1),
    _estimate("forget-the-estimate-before", "an estimate is an average", RETURNED, -RETURNED),
    _estimate("average-no-return", "an estimate follows the mark", RETURNED, FALLEN.volatility_ppm),
    _attack(
        "keep-the-estimate-and-leave-a-sample",
        "an estimate follows the mark",
        ESTIMATE,
        _leaving(volatility_ppm=FALLEN.volatility_ppm),
    ),
    _attack(
        "solve-for-an-estimate-modulo-p",
        "an estimate is an integer",
        ESTIMATE,
        nullcontext,
        "Volatility",
        tamper=_average_modulo_p,
    ),
    # ---- The add-on.
    _attack("keep-the-add-on-of-the-last-batch", "margins follow the estimate", TARGET, _adding(_before)),
    _attack("drop-the-add-on", "margins follow the estimate", TARGET, _always(0)),
    _attack("add-a-ppm-more", "margins rise no higher than the estimate asks", TARGET, _always(WANTED + 1)),
    _attack("add-a-ppm-less", "margins cover what the mark moves", TARGET, _always(WANTED - 1)),
    _attack(
        "add-what-the-last-estimate-asked",
        "margins follow the estimate of their batch",
        TARGET,
        _always(0),
        scenario=FALLING,
    ),
    _attack(
        "add-what-the-maintenance-margin-covers",
        "the add-on is what the maintenance margin does not cover",
        TARGET,
        _always(40_000),
    ),
    _attack(
        "add-more-than-the-bound",
        "margins rise no higher than the schedule says",
        TARGET,
        _always(WANTED),
        scenario=CAPPED,
    ),
    _attack(
        "rise-by-more-than-a-step",
        "who is liquidated because margins rose has seen them rise",
        RISE,
        _always(WANTED),
        scenario=STEPPED,
    ),
    _attack(
        "rise-by-less-than-a-step",
        "margins rise by what they must",
        RISE,
        _always(24_999),
        scenario=STEPPED,
    ),
    _attack(
        "rise-without-a-sample",
        "margins rise in a batch that samples only",
        RISE,
        _always(WANTED),
        scenario=WITHIN,
    ),
    _attack(
        "hold-the-add-on-when-the-estimate-fell",
        "margins fall at once",
        RISE,
        _adding(_before),
        scenario=FALLING,
    ),
    _attack(
        "fall-by-a-step",
        "margins fall at once",
        RISE,
        _always(40_000),
        scenario=FALLING,
    ),
    _attack(
        "hold-the-add-on-within-a-cell",
        "margins fall at once, in any batch",
        RISE,
        _adding(_before),
        scenario=FALLING_WITHIN,
    ),
)
