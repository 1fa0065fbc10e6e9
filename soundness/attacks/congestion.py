"""Congestion: while L1 waits for a batch new risk needs more margin, and nothing else does, until it ends."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from sequencer.engine import epoch
from sequencer.engine.events import RequestProcessed
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.market import Market
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.model.request import Request
from sequencer.model.schedule import STATIC
from sequencer.model.venue import Venue
from soundness.attacks.attack import APPLYING, Cheat, CircuitAttack, Scenario, around, replaced
from soundness.attacks.exchange import BUY, MARK, PLAIN, RICH, SELL, Exchange, resting, trader
from tests.strategies import START

FUND, FRIEND, DEBTOR, MAKER, OTHER = range(5)
TIME: Final = START + 1
ADDON: Final = "congestion add-on = congestion_ppm where timestamp < congested_until, else 0"
INITIAL: Final = "initial = initial_ppm + volatility, open-interest and congestion add-ons"
NOTHING_ELSE: Final = "congestion raises no withdrawal, no reserve and no maintenance margin"
REPORTED: Final = "a report holds from the batch after the one that consumes it"

# ---- Margins of 100,000 and 50,000 ppm, and 40,000 more of what is opened while L1 is congested.

LOTS: Final = 100
SCHEDULE: Final = replace(STATIC, congestion_ppm=40_000)
LOWER: Final = replace(STATIC, congestion_ppm=10_000)
"""Of the second market."""


def _owning(
    equity: int, until: int, *orders: Order, lots: int = 0, makers: int = RICH
) -> Callable[[], Exchange]:
    """Prepare a debtor with this equity and position, and when congestion ends; the batch is at `TIME`."""

    def prepare() -> Exchange:
        accounts = {
            FUND: Account(owner=c.INSURANCE_OWNER, collateral=RICH),
            DEBTOR: trader(DEBTOR, equity - lots * MARK, positions=(lots, 0, 0, 0)),
            MAKER: trader(MAKER, makers),
            OTHER: trader(OTHER, positions=(-lots, 0, 0, 0)),
        }
        return Exchange(
            accounts,
            orders,
            markets=(PLAIN, PLAIN),
            schedules=(SCHEDULE, LOWER),
            venue=Venue(congested_until=until),
        )

    return prepare


def _buying(exchange: Exchange) -> None:
    exchange.buy(DEBTOR, 10, MARK)


def _friend_buying(exchange: Exchange) -> None:
    exchange.buy(FRIEND, 10, MARK)


def _resting(exchange: Exchange) -> None:
    exchange.buy(DEBTOR, 10, 990)


def _withdrawing(exchange: Exchange) -> None:
    exchange.withdraw(DEBTOR, RICH)


def _liquidating(exchange: Exchange) -> None:
    exchange.unsigned(Message.liquidation(DEBTOR, 0, SELL, 10))


def _reporting(exchange: Exchange) -> None:
    exchange.restrict(Venue(congested_until=TIME + 3_600))
    _buying(exchange)


ASK: Final = resting(1, MAKER, SELL, MARK, 10)
POOR = Scenario(_owning(1_200, TIME + 1, ASK), _buying)
OVER = Scenario(_owning(1_200, TIME, ASK), _buying)
CALM = Scenario(_owning(1_200, 0, ASK), _buying)
POOR_MAKER = Scenario(_owning(RICH, TIME + 1, ASK, makers=1_200), _friend_buying)
POOR_TO_REST = Scenario(_owning(12_000, TIME + 1, lots=LOTS), _resting)
ABLE_TO_REST = Scenario(_owning(1_100, TIME + 1), _resting)
OWNER = Scenario(_owning(50_000, TIME + 1, lots=LOTS), _withdrawing)
HEALTHY = Scenario(_owning(6_000, TIME + 1, resting(1, MAKER, BUY, MARK, 50), lots=LOTS), _liquidating)
REPORTING = Scenario(_owning(1_200, 0, ASK), _reporting)


def _congested(lie: Callable[[Venue, int], bool]) -> Cheat:
    """Tell otherwise whether a batch is congested."""
    return replaced((Venue, "is_congested", lie))


def _at_anothers_share(honest: Callable[..., Market], market: Market, *terms: Any, **named: Any) -> Market:
    """Add to each market what its schedule does not say, but that of the second."""
    after = honest(market, *terms, **named)
    return replace(after, congestion_addon_ppm=LOWER.congestion_ppm) if after.exists else after


def _without(market: Market) -> int:
    return market.parameters.initial_ppm


def _initial(rate: Callable[[Market], int]) -> Cheat:
    return replaced((Market, "initial_ppm", property(rate)))


def _raising(name: str, rate: Callable[[Market], int]) -> Cheat:
    """Let congestion raise another rate too."""
    return replaced((Market, name, property(lambda market: rate(market) + market.congestion_addon_ppm)))


def _at_once(honest: Callable[..., RequestProcessed], state: State, request: Request) -> RequestProcessed:
    """Let a report raise the margins of its own batch."""
    event = honest(state, request)
    state.put_market(0, replace(state.market(0), congestion_addon_ppm=SCHEDULE.congestion_ppm))
    return event


def _attack(
    name: str, claim: str, scenario: Scenario, cheat: Cheat, *where: str, rule: str = ADDON
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where or ("OrderExchange",), cheat)


_ASKED: Final = "opening a position in congestion takes what congestion adds"
_ITS_TIME: Final = "congestion lasts as long as L1 says"

ATTACKS = (
    # ---- While it lasts, and no longer.
    _attack("ignore-congestion", _ASKED, POOR, _congested(lambda venue, now: False)),
    _attack("invent-congestion", "only a report raises margins", CALM, _congested(lambda venue, now: True)),
    _attack(
        "end-congestion-a-second-early",
        _ITS_TIME,
        POOR,
        _congested(lambda venue, now: now + 1 < venue.congested_until),
    ),
    _attack(
        "prolong-congestion-by-a-second",
        _ITS_TIME,
        OVER,
        _congested(lambda venue, now: now <= venue.congested_until),
    ),
    _attack(
        "add-what-another-market-adds-for-congestion",
        "a market has a share of its own",
        POOR,
        replaced(around(epoch, "scheduled", _at_anothers_share)),
    ),
    _attack(
        "congest-the-batch-that-consumes-the-report",
        "nobody's margin rises within a batch",
        REPORTING,
        replaced(around(APPLYING, "process_request", _at_once)),
        rule=REPORTED,
    ),
    # ---- What it raises.
    _attack("open-without-the-add-on-of-congestion", _ASKED, POOR, _initial(_without), rule=INITIAL),
    _attack(
        "sell-as-a-maker-without-the-add-on-of-congestion",
        "a maker opens at the initial margin in force",
        POOR_MAKER,
        _initial(_without),
        "Step",
        rule=INITIAL,
    ),
    _attack(
        "rest-without-the-add-on-of-congestion-to-a-position",
        "who rests has the initial margin in force of its positions",
        POOR_TO_REST,
        _initial(_without),
        "Step",
        rule=INITIAL,
    ),
    # ---- And what it does not.
    _attack(
        "withhold-what-congestion-adds",
        "congestion keeps nobody's money",
        OWNER,
        _raising("held_ppm", _without),
        "ProcessRequest",
        rule=NOTHING_ELSE,
    ),
    _attack(
        "reserve-what-congestion-adds",
        "what rests reserves no more in congestion",
        ABLE_TO_REST,
        _raising("reserve_ppm", _without),
        "SelectRows",
        rule=NOTHING_ELSE,
    ),
    _attack(
        "liquidate-by-what-congestion-adds",
        "congestion liquidates nobody",
        HEALTHY,
        _raising("maintenance_ppm", lambda market: market.parameters.maintenance_ppm),
        rule=NOTHING_ELSE,
    ),
)
