"""What margins that rise by themselves may not do: bring anyone to the insurance fund without the price."""

import pytest
from msgspec.structs import replace

from sequencer.engine.events import TakenOver
from sequencer.model.codes import Side, Verdict
from sequencer.model.market import MarketParameters
from sequencer.model.schedule import STATIC, MarginSchedule
from tests.engine.venue import Setting, Venue, verdicts

LOTS, MARK = 1_000, 1_000
TERMS = MarketParameters(1, 50_000, 25_000, 500_000, 1, LOTS, max_move_ppm=300_000, halt_seconds=10)
# No open interest of these few lots reaches a bound.
STEEP = replace(
    STATIC,
    open_interest_lower=1_000,
    open_interest_upper=2_000,
    volatility_factor=25,
    addon_max_ppm=25_000,
    addon_step_ppm=25_000,
)
STATIC_MAINTENANCE = LOTS * MARK * TERMS.maintenance_ppm // 10**6


def shaken(setting: Setting, equity: int, schedule: MarginSchedule = STEEP) -> Venue:
    """A long of this equity at a mark that went away and came back, and an empty book."""
    venue = setting(
        accounts={
            "alice": {"collateral": equity - LOTS * MARK, "positions": (LOTS, 0, 0, 0)},
            "bob": {"positions": (-LOTS, 0, 0, 0)},
        },
        markets=(TERMS,),
        schedules=(schedule,),
    )
    for mark in (MARK, MARK + 50, MARK, MARK):
        venue.mark(mark, seconds=300)
    return venue


def test_an_account_with_its_static_maintenance_margin_is_not_taken_over(setting: Setting) -> None:
    """Though twice as much is asked for, and nobody else would take its lots."""
    venue = shaken(setting, STATIC_MAINTENANCE)
    assert venue.seen.markets[0].volatility_addon_ppm == TERMS.maintenance_ppm
    assert verdicts(venue.liquidate("alice", Side.SELL, LOTS)) == [Verdict.NOT_DUE]


def test_one_that_the_price_brought_below_it_is(setting: Setting) -> None:
    venue = shaken(setting, STATIC_MAINTENANCE - 1)
    assert isinstance(venue.liquidate("alice", Side.SELL, LOTS)[-1], TakenOver)


def test_no_schedule_adds_more_than_the_maintenance_margin() -> None:
    STEEP.check(TERMS)
    with pytest.raises(ValueError, match="addon_max_ppm"):
        replace(STEEP, addon_max_ppm=TERMS.maintenance_ppm + 1).check(TERMS)
