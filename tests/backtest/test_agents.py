"""What each kind of agent does, one decision at a time."""

from collections.abc import Iterator

import pytest

from sequencer.backtest.agents.agent import Action, Agent, affordable_lots
from sequencer.backtest.agents.arbitrageur import Arbitrageur
from sequencer.backtest.agents.leveraged import Leveraged
from sequencer.backtest.agents.maker import RUNGS, Maker
from sequencer.backtest.agents.squeezer import Squeezer
from sequencer.backtest.agents.straddler import Straddler
from sequencer.backtest.depth import best_price, depth, spread_ppm
from sequencer.backtest.operator import reduce_risk
from sequencer.backtest.venue import Venue
from sequencer.engine.margin import health
from sequencer.model.codes import MessageKind, RequestKind, Side
from sequencer.model.message import Message
from sequencer.model.request import Request
from sequencer.replay.terms import MARKET, PERPETUAL, QUOTE_PER_DOLLAR, notional
from tests.backtest.venues import (
    MARK,
    PARTNER,
    TRADER,
    move,
    raise_margins,
    raise_tier,
    rest,
    trade,
    venue,
    view,
)

LADDER = Maker(size=1_000, spread_ppm=500, leverage=4, panic_ppm=30_000)
SQUEEZE = Squeezer(thin=5_000, trigger_ppm=5_000, ambush_ppm=30_000, leverage=4)
STRADDLE = Straddler(PARTNER, trigger_ppm=20_000)


def long(dollars: int, **terms: int) -> Leveraged:
    """A long who enters at once and has come with some dollars."""
    usual = {"leverage_ppm": 20_000_000, "stop_ppm": 1_000_000, "target_ppm": 1_000_000}
    deposit = dollars * QUOTE_PER_DOLLAR
    return Leveraged(side=Side.BUY, patience=0.0, deposit=deposit, basis=deposit, **usual | terms)


@pytest.fixture
def made() -> Venue:
    return venue()


def decided(agent: Agent, at: Venue, **seen: int) -> list[Action]:
    """What the agent does, each action carried out before the next."""
    return list(_carried_out(agent, at, **seen))


def _carried_out(agent: Agent, at: Venue, **seen: int) -> Iterator[Action]:
    for action in agent.decide(view(at, TRADER, **seen)):
        if isinstance(action, Request):
            at.request(action)
        else:
            at.send(action)
        yield action


def orders(actions: list[Action]) -> list[Message]:
    return [action for action in actions if isinstance(action, Message) and action.kind == MessageKind.ORDER]


def test_a_maker_quotes_a_ladder_on_both_sides(made: Venue) -> None:
    sent = orders(decided(LADDER, made))
    assert [message.side for message in sent] == [Side.BUY] * RUNGS + [Side.SELL] * RUNGS
    bids = [message.price for message in sent[:RUNGS]]
    assert bids == sorted(bids, reverse=True)
    assert spread_ppm(made.state) == pytest.approx(1_000, abs=10)


def test_a_maker_quotes_anew(made: Venue) -> None:
    decided(LADDER, made)
    actions = decided(LADDER, made)
    cancels = [one for one in actions if isinstance(one, Message) and one.kind == MessageKind.CANCEL]
    assert len(cancels) == 2 * RUNGS
    assert made.state.account(TRADER).orders == 2 * RUNGS


def test_a_maker_widens_with_the_range(made: Venue) -> None:
    decided(LADDER, made, range_ppm=10_000)
    assert spread_ppm(made.state) == pytest.approx(3_000, abs=10)


def test_a_maker_withdraws_in_a_panic(made: Venue) -> None:
    decided(LADDER, made)
    decided(LADDER, made, range_ppm=30_001)
    assert made.state.account(TRADER).orders == 0


def test_a_maker_with_an_inventory_quotes_only_its_way_out_in_a_panic(made: Venue) -> None:
    trade(made, Side.BUY, MARK, 10_000)
    assert {message.side for message in orders(decided(LADDER, made, range_ppm=30_001))} == {Side.SELL}


def test_a_maker_leans_against_its_inventory() -> None:
    made = venue(trader=10_000)
    trade(made, Side.BUY, MARK, 30_000)
    bid, *_ = (message for message in orders(decided(LADDER, made)) if message.side == Side.BUY)
    ask = next(message for message in orders(decided(LADDER, made)) if message.side == Side.SELL)
    assert MARK - bid.price > ask.price - MARK


def test_a_maker_with_too_much_does_not_add() -> None:
    made = venue(trader=10_000)
    trade(made, Side.BUY, MARK, 80_000)
    assert Side.BUY not in {message.side for message in orders(decided(LADDER, made)) if not message.ioc}


