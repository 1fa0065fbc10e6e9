"""A run is the same for the same seed, loses nothing, and in a fall every stage of liquidation occurs."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from msgspec.structs import replace

from sequencer.backtest.run import run_backtest
from sequencer.backtest.settings import Settings
from sequencer.backtest.simulation import Simulation
from sequencer.engine import apply
from sequencer.engine.commands import Command, SequenceMessage
from sequencer.engine.events import Event, Filled, MessageSequenced, Rested, ShortfallCharged, TakenOver
from sequencer.engine.margin import health
from sequencer.engine.schedule import open_interest_addon
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.codes import MessageKind
from sequencer.model.message import Message
from sequencer.replay.bars import MOMENTS
from sequencer.replay.terms import PERPETUAL, QUOTE_PER_DOLLAR, notional
from tests.backtest.data import BEGIN, FALL, MINUTES, day, fall, fresh, static

FEE_PPM = PERPETUAL.liquidation_fee_ppm
# An epoch and a second less
SOON = 14
FLOOR = 100_000 * QUOTE_PER_DOLLAR


def message_of(events: Sequence[Event]) -> Message:
    first = events[0]
    assert isinstance(first, MessageSequenced)
    return first.message


def signed(side: int, lots: int) -> int:
    return lots * (1 - 2 * side)


def test_the_same_seed_gives_the_same_run() -> None:
    assert fresh() == fall()


def test_another_seed_gives_another_run() -> None:
    assert fresh(4, seed=2).epochs != fall().epochs[: 4 * 4]


def test_a_longer_run_begins_like_a_shorter_one() -> None:
    assert fresh(3).epochs == fall().epochs[: 3 * 4]


def test_each_recorded_price_is_an_epoch() -> None:
    assert [epoch.index for epoch in fall().epochs] == [price for bar in FALL for price in bar.path()]
    assert all(abs(epoch.index - epoch.mark) <= 20 for epoch in fall().epochs)


def test_every_stage_occurs_in_a_fall() -> None:
    summary = fall().summary
    assert summary.cancelled > 0
    assert summary.book_fills > 0
    assert summary.takeovers > 0
    assert summary.waiting_most > 0
    assert summary.accounts_liquidated > 5


def test_every_kind_trades() -> None:
    groups = {group.kind: group for group in fall().groups}
    assert list(groups) == [
        *("maker", "long", "short", "arbitrageur", "noise", "squeezer", "straddler", "insurance fund")
    ]
    assert all(group.profit != 0 for group in groups.values())


@pytest.mark.parametrize("given", [{}, {"settle_seconds": SOON}, {"insurance_floor": FLOOR}])
def test_what_everybody_owns_is_what_was_paid_in_after_every_epoch(given: dict[str, int]) -> None:
    """But for what rounding takes: less than a unit whenever somebody is settled."""
    simulation = Simulation(Settings(MINUTES, **given))
    for number, _ in enumerate(simulation.run(FALL), start=1):
        state = simulation.venue.state
        equities = sum(health(state.account(account), state.markets).equity for account in state.accounts)
        paid_in = simulation.venue.deposited.total() - simulation.venue.withdrawn.total()
        assert 0 <= paid_in - equities - state.fee_pool <= (number + 1) * len(state.accounts)


def test_the_winning_side_is_charged_what_the_events_say(monkeypatch: pytest.MonkeyPatch) -> None:
    charges: list[ShortfallCharged] = []

    def heard(state: State, command: Command) -> list[Event]:
        events = apply(state, command)
        charges.extend(event for event in events if isinstance(event, ShortfallCharged))
        return events

    monkeypatch.setattr("sequencer.backtest.venue.apply", heard)
    for epoch in Simulation(Settings(MINUTES)).run(FALL):
        assert epoch.charged == sum(charge.amount for charge in charges)
        charges.clear()
    assert fall().summary.charges > 1
    assert fall().summary.socialized_loss > fall().summary.socialized_loss_largest > 0


def test_a_fund_that_has_traded_owes_nothing_when_the_epoch_ends() -> None:
    traded = [epoch for epoch in fall().epochs if epoch.takeovers or epoch.unwinding_fills]
    assert len(traded) > 5
    assert all(epoch.fund_shortfall == 0 for epoch in traded)
    assert all(epoch.charged == 0 for epoch in fall().epochs if epoch not in traded)


def test_funding_is_a_rate_of_what_is_open() -> None:
    summary = fresh(4, interest_ppm=10_000).summary
    assert summary.funding > 0
    # In its first period, in which nothing has traded yet, the rate is the interest, at most 500 ppm.
    assert (summary.rate_highest_ppm, summary.rate_lowest_ppm) == (500, 500)
    assert fresh(4, interest_ppm=0).summary.funding == 0
    assert fresh(4, interest_ppm=0).summary.funding_pool == 0


def test_the_fund_trades_away_what_it_took_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Towards zero, once an epoch, at the mark less the fee or better; nothing else moves its position."""
    simulation = Simulation(Settings(MINUTES))
    heard: list[Sequence[Event]] = []
    monkeypatch.setattr(simulation.meter, "hear", heard.append)
    position = unwound = 0
    for epoch in simulation.run(FALL):
        told = [(message_of(events), event) for events in heard for event in events]
        heard.clear()
        assert (
            sum(message.is_unwinding and isinstance(event, MessageSequenced) for message, event in told) <= 1
        )
        for message, event in told:
            if isinstance(event, TakenOver):
                position -= signed(event.side, event.quantity)
            elif isinstance(event, Filled) and message.is_unwinding:
                worse = signed(message.side, event.head.price - epoch.mark)
                assert worse * c.PPM_UNIT <= FEE_PPM * epoch.mark
                after = position + signed(message.side, event.quantity)
                assert 0 <= after * position < position**2
                position, unwound = after, unwound + event.quantity
        assert position == epoch.fund_position
    assert unwound == fall().summary.unwound_lots > 0
    assert fall().summary.unwinding_fills > 0


