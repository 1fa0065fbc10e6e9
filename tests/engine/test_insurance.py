"""Below its floor the insurance fund backs no new risk (docs/spec/breakers.md): the floor is 1,000 here."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.engine.commands import ProcessRequest
from sequencer.engine.events import ShortfallCharged
from sequencer.model.codes import MarketStatus, Side, Verdict
from sequencer.model.venue import Venue as Restrictions
from tests.engine.venue import ENGINE, PLAIN, Setting, Venue, verdicts
from tests.strategies import MARK, change

FLOOR = 1_000
OPEN, REDUCE_ONLY = MarketStatus.OPEN, MarketStatus.REDUCE_ONLY

SHOWN: list[Callable[[Venue], object]] = [
    lambda venue: venue.insure(0),
    lambda venue: venue.restrict(Restrictions()),
    lambda venue: venue.liquidate("alice", Side.SELL, 1),
    lambda venue: venue.liquidate("alice", Side.SELL, 1, market=3),
    lambda venue: venue.unwind(Side.SELL, 1, MARK),
    lambda venue: venue.send("fund", size=1, price=MARK),
    lambda venue: venue.liquidate("fund", Side.SELL, 1, expiry=1),
]
SHOWN_BY = [
    "a payment",
    "a restriction",
    "a liquidation",
    "a liquidation in no market",
    "an unwinding",
    "a message of it",
    "a message of it that is no unwinding",
]


def insured(setting: Setting, fund: int = 0, **fields: Any) -> Venue:
    venue = setting(
        markets=(PLAIN, PLAIN), insurance_floor=FLOOR, **{"accounts": {"fund": {"collateral": fund}}} | fields
    )
    venue.mark(MARK, MARK)
    return venue


def statuses_after(venue: Venue) -> list[int]:
    """The statuses of the batch after the open one."""
    venue.close()
    venue.mark(MARK, MARK)
    return [market.status for market in venue.seen.markets[:2]]


@pytest.mark.parametrize("show", SHOWN, ids=SHOWN_BY)
@pytest.mark.parametrize(("fund", "expected"), [(FLOOR - 1, REDUCE_ONLY), (FLOOR, OPEN)])
def test_a_batch_that_holds_the_fund_judges_it(
    setting: Setting, show: Callable[[Venue], object], fund: int, expected: MarketStatus
) -> None:
    venue = insured(setting, fund)
    show(venue)
    assert statuses_after(venue) == [expected, expected]
    assert venue.seen.venue == Restrictions(uninsured=expected == REDUCE_ONLY)


@pytest.mark.parametrize("uninsured", [False, True])
def test_a_batch_without_the_fund_leaves_it_unjudged(setting: Setting, uninsured: bool) -> None:
    """As at genesis, whatever the fund has."""
    venue = insured(setting, fund=0 if not uninsured else FLOOR, venue=Restrictions(uninsured=uninsured))
    venue.buy("alice", 1, MARK)
    assert statuses_after(venue) == [REDUCE_ONLY if uninsured else OPEN] * 2


def test_it_is_judged_when_the_batch_ends(setting: Setting) -> None:
    venue = insured(setting)
    venue.insure(1)
    assert not venue.seen.venue.uninsured
    assert verdicts(venue.buy("alice", 1, MARK)) == []
    venue.insure(FLOOR - 1)
    assert statuses_after(venue) == [OPEN, OPEN]


def test_anyone_may_bring_it_to_its_floor_again(setting: Setting) -> None:
    venue = insured(setting)
    venue.insure(FLOOR - 1)
    assert statuses_after(venue) == [REDUCE_ONLY, REDUCE_ONLY]
    assert verdicts(venue.buy("alice", 1, MARK)) == [Verdict.REDUCE_ONLY]
    venue.insure(1)
    assert verdicts(venue.buy("alice", 1, MARK)) == [Verdict.REDUCE_ONLY]
    assert statuses_after(venue) == [OPEN, OPEN]
    assert verdicts(venue.buy("alice", 1, MARK)) == []


def test_what_it_holds_counts_at_the_mark(setting: Setting) -> None:
    accounts: dict[str, dict[str, Any]] = {
        "fund": {"positions": (3, 0, 0, 0), "collateral": FLOOR - 3 * MARK},
        "bob": {"positions": (-3, 0, 0, 0)},
    }
    venue = insured(setting, accounts=accounts)
    venue.mark(MARK - 1, MARK)
    venue.insure(0)
    assert statuses_after(venue) == [REDUCE_ONLY, REDUCE_ONLY]
    assert statuses_after(venue) == [REDUCE_ONLY, REDUCE_ONLY]
    venue.insure(0)
    assert statuses_after(venue) == [OPEN, OPEN]


def test_the_floor_is_that_of_the_configuration_of_the_batch(setting: Setting) -> None:
    venue = insured(setting, FLOOR)
    higher = replace(venue.state.configuration, insurance_floor=FLOOR + 1)
    venue.apply(ProcessRequest(change(higher.hash())))
    venue.close()
    assert not venue.seen.venue.uninsured
    venue.mark(MARK, MARK, configuration=higher)
    venue.insure(0)
    venue.close()
    assert venue.seen.venue.uninsured


def broke(setting: Setting, fund: int) -> Venue:
    """Alice has lost 1,000 more than she has, and the fund takes her ten lots over."""
    accounts: dict[str, dict[str, Any]] = {
        "alice": {"positions": (10, 0, 0, 0), "collateral": 1_000 - 10 * MARK},
        "bob": {"positions": (-10, 0, 0, 0)},
        "fund": {"collateral": fund},
    }
    venue = setting(accounts=accounts)
    venue.mark(MARK - 200)
    venue.liquidate("alice", Side.SELL, 10)
    return venue


def test_a_fund_without_a_floor_is_judged_after_the_charge(setting: Setting) -> None:
    venue = broke(setting, fund=0)
    assert isinstance(venue.close()[0], ShortfallCharged)
    assert not venue.seen.venue.uninsured


def test_a_fund_whose_debt_nobody_can_pay_stops_the_markets(setting: Setting) -> None:
    """Ten lots are worth 8,000."""
    venue = broke(setting, fund=-7_001)
    assert isinstance(venue.close()[0], ShortfallCharged)
    assert venue.seen.venue.uninsured


def test_a_charge_of_all_that_is_owed_is_enough(setting: Setting) -> None:
    venue = broke(setting, fund=-7_000)
    assert isinstance(venue.close()[0], ShortfallCharged)
    assert not venue.seen.venue.uninsured


def test_the_fund_is_shown_in_one_batch() -> None:
    venue = insured(Setting(ENGINE))
    venue.insure(0)
    assert venue.state.fund_shown
    venue.mark(MARK, MARK)
    assert not venue.state.fund_shown