def test_a_long_opens_all_that_the_margin_allows() -> None:
    made = venue(trader=100)
    rest(made, Side.SELL, MARK + 100, 100_000)
    decided(long(100), made)
    now = health(made.state.account(TRADER), made.state.markets)
    assert 0.85 < now.initial / (now.equity * 1_000_000) <= 1


@pytest.mark.parametrize("ppm", [0, 50_000, 200_000])
def test_a_long_opens_no_more_than_the_margin_in_force_allows(ppm: int) -> None:
    """92 % of its money at 5 %, and at what has been added to that."""
    made = venue(trader=100)
    rest(made, Side.SELL, MARK + 100, 100_000)
    raise_margins(made, ppm)
    decided(long(100), made)
    initial = health(made.state.account(TRADER), made.state.markets).initial
    assert initial == pytest.approx(92 * QUOTE_PER_DOLLAR * 1_000_000, rel=0.01)


@pytest.mark.parametrize("tier_ppm", [0, 1, 100_000, (1 << 20) - 1])
@pytest.mark.parametrize("held", [0, 70, 300_000])
@pytest.mark.parametrize("dollars", [-1, 0, 1, 1_000, 1_000_000])
def test_a_margin_pays_for_so_many_lots_and_none_more(
    made: Venue, tier_ppm: int, held: int, dollars: int
) -> None:
    raise_tier(made, tier_ppm)
    market, margin = made.state.market(MARKET), dollars * QUOTE_PER_DOLLAR * 1_000_000
    lots = affordable_lots(market, margin, market.mark, held)
    most, before = margin + market.initial_margin(held), market.initial_margin(held + lots)
    assert lots == 0 or before <= most
    assert market.initial_margin(held + lots + PERPETUAL.min_size) > most


def test_a_long_opens_no_more_than_the_tiers_allow() -> None:
    """92 % of its money is used, tiers included: twice the rate from 84 bitcoin on."""
    made = venue(trader=30_000)
    rest(made, Side.SELL, MARK + 100, 1_000_000)
    raise_tier(made, 1_000_000)
    decided(long(30_000), made)
    now = health(made.state.account(TRADER), made.state.markets)
    assert now.initial == pytest.approx(27_600 * QUOTE_PER_DOLLAR * 1_000_000, rel=0.01)
    market, size = made.state.market(MARKET), made.state.account(TRADER).positions[MARKET]
    assert now.initial > market.value(size) * market.initial_ppm * 3 // 2


def test_a_long_that_wants_less_than_the_margin_in_force_allows_opens_that() -> None:
    made = venue(trader=100)
    rest(made, Side.SELL, MARK + 100, 100_000)
    raise_margins(made, 50_000)
    decided(long(100, leverage_ppm=5_000_000), made)
    value = made.state.market(MARKET).value(made.state.account(TRADER).positions[MARKET])
    assert value == pytest.approx(5 * 92 * QUOTE_PER_DOLLAR, rel=0.01)


def test_a_long_adds_below_with_the_margin_that_is_left() -> None:
    made = venue(trader=100)
    trade(made, Side.BUY, MARK, 1_000)
    (added,) = orders(decided(long(100), made))
    assert added.price < MARK
    assert made.state.account(TRADER).orders == 1
    assert decided(long(100), made) == []


@pytest.mark.parametrize("price", [585_000, 630_000])
def test_a_long_closes_at_its_stop_and_at_its_target(price: int) -> None:
    made = venue(trader=100)
    trade(made, Side.BUY, MARK, 2_000)
    move(made, price)
    rest(made, Side.BUY, price - 100, 2_000)
    decided(long(100, stop_ppm=200_000, target_ppm=200_000), made, price=price)
    assert made.state.account(TRADER).positions[MARKET] == 0


def test_who_has_lost_nearly_all_gives_up() -> None:
    made = venue(trader=5)
    rest(made, Side.SELL, MARK, 1_000)
    assert decided(long(100), made) == []


def test_an_arbitrageur_buys_what_is_cheap_and_sells_what_is_dear(made: Venue) -> None:
    agent = Arbitrageur(size=5_000, edge_ppm=1_500, deep_ppm=20_000, leverage=3)
    rest(made, Side.SELL, MARK - 2_000, 1_000)
    decided(agent, made)
    assert made.state.account(TRADER).positions[MARKET] == 1_000
    assert made.state.account(TRADER).orders == 2
    rest(made, Side.BUY, MARK, 400)
    decided(agent, made)
    assert made.state.account(TRADER).positions[MARKET] == 600


