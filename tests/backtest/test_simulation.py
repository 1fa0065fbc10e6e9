"""A run is the same for the same seed, loses nothing, and in a fall every stage of liquidation occurs."""

from collections.abc import Sequence

import pytest

from sequencer.backtest.settings import Settings
from sequencer.backtest.simulation import Simulation
from sequencer.engine.events import Event, Filled, MessageSequenced, TakenOver
from sequencer.engine.margin import health
from sequencer.model import constants as c
from sequencer.model.message import Message
from sequencer.replay.terms import PERPETUAL
from tests.backtest.data import FALL, MINUTES, fall, fresh

FEE_PPM = PERPETUAL.liquidation_fee_ppm


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


def test_what_everybody_owns_is_what_was_paid_in_after_every_epoch() -> None:
    simulation = Simulation(Settings(MINUTES))
    for _ in simulation.run(FALL):
        state = simulation.venue.state
        equities = sum(health(account, state.markets).equity for account in state.accounts.values())
        paid_in = simulation.venue.deposited.total() - simulation.venue.withdrawn.total()
        assert equities + state.fee_pool == paid_in


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


def test_a_halt_lets_accounts_fall_below_zero() -> None:
    summary = fresh(max_move_ppm=20_000).summary
    assert summary.halts > 0
    assert summary.halted_epochs >= summary.halts
    assert summary.account_shortfall_largest > 0
    assert summary.waiting_most > 1


def test_less_leverage_needs_less_of_the_fund() -> None:
    assert fresh(leverage=5).summary.taken_volume < fall().summary.taken_volume
