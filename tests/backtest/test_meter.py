"""What the meter reads from the market: funding of an epoch, its rate, and the charge at its end."""

import pytest
from msgspec.structs import replace

from sequencer.backtest.meter import Meter
from sequencer.backtest.operator import reduce_risk
from sequencer.backtest.venue import Venue
from sequencer.engine.events import ShortfallCharged
from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.replay.terms import PERPETUAL, notional
from tests.backtest.venues import MARK, PARTNER, TRADER, move, raise_margins, raise_tier, rest, trade, venue

LOTS, LATER = 3_000, 15
EIGHT_HOURS_PPM = 28_800 * 1_000_000
# 100 dollars of collateral for 1,800 of position, of which 20 % are lost.
CRASH = 480_000


@pytest.fixture
def at() -> Venue:
    return venue(trader=100)


@pytest.fixture
def meter(at: Venue) -> Meter:
    """Has seen the epoch in which the trader bought."""
    seen = Meter(at.state)
    seen.opened()
    trade(at, Side.BUY, MARK, LOTS)
    seen.closed(MARK)
    return seen


def test_funding_is_what_the_longs_owe_for_the_time_before(at: Venue, meter: Meter) -> None:
    mark = at.state.market(0).mark
    move(at, MARK)
    meter.opened()
    owed = notional(mark, LOTS) * PERPETUAL.interest_ppm * LATER // EIGHT_HOURS_PPM
    assert meter.closed(MARK).funding == owed > 0
    assert at.state.funding_pool == 0
    at.state.settle(TRADER)
    assert at.state.funding_pool == owed + 1


def test_what_is_opened_in_an_epoch_owes_from_the_next_on(at: Venue, meter: Meter) -> None:
    funding = []
    for _ in range(2):
        move(at, MARK)
        meter.opened()
        trade(at, Side.BUY, MARK, LOTS // 3, account=PARTNER)
        funding.append(meter.closed(MARK).funding)
    assert funding[1] == pytest.approx(funding[0] * 4 / 3, abs=1)


def test_a_new_period_has_the_rate_of_what_orders_traded_at(at: Venue, meter: Meter) -> None:
    assert meter.closed(MARK).rate_ppm == PERPETUAL.interest_ppm
    trade(at, Side.BUY, MARK + 3_000, LOTS, account=PARTNER)
    at.open_epoch(at.state.timestamp + c.FUNDING_SECONDS, MARK)
    meter.opened()
    figures = meter.closed(MARK)
    assert figures.rate_ppm == pytest.approx(2_500 - 500, abs=50)
    owed = notional(MARK, 2 * LOTS) * PERPETUAL.interest_ppm // 1_000_000
    assert figures.funding == pytest.approx(owed, rel=1e-3)
    move(at, MARK)
    meter.opened()
    assert meter.closed(MARK).funding == pytest.approx(owed * 20 * LATER / c.FUNDING_SECONDS, rel=0.05)


def test_shorts_pay_where_orders_traded_below_the_mark(at: Venue, meter: Meter) -> None:
    # In a market's first epoch nothing is below its last mark, which was 0.
    move(at, MARK)
    trade(at, Side.BUY, MARK - 3_000, LOTS, account=PARTNER)
    at.open_epoch(at.state.timestamp + c.FUNDING_SECONDS, MARK)
    meter.opened()
    assert meter.closed(MARK).rate_ppm < 0
    move(at, MARK)
    meter.opened()
    assert meter.closed(MARK).funding < 0


@pytest.mark.parametrize("ppm", [0, 30_000])
def test_a_loss_is_measured_against_the_margin_that_stood_before_it(
    at: Venue, meter: Meter, ppm: int
) -> None:
    raise_margins(at, ppm)
    figures = meter.closed(MARK)
    assert (figures.initial_ppm, figures.maintenance_ppm) == (50_000 + ppm, 25_000 + ppm)
    assert figures.margin_held == pytest.approx(2 * notional(MARK, LOTS) * (50_000 + ppm) // 10**6, rel=1e-3)
    move(at, MARK * 99 // 100)
    meter.opened()
    assert meter.closed(MARK).loss_margin == figures.margin_held // 2


def test_a_loss_is_measured_against_the_margin_of_its_tier(at: Venue, meter: Meter) -> None:
    raise_tier(at, 1_000_000)
    market = at.state.market(0)
    margin = (notional(market.mark, LOTS) * 50_000 + LOTS**2 * market.tier_step) // 10**6
    assert market.tier_step > 0
    assert meter.closed(MARK).margin_held == pytest.approx(2 * margin, abs=1)
    move(at, MARK * 99 // 100)
    meter.opened()
    assert meter.closed(MARK).loss_margin == margin


def test_what_held_when_an_epoch_opened_is_said_of_it(at: Venue, meter: Meter) -> None:
    figures = meter.closed(MARK)
    assert not figures.settled
    assert not figures.uninsured
    at.state.put_venue(replace(at.state.venue, uninsured=True))
    at.state.put_market(0, replace(at.state.market(0), fund_since=c.SETTLED_SINCE))
    meter.opened()
    at.state.put_venue(replace(at.state.venue, uninsured=False))
    at.state.put_market(0, replace(at.state.market(0), fund_since=0))
    figures = meter.closed(MARK)
    assert figures.settled
    assert figures.uninsured


def test_a_charge_is_counted_in_the_epoch_that_it_ends(at: Venue, meter: Meter) -> None:
    move(at, CRASH)
    meter.opened()
    for events in reduce_risk(at):
        meter.hear(events)
    assert meter.closed(CRASH).charged == 0
    (charge,) = at.close_epoch()
    assert isinstance(charge, ShortfallCharged)
    meter.hear_end([charge])
    figures = meter.closed(CRASH)
    assert figures.charged == charge.amount > 0
    assert figures.funding_pool == at.state.funding_pool < 0
    assert figures.fund_equity == 0
    assert not figures.reduce_only
    move(at, CRASH)
    meter.opened()
    figures = meter.closed(CRASH)
    assert figures.charged == 0
    assert figures.reduce_only
    assert not figures.halted


def test_a_charge_of_the_longs_is_no_funding(at: Venue, meter: Meter) -> None:
    trade(at, Side.SELL, MARK, 2 * LOTS)
    move(at, 2 * MARK - CRASH)
    meter.opened()
    for events in reduce_risk(at):
        meter.hear(events)
    (charge,) = at.close_epoch()
    assert isinstance(charge, ShortfallCharged)
    meter.hear_end([charge])
    assert charge.side == Side.BUY
    figures = meter.closed(MARK)
    assert figures.charged == charge.amount
    move(at, MARK)
    meter.opened()
    assert meter.closed(MARK).funding < 10_000


def test_nobody_is_charged_where_the_fund_has_not_traded(at: Venue, meter: Meter) -> None:
    rest(at, Side.BUY, MARK - 100, 100)
    move(at, MARK)
    meter.opened()
    assert list(reduce_risk(at)) == []
    assert at.close_epoch() == []
    meter.hear_end([])
    assert meter.closed(MARK).charged == 0
