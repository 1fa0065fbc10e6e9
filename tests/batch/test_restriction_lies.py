"""The referee notices a wrong tier, congestion, restriction, insurance, settlement or turn of the fund."""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.engine import State, matching
from sequencer.engine.breaker import moved as moved_by_rule
from sequencer.engine.funding import accrued
from sequencer.model import constants as c
from sequencer.model.codes import Verdict
from sequencer.model.market import Market
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.model.schedule import STATIC, MarginSchedule
from sequencer.model.venue import Venue as Restrictions
from tests.batch.test_lies import (
    ENGINE,
    HEALTHY,
    LOST,
    LOTS,
    Lie,
    deposit,
    idle,
    sell,
    unwind,
    venue_of,
    withdraw_all,
)
from tests.batch.venue import SELL, Venue, asks, bids
from tests.strategies import START, forced

JUDGED = matching._judge_party
TIERED = replace(STATIC, tier_ppm=(1 << 20) - 1)
DEARER = replace(STATIC, congestion_ppm=50_000)
HASTY = replace(STATIC, settle_seconds=10)
CONGESTED = Restrictions(congested_until=START + 2)
RESTRICTED = Restrictions(restricted_markets=1, restricted_until=START + 2)


def large(schedule: MarginSchedule = TIERED, **fields: Any) -> Venue:
    """Account 9 is long of 999 lots, with the initial margin of 1,000; its tier binds 62.4 units more."""
    positions = {9: (999,), 8: (-999,)}
    return Venue(positions=positions, collateral={9: 100_000 - 999_000}, schedule=schedule, **fields)


def bid_low(venue: Venue) -> None:
    """Account 9 places a bid that reserves 50 units."""
    venue.buy(9, 1, 500)


def congested(later: int = 0) -> Venue:
    """Account 9 needs an add-on of 50,000 ppm in the first second."""
    venue = large(DEARER, restrictions=CONGESTED)
    if later:
        venue.builder.seal()
        venue.open(later)
    return venue


def restricted(later: int = 0, **fields: Any) -> Venue:
    """The market takes only orders that reduce in the first second."""
    venue = Venue(asks([1_000], 2), restrictions=replace(RESTRICTED, **fields))
    if later:
        venue.builder.seal()
        venue.open(later)
    return venue


def floored(fund: int, **fields: Any) -> Venue:
    """The fund has so much; its floor is 1,000."""
    return Venue(collateral={c.INSURANCE_ACCOUNT: fund}, insurance_floor=1_000, **fields)


def stuck(seconds: int, mark: int = 1_000, **fields: Any) -> Venue:
    """The fund has held two lots for so long, and may for ten seconds; account 2 bids."""
    positions = {c.INSURANCE_ACCOUNT: (2,), 9: (8,), 8: (-8,), 2: (-2,)}
    terms: dict[str, Any] = {"positions": positions, "schedule": HASTY, "rate_ppm": 16_000} | fields
    venue = Venue(bids([1_000] * 2, 2), **terms)
    venue.builder.seal()
    venue.open(seconds - 1, mark)
    return venue


def settled(mark: int = 1_100, **fields: Any) -> Venue:
    """The batch after the one that settles the market at 1,000."""
    venue = stuck(11, **fields)
    venue.builder.seal()
    venue.open(1, mark)
    return venue


def emptied() -> Venue:
    """A settled market of two positions, which may meet."""
    return settled(positions={c.INSURANCE_ACCOUNT: (2,), 2: (-2,)})


def unbacked() -> Venue:
    """A settled market in which account 2 bids without a position."""
    return settled(positions={c.INSURANCE_ACCOUNT: (2,), 9: (8,), 8: (-10,)})


def lost_elsewhere() -> Venue:
    """The fund will lose 100 on a lot of the second market; the two in the first are settled."""
    return settled(
        mark=1_000,
        markets=2,
        positions={c.INSURANCE_ACCOUNT: (2,), 9: (0, 1), 8: (-2, -1)},
        collateral={c.INSURANCE_ACCOUNT: -2_000, 9: -1_100},
    )


def unwind_all(venue: Venue) -> None:
    venue.builder.add_unsigned(Message.unwinding(0, SELL, 2, 1_000))


