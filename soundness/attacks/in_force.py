"""The margin rates in force: fills, resting orders, withdrawals and liquidations use them, and no others."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.market import Market
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.model.schedule import STATIC, MarginSchedule
from soundness.attacks.attack import Cheat, CircuitAttack, Scenario, replaced
from soundness.attacks.exchange import BUY, MARK, PLAIN, RICH, SELL, Exchange, resting, trader

FUND, FRIEND, DEBTOR, MAKER, OTHER = range(5)
INITIAL: Final = "initial = initial_ppm + volatility, open-interest and congestion add-ons"
HELD: Final = "held = initial_ppm + volatility add-on + open-interest add-on"
RESERVE: Final = "rate_max is the largest of initial_ppm + volatility add-on among the live markets"
MAINTENANCE: Final = "maintenance = maintenance_ppm + volatility add-on"
LOTS: Final = 100
"""Of a position that is worth 100,000."""

# ---- Maintenance and initial margin are 50,000 and 100,000 ppm, 70,000 and 120,000 with the add-on.

RAISED: Final = replace(PLAIN, sampled_mark=MARK, volatility_ppm=10_058, volatility_addon_ppm=20_000)
RAISING: Final = replace(STATIC, volatility_factor=8, addon_max_ppm=50_000, addon_step_ppm=0)
FULL: Final = replace(STATIC, open_interest_lower=0, open_interest_upper=1)
"""A dollar of open interest asks for full margin, a tenth of one for 190,000 ppm."""


def _owning(
    equity: int,
    *orders: Order,
    lots: int = 0,
    market: Market = RAISED,
    schedule: MarginSchedule = RAISING,
    makers: int = RICH,
) -> Callable[[], Exchange]:
    """Prepare a debtor with this equity and position, and a maker with such means."""

    def prepare() -> Exchange:
        accounts = {
            FUND: Account(owner=c.INSURANCE_OWNER, collateral=RICH),
            DEBTOR: trader(DEBTOR, equity - lots * MARK, positions=(lots, 0, 0, 0)),
            MAKER: trader(MAKER, makers),
            OTHER: trader(OTHER, positions=(-lots, 0, 0, 0)),
        }
        return Exchange(accounts, orders, markets=(market,), schedules=(schedule,))

    return prepare


def _ask() -> Order:
    return resting(1, MAKER, SELL, MARK, 10)


def _bid(size: int = 50) -> Order:
    return resting(1, MAKER, BUY, MARK, size)


def _buying(exchange: Exchange) -> None:
    exchange.buy(DEBTOR, 10, MARK)


def _selling(exchange: Exchange) -> None:
    exchange.sell(DEBTOR, 10, MARK)


def _friend_buying(exchange: Exchange) -> None:
    exchange.buy(FRIEND, 10, MARK)


def _resting(exchange: Exchange) -> None:
    exchange.buy(DEBTOR, 10, 990)


def _withdrawing(exchange: Exchange) -> None:
    exchange.withdraw(DEBTOR, 1_000_000)


def _liquidating(size: int) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.unsigned(Message.liquidation(DEBTOR, 0, SELL, size))


POOR = Scenario(_owning(1_100, _ask()), _buying)
ABLE = Scenario(_owning(1_300, _ask()), _buying)
POOR_MAKER = Scenario(_owning(RICH, _ask(), makers=1_100), _friend_buying)
POOR_TO_REST = Scenario(_owning(1_100), _resting)
ABLE_TO_REST = Scenario(_owning(1_300), _resting)
FULL_TO_TRADE = Scenario(_owning(15_000, _ask(), lots=LOTS, market=PLAIN, schedule=FULL), _buying)
FULL_TO_WITHDRAW = Scenario(_owning(30_000, lots=LOTS, market=PLAIN, schedule=FULL), _withdrawing)
FULL_TO_REST = Scenario(_owning(15_000, lots=LOTS, market=PLAIN, schedule=FULL), _resting)
FULL_AND_ABLE_TO_REST = Scenario(_owning(20_500, lots=LOTS, market=PLAIN, schedule=FULL), _resting)
OWNER_OF_ORDERS = Scenario(_owning(50_000, resting(1, DEBTOR, BUY, 990, 10)), _withdrawing)
SHORT_OF_BOTH = Scenario(_owning(6_000, _bid(), lots=LOTS), _selling)
OWNER = Scenario(_owning(50_000, lots=LOTS), _withdrawing)
DUE = Scenario(_owning(6_000, _bid(), lots=LOTS), _liquidating(10))
HEALTHY = Scenario(_owning(8_000, _bid(), lots=LOTS), _liquidating(10))
ENOUGH = Scenario(_owning(6_500, _bid(), lots=LOTS), _liquidating(20))
FULL_AND_HEALTHY = Scenario(_owning(6_000, _bid(), lots=LOTS, market=PLAIN, schedule=FULL), _liquidating(10))
BELOW_HALF = Scenario(_owning(3_000, lots=LOTS), _liquidating(LOTS))
ABOVE_HALF = Scenario(_owning(4_000, lots=LOTS), _liquidating(LOTS))


def _initial(rate: Callable[[Market], int]) -> Cheat:
    return replaced((Market, "initial_ppm", property(rate)))


def _reserve(rate: Callable[[Market], int]) -> Cheat:
    return replaced((Market, "reserve_ppm", property(rate)))


def _held(rate: Callable[[Market], int]) -> Cheat:
    return replaced((Market, "held_ppm", property(rate)))


def _maintenance(rate: Callable[[Market], int]) -> Cheat:
    return replaced((Market, "maintenance_ppm", property(rate)))


_CONFIGURED_INITIAL: Final = _initial(lambda market: market.parameters.initial_ppm)
_CONFIGURED_RESERVE: Final = _reserve(lambda market: market.parameters.initial_ppm)
_CONFIGURED_HELD: Final = _held(lambda market: market.parameters.initial_ppm)
_CONFIGURED_MAINTENANCE: Final = _maintenance(lambda market: market.parameters.maintenance_ppm)
_HIGHER_INITIAL: Final = _initial(lambda market: market.parameters.initial_ppm + 50_000)
_HIGHER_HELD: Final = _held(lambda market: market.parameters.initial_ppm + 50_000)
_HIGHER_RESERVE: Final = _reserve(lambda market: market.parameters.initial_ppm + 50_000)
_CROWDED_RESERVE: Final = _reserve(lambda market: market.initial_ppm)
_HIGHER_MAINTENANCE: Final = _maintenance(lambda market: market.parameters.maintenance_ppm + 50_000)
_BY_OPEN_INTEREST: Final = _maintenance(
    lambda market: market.parameters.maintenance_ppm + market.open_interest_addon_ppm
)


def _attack(
    name: str, claim: str, scenario: Scenario, cheat: Cheat, *where: str, rule: str = INITIAL
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where, cheat)


ATTACKS = (
    # ---- The initial margin.
    _attack(
        "open-at-the-configured-margin",
        "opening a position takes the initial margin in force",
        POOR,
        _CONFIGURED_INITIAL,
        "OrderExchange",
    ),
    _attack(
        "sell-as-a-maker-at-the-configured-margin",
        "a maker opens at the initial margin in force",
        POOR_MAKER,
        _CONFIGURED_INITIAL,
        "Step",
    ),
    _attack(
        "refuse-to-open-above-the-margin-in-force",
        "who has the initial margin in force may open",
        ABLE,
        _HIGHER_INITIAL,
        "OrderExchange",
    ),
    _attack(
        "rest-at-the-configured-margin",
        "open orders are reserved for at the rate in force",
        POOR_TO_REST,
        _CONFIGURED_RESERVE,
        "Step",
        rule=RESERVE,
    ),
    _attack(
        "refuse-to-rest-above-the-margin-in-force",
        "who has the reserve in force may rest",
        ABLE_TO_REST,
        _HIGHER_RESERVE,
        "SelectRows",
        rule=RESERVE,
    ),
    _attack(
        "reserve-what-open-interest-adds",
        "what trades in a market binds no order that rests",
        FULL_AND_ABLE_TO_REST,
        _CROWDED_RESERVE,
        "SelectRows",
        rule=RESERVE,
    ),
    _attack(
        "rest-without-the-add-on-of-open-interest-to-a-position",
        "who rests has the initial margin in force of its positions",
        FULL_TO_REST,
        _CONFIGURED_INITIAL,
        "Step",
    ),
    _attack(
        "withdraw-what-open-orders-reserve",
        "a withdrawal leaves the reserve in force",
        OWNER_OF_ORDERS,
        _CONFIGURED_RESERVE,
        "ProcessRequest",
        rule=RESERVE,
    ),
    _attack(
        "withdraw-at-the-configured-margin",
        "a withdrawal leaves the margin in force",
        OWNER,
        _CONFIGURED_HELD,
        "ProcessRequest",
        rule=HELD,
    ),
    _attack(
        "withhold-more-than-the-margin-in-force",
        "a withdrawal leaves no more than the margin in force",
        OWNER,
        _HIGHER_HELD,
        "ProcessRequest",
        rule=HELD,
    ),
    _attack(
        "open-without-the-add-on-of-open-interest",
        "opening a position takes what open interest adds",
        FULL_TO_TRADE,
        _CONFIGURED_INITIAL,
        "OrderExchange",
    ),
    _attack(
        "withdraw-without-the-add-on-of-open-interest",
        "a withdrawal leaves what open interest adds",
        FULL_TO_WITHDRAW,
        _CONFIGURED_HELD,
        "ProcessRequest",
        rule=HELD,
    ),
    # ---- The maintenance margin.
    _attack(
        "reduce-at-the-configured-margin",
        "who reduces below the initial margin covers the maintenance margin in force",
        SHORT_OF_BOTH,
        _CONFIGURED_MAINTENANCE,
        "OrderExchange",
        rule=MAINTENANCE,
    ),
    _attack(
        "refuse-a-liquidation-that-margins-in-force-make-due",
        "who is below the maintenance margin in force is liquidated",
        DUE,
        _CONFIGURED_MAINTENANCE,
        "OrderExchange",
        rule=MAINTENANCE,
    ),
    _attack(
        "liquidate-above-the-margin-in-force",
        "nobody is liquidated who covers the maintenance margin in force",
        HEALTHY,
        _HIGHER_MAINTENANCE,
        "OrderExchange",
        rule=MAINTENANCE,
    ),
    _attack(
        "sell-more-than-the-margin-in-force-makes-due",
        "no lot more is sold than restores the maintenance margin in force",
        ENOUGH,
        _HIGHER_MAINTENANCE,
        "OrderExchange",
        rule=MAINTENANCE,
    ),
    _attack(
        "liquidate-because-others-trade",
        "nobody is liquidated because of open interest",
        FULL_AND_HEALTHY,
        _BY_OPEN_INTEREST,
        "OrderExchange",
        rule=MAINTENANCE,
    ),
    _attack(
        "keep-the-fund-waiting-by-the-configured-margin",
        "the fund takes over below half of the maintenance margin in force",
        BELOW_HALF,
        _CONFIGURED_MAINTENANCE,
        "Step",
        rule=MAINTENANCE,
    ),
    _attack(
        "take-over-above-half-of-the-margin-in-force",
        "the fund waits above half of the maintenance margin in force",
        ABOVE_HALF,
        _HIGHER_MAINTENANCE,
        "Step",
        rule=MAINTENANCE,
    ),
)
