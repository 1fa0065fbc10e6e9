"""Tiers: a large position needs more than its rate, by its size squared, to be opened or withdrawn from."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Final

from msgspec.structs import replace

from sequencer.batch.signals import Inputs
from sequencer.engine import margin, matching
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Verdict
from sequencer.model.market import Market
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.model.schedule import STATIC
from soundness.attacks.attack import Cheat, CircuitAttack, Scenario, Tamper, around, in_slot, replaced
from soundness.attacks.exchange import BUY, MARK, PLAIN, SELL, Exchange, resting, trader

FUND, FRIEND, DEBTOR, MAKER, OTHER = range(5)
STEP: Final = "tier_step = ceil(lot value x tier_ppm x quote_per_tick_lot / 2^24)"
INITIAL: Final = "initial margin = |x| x lot value x initial + x^2 x tier_step, of the size after the fill"
HELD: Final = "held margin = |x| x lot value x held + x^2 x tier_step"
RESERVE: Final = "what rests reserves rate_max x open notional, without a tier"
MAINTENANCE: Final = "maintenance margin = |x| x lot value x maintenance, without a tier"
NOWHERE: Final = "a slot without a market has no tier"

# ---- A hundred lots are worth 1,000,000,000, need a tenth of that, and 59,604,645 more by their tier.

PARAMETERS: Final = replace(PLAIN.parameters, quote_per_tick_lot=10_000)
MARKET: Final = replace(PLAIN, parameters=PARAMETERS)
ELSEWHERE: Final = replace(PLAIN, parameters=replace(PARAMETERS, min_size=2))
LOT: Final = MARK * PARAMETERS.quote_per_tick_lot
SCHEDULE: Final = replace(STATIC, tier_ppm=1_000_000)
LOWER: Final = replace(STATIC, tier_ppm=200_000)
"""Of the second market."""
LOT_TIER: Final = 5_960_464_478
LOTS: Final = 100
RESTING: Final = 10
MEANS: Final = 10**13


def _owning(
    equity: int, *orders: Order, lots: int = 0, makers: int = MEANS, mark: int = MARK
) -> Callable[[], Exchange]:
    """Prepare a debtor with this equity and position, and a maker with such means."""

    def prepare() -> Exchange:
        accounts = {
            FUND: Account(owner=c.INSURANCE_OWNER, collateral=MEANS),
            FRIEND: trader(FRIEND, MEANS),
            DEBTOR: trader(DEBTOR, equity - lots * LOT, positions=(lots, 0, 0, 0)),
            MAKER: trader(MAKER, makers),
            OTHER: trader(OTHER, MEANS, positions=(-lots, 0, 0, 0)),
        }
        exchange = Exchange(accounts, orders, markets=(MARKET, ELSEWHERE), schedules=(SCHEDULE, LOWER))
        exchange.prices = mark, MARK, 0, 0
        return exchange

    return prepare


def _buying(lots: int) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.buy(DEBTOR, lots, MARK)


def _friend_buying(exchange: Exchange) -> None:
    exchange.buy(FRIEND, LOTS, MARK)


def _resting(exchange: Exchange) -> None:
    exchange.buy(DEBTOR, RESTING, 990)


def _withdrawing(exchange: Exchange) -> None:
    exchange.withdraw(DEBTOR, MEANS)


def _liquidating(exchange: Exchange) -> None:
    exchange.unsigned(Message.liquidation(DEBTOR, 0, SELL, 10))


ASK: Final = resting(1, MAKER, SELL, MARK, LOTS)
POOR = Scenario(_owning(110_000_000, ASK), _buying(LOTS))
SHORT_OF_HALF = Scenario(_owning(140_000_000, ASK), _buying(LOTS))
ABLE = Scenario(_owning(160_000_000, ASK), _buying(LOTS))
GROWING = Scenario(_owning(140_000_000, ASK, lots=60), _buying(40))
GROWING_BEYOND = Scenario(_owning(130_000_000, ASK, lots=60), _buying(40))
IN_PARTS = Scenario(
    _owning(130_000_000, *(resting(number, MAKER, SELL, MARK, LOTS // 2) for number in (1, 2))), _buying(LOTS)
)
POOR_MAKER = Scenario(_owning(MEANS, ASK, makers=110_000_000), _friend_buying)
LARGE_TO_REST = Scenario(_owning(120_000_000, lots=LOTS), _resting)
ABLE_TO_REST = Scenario(_owning(10_000_000), _resting)
OWNER = Scenario(_owning(200_000_000, lots=LOTS), _withdrawing)
HEALTHY = Scenario(_owning(60_000_000, resting(1, MAKER, BUY, MARK, 50), lots=LOTS), _liquidating)
RISEN = Scenario(_owning(MEANS, lots=LOTS, mark=1_010), _resting)


def _stepping(lie: Callable[[int], int]) -> Cheat:
    """Take another tier step than the market's for every margin."""
    return replaced((Market, "tier_step", property(lambda market: lie(_step(market)))))


def _step(market: Market) -> int:
    """Return the tier step of a market that is not settled."""
    whole = market.mark * market.parameters.quote_per_tick_lot**2 * market.tier_ppm
    return -(-whole >> c.TIER_UNIT_BITS)


def _margins(name: str, lie: Callable[[Market, int], int]) -> Cheat:
    """Ask for another margin of so many lots."""
    return replaced((Market, name, lie))


def _without_tier(rate: str) -> Callable[[Market, int], int]:
    return lambda market, size: market.value(abs(size)) * int(getattr(market, rate))