def test_the_fund_owes_what_nobody_covers() -> None:
    for epoch in fall().epochs:
        assert epoch.uncovered == max(epoch.account_shortfall - epoch.fund_equity, 0)
        assert epoch.fund_shortfall == max(-epoch.fund_equity, 0)


def test_a_run_across_two_periods_has_a_rate_of_each() -> None:
    """The same bars, so much later that the second half of them is in the next period."""
    half = MINUTES // 2
    later = -FALL[half].open_time % c.FUNDING_SECONDS
    bars = [replace(bar, open_time=bar.open_time + later) for bar in FALL]
    epochs = run_backtest(bars, Settings(MINUTES)).epochs
    rates = [epoch.rate_ppm for epoch in epochs]
    boundary = half * MOMENTS
    assert set(rates[:boundary]) == {PERPETUAL.interest_ppm}
    assert len(set(rates[boundary:])) == 1
    assert abs(rates[-1]) > 500
    # The first epoch of the period still owes for the time before it.
    owed = [epoch.funding for epoch in epochs[boundary - 1 : boundary + 2]]
    assert owed[1] == pytest.approx(owed[0], rel=0.2)
    assert owed[2] / owed[1] == pytest.approx(rates[-1] / rates[0], rel=0.2)


def test_after_a_charge_nobody_sends_what_the_market_does_not_take(monkeypatch: pytest.MonkeyPatch) -> None:
    reduced: list[tuple[Message, list[Event]]] = []

    def heard(state: State, command: Command) -> list[Event]:
        is_reduced = state.market(0).is_reduce_only
        events = apply(state, command)
        if is_reduced and isinstance(command, SequenceMessage):
            reduced.append((command.message, events))
        return events

    monkeypatch.setattr("sequencer.backtest.venue.apply", heard)
    epochs = list(Simulation(Settings(MINUTES)).run(FALL))
    orders = [(message, events) for message, events in reduced if message.kind == MessageKind.ORDER]
    assert all(message.reduce_only for message, _ in orders)
    assert {Filled, Rested} <= {type(event) for _, events in orders for event in events}
    assert 0 < sum(epoch.reduce_only for epoch in epochs) < len(epochs)


def test_the_market_only_reduces_until_so_many_seconds_after_the_charge() -> None:
    until = 0
    for epoch in fall().epochs:
        assert epoch.reduce_only == (epoch.time < until)
        if epoch.charged:
            until = epoch.time + PERPETUAL.halt_seconds


def test_below_its_floor_the_fund_stops_new_risk_until_it_has_recovered() -> None:
    epochs = fresh(insurance_floor=FLOOR).epochs
    assert epochs[0].fund_equity == FLOOR
    for before, epoch in pairwise(epochs):
        assert epoch.reduce_only or not epoch.uninsured
        if epoch.uninsured != before.uninsured:
            assert epoch.uninsured == (before.fund_equity < FLOOR)
    assert {epoch.uninsured for epoch in epochs} == {False, True}
    assert not epochs[-1].uninsured