def sell_short(venue: Venue) -> None:
    """Account 3 has no position; account 2 bids."""
    venue.sell(3, 1, 1_000)


def reduce_by_one(venue: Venue) -> None:
    """Account 9 sells one of its lots to account 2."""
    venue.sell(9, 1, 1_000, reduce_only=True)


def judge_without_flag(state: State, order: Order, *terms: Any) -> Verdict | None:
    return JUDGED(state, replace(order, reduce_only=False), *terms)


def accrue_everywhere(state: State, round_time: int) -> None:
    for slot, (market, premium) in enumerate(zip(tuple(state.markets), state.premiums, strict=True)):
        state.put_market(slot, accrued(market, premium.rate_ppm, round_time))


def moved_though_settled(market: Market, median: int, timestamp: int, *, restricted: bool) -> Market:
    honest = moved_by_rule(market, median, timestamp, restricted=restricted)
    return replace(honest, mark=median)


def restrict(venue: Venue) -> None:
    venue.restrict(replace(RESTRICTED, restricted_until=START + 9))


def unwind_twice(venue: Venue) -> None:
    """Once by force."""
    message = Message.unwinding(0, SELL, 1, 1_000)
    venue.builder.add_request(forced(message))
    venue.builder.add_unsigned(message)


LIES = {
    "a withdrawal of what a tier binds": Lie(
        ("sequencer.model.market.Market.tier_step", property(lambda _: 0)), large, withdraw_all
    ),
    "an order that ignores a tier": Lie(
        ("sequencer.model.market.Market.tier_step", property(lambda _: 0)), large, bid_low
    ),
    "a tier rounded down": Lie(
        (
            "sequencer.batch.tables._tier_step",
            lambda market, schedule: market.value(1) * schedule.tier_ppm >> c.TIER_UNIT_BITS,
        ),
        large,
        idle,
    ),
    "an order that ignores congestion": Lie(
        (
            "sequencer.model.market.Market.initial_ppm",
            property(lambda market: market.parameters.initial_ppm),
        ),
        congested,
        bid_low,
    ),
    "congestion that nobody reported": Lie(
        ("sequencer.model.venue.Venue.is_congested", lambda *_: True), lambda: congested(1), idle
    ),
    "congestion that nobody counts": Lie(
        ("sequencer.model.venue.Venue.is_congested", lambda *_: False), congested, idle
    ),
    "a withdrawal that congestion binds": Lie(
        ("sequencer.model.market.Market.held_ppm", property(lambda market: market.initial_ppm)),
        lambda: Venue(positions={9: (9,), 8: (-9,)}, schedule=DEARER, restrictions=CONGESTED),
        withdraw_all,
    ),
    "a restriction that is ignored": Lie(
        ("sequencer.model.venue.Venue.restricts", lambda *_: False), restricted, idle
    ),
    "a restriction of another market": Lie(
        ("sequencer.model.venue.Venue.restricts", lambda *_: True),
        lambda: restricted(restricted_markets=0b1110),
        idle,
    ),
    "a restriction that goes on": Lie(
        ("sequencer.model.venue.Venue.restricts", lambda *_: True), lambda: restricted(1), idle
    ),
    "a market without insurance": Lie(
        ("sequencer.model.venue.Venue.restricts", lambda *_: False),
        lambda: restricted(1, uninsured=True),
        idle,
    ),
    "a restriction that nobody keeps": Lie(
        (f"{ENGINE}.state.State.put_venue", lambda *_: None), restricted, restrict
    ),
    "a fund below its floor that nobody sees": Lie(
        (f"{ENGINE}.closing.judge_insurance", lambda *_: None),
        lambda: floored(999),
        lambda venue: venue.deposit(c.INSURANCE_ACCOUNT, 0),
    ),
    "a fund at its floor that nobody sees": Lie(
        (f"{ENGINE}.closing.judge_insurance", lambda *_: None),
        lambda: floored(999, restrictions=Restrictions(uninsured=True)),
        lambda venue: venue.deposit(c.INSURANCE_ACCOUNT, 1),
    ),
    "a fund that is judged unseen": Lie(
        (f"{ENGINE}.state.State.fund_shown", property(lambda _: True)), lambda: floored(0), deposit(9)
    ),
    "a market that never settles": Lie(
        (f"{ENGINE}.final_settlement._since", lambda _market, held, *_: held), lambda: stuck(11), idle
    ),
    "a market that settles too early": Lie(
        (
            f"{ENGINE}.final_settlement._since",
            lambda _, held, now, limit: c.SETTLED_SINCE if now - held >= limit else held,
        ),
        lambda: stuck(10),
        idle,
    ),
    "a clock that runs in a halt": Lie(
        (f"{ENGINE}.final_settlement._since", lambda _market, held, *_: held),
        lambda: stuck(5, mark=1_100, max_move_ppm=50_000, halt_seconds=10),
        idle,
    ),
    "a settled mark that moves": Lie((f"{ENGINE}.epoch.moved", moved_though_settled), settled, idle),
    "funding in a settled market": Lie((f"{ENGINE}.epoch._accrue", accrue_everywhere), settled, idle),
    "a settled market that takes new risk": Lie(
        ("sequencer.model.market.Market.is_reduce_only", property(lambda _: False)), settled, sell_short
    ),
    "a maker that opens in a settled market": Lie(
        (f"{ENGINE}.matching._judge_party", judge_without_flag), unbacked, reduce_by_one
    ),
    "a withdrawal of what a settled market binds": Lie(
        ("sequencer.model.market.Market.held_ppm", property(lambda market: market.maintenance_ppm)),
        settled,
        withdraw_all,
    ),
    "a margin in a settled market": Lie(
        ("sequencer.model.market.Market.held_ppm", property(lambda market: market.parameters.initial_ppm)),
        settled,
        withdraw_all,
    ),
    "a fee in a settled market": Lie(
        (
            "sequencer.model.market.Market.liquidation_fee_ppm",
            property(lambda market: market.parameters.liquidation_fee_ppm),
        ),
        lambda: settled(collateral={9: -8_500}, liquidation_fee_ppm=5_000),
        sell(1),
    ),
    "an unwinding off a settled mark": Lie(
        (
            "sequencer.model.market.Market.liquidation_fee_ppm",
            property(lambda market: market.parameters.liquidation_fee_ppm),
        ),
        lambda: settled(liquidation_fee_ppm=5_000),
        unwind(996),
    ),
    "a loss in a settled market": Lie(
        (f"{ENGINE}.shortfall._rank", lambda market, position: market.value(abs(position))),
        lost_elsewhere,
        lambda venue: venue.liquidate(9, SELL, 1, market=1),
    ),
    "a tier in a settled market": Lie(
        ("sequencer.model.market.Market.tier_step", property(lambda _: 10**6)), settled, withdraw_all
    ),
    "a liquidation in a settled market": Lie(
        (
            "sequencer.model.market.Market.maintenance_ppm",
            property(lambda market: market.parameters.maintenance_ppm),
        ),
        lambda: settled(collateral={9: 100 - 8_000}),
        sell(1),
    ),
    "a time that begins anew": Lie(
        (f"{ENGINE}.final_settlement._since", lambda _market, _held, timestamp, _limit: timestamp),
        lambda: stuck(5),
        idle,
    ),
    "a time that never begins": Lie(
        (f"{ENGINE}.closing.note_fund_positions", lambda *_: None), lambda: venue_of(LOST), sell(LOTS)
    ),
    "a time that never ends": Lie(
        (f"{ENGINE}.closing.note_fund_positions", lambda *_: None), lambda: stuck(5), unwind_all
    ),
    "a settled market that never opens": Lie(
        (f"{ENGINE}.closing.note_fund_positions", lambda *_: None), emptied, unwind_all
    ),
    "a settled market that the fund opens": Lie(
        (
            f"{ENGINE}.final_settlement._since",
            lambda _market, held, *_: c.SETTLED_SINCE if held else 0,
        ),
        settled,
        unwind_all,
    ),
    "a turn that L1 does not grant": Lie(
        (f"{ENGINE}.state.State.grant_turn", lambda _: None),
        lambda: venue_of(HEALTHY, bids([1_000] * 2, 2), fund=2),
        unwind_twice,
    ),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_rule_that_an_engine_breaks_is_missed(lie: Lie, monkeypatch: pytest.MonkeyPatch) -> None:
    lie.require_missed(monkeypatch)


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_without_the_mistake_the_batch_is_accepted(lie: Lie) -> None:
    lie.require_shown()