def _judging(surcharge: Callable[[int, int], int]) -> Cheat:
    """Judge a fill by what its position needs at its rate, and as many times the tier step as this says."""

    def judge(
        before: Account, after: Account, markets: Sequence[Market], slot: int, *, reducing: bool
    ) -> Verdict | None:
        market, sizes = markets[slot], (before.positions[slot], after.positions[slot])
        needed = market.value(abs(sizes[1])) * market.initial_ppm + surcharge(*sizes) * market.tier_step
        return None if margin.health(after, markets).equity * c.PPM_UNIT >= needed else Verdict.MARGIN

    return replaced((matching, "judge_fill", judge))


def _reserving_by_tier(
    honest: Callable[[Account, Sequence[Market]], int], account: Account, markets: Sequence[Market]
) -> int:
    """Reserve for the lots that rest what their tier will ask for."""
    return honest(account, markets) + RESTING * RESTING * markets[0].tier_step


def _told(step: int, slot: int = 0) -> Tamper:
    return lambda inputs: in_slot(inputs, slot, marketTierStep=step)


def _modulo_p(inputs: Inputs) -> Inputs:
    """Take the step modulo p that nothing is added to."""
    whole = LOT * SCHEDULE.tier_ppm * PARAMETERS.quote_per_tick_lot
    step = whole * pow(1 << c.TIER_UNIT_BITS, -1, c.FIELD_MODULUS)
    return in_slot(inputs, 0, marketTierStep=step % c.FIELD_MODULUS)


def _attack(
    name: str,
    claim: str,
    scenario: Scenario,
    cheat: Cheat,
    *where: str,
    rule: str = INITIAL,
    tamper: Tamper = dict,
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where or ("OrderExchange",), cheat, tamper)


def _hint(
    name: str, claim: str, tamper: Tamper, scenario: Scenario = ABLE, rule: str = STEP
) -> CircuitAttack:
    return _attack(name, claim, scenario, nullcontext, "TierStep", rule=rule, tamper=tamper)


_LARGE: Final = "a large position needs more than its rate"
_OF_ALL: Final = "what is needed grows with all that a position has, not with what it trades"
_ONE: Final = "a tier step has one value"

ATTACKS = (
    # ---- The step.
    _hint("round-a-tier-step-down", _ONE, _told(LOT_TIER - 1)),
    _hint("round-a-tier-step-up-twice", _ONE, _told(LOT_TIER + 1)),
    _hint("claim-that-there-is-no-tier", _ONE, _told(0)),
    _hint("solve-for-a-tier-step-modulo-p", "a tier step is an integer", _modulo_p),
    _hint("step-at-another-markets-tier", "a market has a tier of its own", _told(LOT_TIER // 5 + 1)),
    _hint(
        "step-at-the-last-mark", "a tier is of what a lot is worth at the new mark", _told(LOT_TIER), RISEN
    ),
    _hint(
        "step-in-a-slot-without-a-market",
        "there are tiers of live markets only",
        _told(1, 3),
        rule=NOWHERE,
    ),
    # ---- What may be opened.
    _attack("open-without-a-tier", _LARGE, POOR, _stepping(lambda step: 0)),
    _attack("open-at-half-of-a-tier", _LARGE, SHORT_OF_HALF, _stepping(lambda step: step // 2)),
    _attack(
        "open-at-another-markets-tier",
        "a market has a tier of its own",
        POOR,
        _stepping(lambda step: LOT_TIER // 5 + 1),
        "TierStep",
        tamper=_told(LOT_TIER // 5 + 1),
    ),
    _attack(
        "refuse-to-open-by-a-higher-tier",
        "who has what the tier asks for may open",
        ABLE,
        _stepping(lambda step: 2 * step),
    ),
    _attack("open-at-the-tier-of-the-size-before", _OF_ALL, GROWING, _judging(lambda old, new: old * old)),
    _attack(
        "open-at-the-tier-of-the-lots-traded",
        _OF_ALL,
        GROWING,
        _judging(lambda old, new: old * old + (new - old) ** 2),
    ),
    _attack("open-in-parts", _OF_ALL, IN_PARTS, _judging(lambda old, new: (new - old) ** 2)),
    _attack(
        "open-at-a-tier-of-the-size-alone",
        "the surcharge grows with the square of the size",
        GROWING_BEYOND,
        _judging(lambda old, new: abs(new)),
    ),
    _attack(
        "sell-as-a-maker-without-a-tier",
        "a maker meets the tier when its order fills",
        POOR_MAKER,
        _stepping(lambda step: 0),
        "Step",
    ),
    _attack(
        "rest-without-the-tier-of-a-position",
        "who rests has what the tiers of its positions ask for",
        LARGE_TO_REST,
        _margins("initial_margin", _without_tier("initial_ppm")),
        "Step",
    ),
    _attack(
        "reserve-what-a-tier-would-ask",
        "what rests reserves without a tier",
        ABLE_TO_REST,
        replaced(around(margin, "_reserve", _reserving_by_tier)),
        "SelectRows",
        rule=RESERVE,
    ),
    # ---- What may be withdrawn, and who is liquidated.
    _attack(
        "withdraw-what-a-tier-holds-back",
        "a withdrawal leaves what the tier asks for",
        OWNER,
        _margins("held_margin", _without_tier("held_ppm")),
        "ProcessRequest",
        rule=HELD,
    ),
    _attack(
        "withhold-more-than-a-tier",
        "a withdrawal leaves no more than what the tier asks for",
        OWNER,
        _stepping(lambda step: step + 200),
        "ProcessRequest",
        rule=HELD,
    ),
    _attack(
        "liquidate-because-a-position-is-large",
        "no tier liquidates anybody",
        HEALTHY,
        _margins(
            "maintenance_margin",
            lambda market, size: (
                _without_tier("maintenance_ppm")(market, size) + size * size * market.tier_step
            ),
        ),
        rule=MAINTENANCE,
    ),
)