def test_a_market_that_the_fund_is_stuck_in_settles() -> None:
    epochs = fresh(settle_seconds=SOON).epochs
    first = next(place for place, epoch in enumerate(epochs) if epoch.settled)
    taken, stuck, settled = epochs[first - 2], epochs[first - 1], epochs[first:]
    assert taken.takeovers > 0
    assert not any(epoch.fund_position for epoch in epochs[: first - 2])
    assert all(epoch.settled and epoch.reduce_only for epoch in settled)
    assert {epoch.mark for epoch in settled} == {stuck.mark}
    assert {epoch.initial_ppm for epoch in settled} == {epoch.maintenance_ppm for epoch in settled} == {1}
    assert not any(epoch.funding or epoch.loss for epoch in settled)
    opened = [epoch.open_interest for epoch in epochs[first - 1 :]]
    assert opened == sorted(opened, reverse=True)
    assert opened[-1] < opened[0]


def test_a_run_with_a_settlement_is_the_same_every_time() -> None:
    given = {"settle_seconds": SOON, "insurance_floor": FLOOR}
    assert fresh(**given) == fresh(**given)


def test_a_halt_lets_accounts_fall_below_zero() -> None:
    summary = fresh(max_move_ppm=20_000).summary
    assert summary.halts > 0
    assert summary.halted_epochs >= summary.halts
    assert summary.account_shortfall_largest > 0
    assert summary.waiting_most > 1


def test_static_margins_are_those_of_the_market_in_every_epoch() -> None:
    assert {(epoch.initial_ppm, epoch.maintenance_ppm) for epoch in static().epochs} == {(50_000, 25_000)}


def test_static_margins_give_what_they_gave_before_margins_moved() -> None:
    summary = static().summary
    assert (summary.messages, summary.trades, summary.volume) == (3_204, 387, 15_067_353_071_350)
    assert (summary.book_volume, summary.taken_volume) == (2_191_664_178_132, 2_505_672_071_339)
    assert (summary.fund_equity, summary.socialized_loss) == (381_365_706_295, 183_289_088_120)


def test_margins_do_not_move_before_there_is_a_reason() -> None:
    assert fresh(3, tier_ppm=0).epochs == static().epochs[: 3 * MOMENTS]


def test_volatility_raises_both_margins_while_the_price_falls() -> None:
    """By a step a cell of five minutes at most, and before the low."""
    rates = [epoch.maintenance_ppm for epoch in day().epochs]
    assert rates[0] == 25_000
    assert rates == sorted(rates)
    for before, epoch in pairwise(day().epochs):
        rise = epoch.maintenance_ppm - before.maintenance_ppm
        is_sample = before.time // c.SAMPLE_SECONDS != epoch.time // c.SAMPLE_SECONDS
        assert rise <= 5_000 * is_sample
        assert epoch.initial_ppm - epoch.maintenance_ppm >= 25_000
    low = min(day().epochs, key=lambda epoch: epoch.mark)
    assert rates[BEGIN * MOMENTS] > 25_000
    assert low.maintenance_ppm >= 35_000


def test_open_interest_raises_the_initial_margin_alone() -> None:
    """By what the epoch before has left, at the new mark, and back again."""
    rates = []
    for before, epoch in pairwise(day().epochs):
        base_ppm = epoch.maintenance_ppm + 25_000
        value = notional(epoch.mark, before.open_interest)
        assert epoch.initial_ppm == base_ppm + open_interest_addon(base_ppm, value, Settings(1).schedule())
        rates.append(epoch.initial_ppm - epoch.maintenance_ppm)
    assert max(rates) > 100_000
    assert rates[0] == rates[-1] == 25_000


def test_margins_that_rise_leave_less_to_the_fund() -> None:
    assert fall().summary.taken_volume < static().summary.taken_volume
    assert fall().summary.margin_used_ppm < static().summary.margin_used_ppm


def test_tiers_leave_less_to_open() -> None:
    most = {tier_ppm: _largest_position(tier_ppm) for tier_ppm in (0, 1_000_000)}
    assert most[1_000_000] < most[0]


def _largest_position(tier_ppm: int) -> int:
    simulation = Simulation(Settings(MINUTES, tier_ppm=tier_ppm))
    return max(
        abs(account.positions[0])
        for _ in simulation.run(FALL)
        for number, account in simulation.venue.state.accounts.items()
        if number != c.INSURANCE_ACCOUNT
    )


def test_less_leverage_needs_less_of_the_fund() -> None:
    assert fresh(leverage=5).summary.taken_volume < fall().summary.taken_volume