def test_an_arbitrageur_leaves_what_is_within_its_edge(made: Venue) -> None:
    agent = Arbitrageur(size=5_000, edge_ppm=1_500, deep_ppm=20_000, leverage=3)
    rest(made, Side.SELL, MARK + 100, 1_000)
    rest(made, Side.BUY, MARK - 100, 1_000)
    decided(agent, made)
    assert made.state.account(TRADER).positions[MARKET] == 0


def test_a_squeezer_empties_the_side_that_a_fall_presses_on(made: Venue) -> None:
    rest(made, Side.BUY, MARK - 1_000, 2_000)
    decided(SQUEEZE, made, last_price=MARK * 102 // 100)
    assert made.state.account(TRADER).positions[MARKET] == -2_000
    assert best_price(made.state, Side.BUY) == MARK * 97 // 100


def test_a_squeezer_leaves_a_deep_book_alone(made: Venue) -> None:
    rest(made, Side.BUY, MARK - 1_000, 6_000)
    assert decided(SQUEEZE, made, last_price=MARK * 102 // 100) == []


def test_a_squeezer_gets_out_when_the_price_rests(made: Venue) -> None:
    trade(made, Side.SELL, MARK, 2_000)
    rest(made, Side.SELL, MARK + 100, 2_000)
    decided(SQUEEZE, made)
    assert made.state.account(TRADER).positions[MARKET] == 0


def test_a_straddler_trades_with_itself_when_the_market_is_wild() -> None:
    made = venue(trader=1_000, partner=1_000)
    assert decided(STRADDLE, made, range_ppm=20_000) == []
    decided(STRADDLE, made, range_ppm=20_001)
    positions = [made.state.account(number).positions[MARKET] for number in (TRADER, PARTNER)]
    assert positions[0] == -positions[1] < 0


@pytest.mark.parametrize("ppm", [0, 50_000, 200_000])
def test_a_straddler_opens_what_the_margin_in_force_allows(ppm: int) -> None:
    """90 % of its stake at 5 %, and at what has been added to that."""
    made = venue(trader=1_000, partner=1_000)
    raise_margins(made, ppm)
    decided(STRADDLE, made, range_ppm=20_001)
    initial = health(made.state.account(TRADER), made.state.markets).initial
    assert initial == pytest.approx(900 * QUOTE_PER_DOLLAR * 1_000_000, rel=0.01)


def test_a_long_adds_less_where_margins_have_risen() -> None:
    """As many lots as half of what is left pays for, at 5 % and at 10 %."""
    sizes = []
    for ppm in (0, 50_000):
        made = venue(trader=1_000)
        trade(made, Side.BUY, MARK, 3_000)
        raise_margins(made, ppm)
        now = health(made.state.account(TRADER), made.state.markets)
        (added,) = orders(decided(long(1_000), made))
        half = (now.equity * 1_000_000 - now.initial) // 2
        assert notional(added.price, added.size) * (50_000 + ppm) == pytest.approx(half, rel=0.01)
        sizes.append(added.size)
    assert sizes[1] < sizes[0] / 2


def test_a_straddler_closes_the_winner_and_shares_what_it_won() -> None:
    made = venue(trader=1_000, partner=1_000)
    decided(STRADDLE, made, range_ppm=20_001)
    move(made, 560_000)
    rest(made, Side.SELL, 560_100, 100_000)
    decided(STRADDLE, made, price=560_000)
    assert made.state.account(TRADER).positions[MARKET] == 0
    assert len(list(reduce_risk(made))) > 0
    assert made.state.account(PARTNER).collateral == 0
    decided(STRADDLE, made, price=560_000)
    assert made.state.account(PARTNER).collateral == made.withdrawn[TRADER] > 1_000 * QUOTE_PER_DOLLAR


def test_a_straddler_brings_money_across_by_way_of_l1() -> None:
    made = venue(trader=1_000, partner=100)
    withdrawal, deposit = decided(STRADDLE, made)
    assert isinstance(withdrawal, Request)
    assert isinstance(deposit, Request)
    assert (withdrawal.kind, deposit.kind) == (RequestKind.WITHDRAW, RequestKind.DEPOSIT)
    assert made.withdrawn[TRADER] == 450 * QUOTE_PER_DOLLAR
    assert made.state.account(TRADER).collateral == made.state.account(PARTNER).collateral


def test_dead_orders_are_no_depth(made: Venue) -> None:
    rest(made, Side.BUY, MARK - 100, 1_000, account=TRADER)
    rest(made, Side.BUY, MARK - 300, 500)
    made.send(view(made, TRADER).cancel_all())
    assert best_price(made.state, Side.BUY) == MARK - 300
    assert depth(made.state, Side.BUY, MARK, 10_000) == 500
    assert spread_ppm(made.state) is None
