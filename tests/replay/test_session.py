"""Eight traders trade real bars, the same way each time, and nothing is made or lost."""

from collections import Counter
from collections.abc import Callable

from msgspec.structs import replace

from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.engine.events import CancelledAll, Dropped, MakerRemoved, Rested
from sequencer.model.codes import MarketStatus, MessageKind, RequestKind, Verdict
from sequencer.model.message import Message
from sequencer.replay.bars import Bar
from sequencer.replay.makers import MarketMaker
from sequencer.replay.session import Moment, TradingSession
from sequencer.replay.terms import MARKET, PERPETUAL
from tests.replay.conftest import open_session, trade

Traded = Callable[[int, int], tuple[TradingSession, list[SealedBatch]]]


def orders(batches: list[SealedBatch]) -> list[Message]:
    messages = [signed.message for batch in batches for signed in batch.messages]
    return [message for message in messages if message.kind == MessageKind.ORDER]


def test_the_same_seed_gives_the_same_batches(traded: Traded, bars: list[Bar]) -> None:
    _, batches = traded(3, 1)
    again = trade(open_session(seed=1), bars[:3])
    assert [batch.messages for batch in again] == [batch.messages for batch in batches]
    assert [batch.new_roots for batch in again] == [batch.new_roots for batch in batches]


def test_another_seed_gives_another_day(traded: Traded) -> None:
    _, one = traded(3, 1)
    _, other = traded(3, 2)
    assert one[-1].new_roots.state != other[-1].new_roots.state


def test_the_first_batch_takes_all_deposits_and_keys(traded: Traded) -> None:
    _, batches = traded(3, 1)
    kinds = Counter(event.request.kind for event in batches[0].requests)
    assert kinds == {RequestKind.DEPOSIT: 8, RequestKind.REGISTER_KEY: 8}
    assert not any(batch.requests for batch in batches[1:])


def test_every_trader_trades_and_makers_and_takers_meet(traded: Traded) -> None:
    session, batches = traded(40, 1)
    fills = [fill for batch in batches for fill in batch.trades]
    assert {fill.taker for fill in fills} | {fill.head.account for fill in fills} == {
        trader.account for trader in session.traders
    }
    makers = {t.account for t in session.traders if isinstance(t.strategy, MarketMaker)}
    assert makers & {fill.head.account for fill in fills} == makers


def test_every_kind_of_order_is_used(traded: Traded) -> None:
    _, batches = traded(40, 1)
    messages = [signed.message for batch in batches for signed in batch.messages]
    assert {message.kind for message in messages} == set(MessageKind) - {MessageKind.BY_RULE}
    for flag in ("ioc", "post_only", "reduce_only"):
        assert any(getattr(message, flag) for message in messages), flag
    assert any(message.expiry < 1 << 39 for message in messages)


def test_a_day_with_jumps_goes_on_when_the_market_opens_again(bars: list[Bar]) -> None:
    """A limit of a thousandth is what real minutes cross now and then."""
    session = open_session(1, market=replace(PERPETUAL, max_move_ppm=1_000, halt_seconds=20))
    batches = trade(session, bars[:6])
    halted = [batch.change.markets[MARKET].status == MarketStatus.HALTED for batch in batches]
    assert not any(batch.trades for batch, is_halted in zip(batches, halted, strict=True) if is_halted)
    first = halted.index(True)
    assert any(batch.trades for batch in batches[first:])


def test_a_day_with_a_charge_goes_on_with_what_reduces(bars: list[Bar]) -> None:
    """The charge is made up: a fund that is short needs a steeper fall than these minutes."""
    session = open_session(1)
    trade(session, bars[:4])
    assert not session.state.market(MARKET).is_reduce_only
    until = bars[6].open_time
    session.ledger.markets = (
        replace(session.ledger.markets[MARKET], reduced_until=until),
        *session.ledger.markets[1:],
    )
    session.state.put_market(MARKET, session.ledger.markets[MARKET])
    reduced, opened = trade(session, bars[4:6]), trade(session, bars[6:8])
    assert any(batch.trades for batch in reduced)
    assert all(order.reduce_only for order in orders(reduced))
    assert not all(order.reduce_only for order in orders(opened))


def test_a_wild_day_has_its_refusals_and_removals(traded: Traded) -> None:
    _, batches = traded(40, 1)
    events = [event for batch in batches for event in batch.events]
    verdicts = {event.verdict for event in events if isinstance(event, Dropped | MakerRemoved)}
    assert {Verdict.IOC_REMAINDER, Verdict.POST_ONLY, Verdict.MAKER_CANCELLED} <= verdicts
    assert any(isinstance(event, CancelledAll) for event in events)
    assert any(isinstance(event, Rested) for event in events)


def test_collateral_is_conserved_and_positions_balance(traded: Traded) -> None:
    session, _ = traded(40, 1)
    accounts = session.ledger.accounts.values()
    collateral = sum(account.collateral for account in accounts)
    deposits = sum(trader.deposit for trader in session.traders)
    counters = session.ledger.counters
    assert collateral + counters.fee_pool + counters.funding_pool == deposits
    assert sum(account.positions[MARKET] for account in accounts) == 0


def test_nobody_goes_broke_in_the_fall(traded: Traded) -> None:
    session, _ = traded(40, 1)
    assert all(session.profit(trader) > -trader.deposit for trader in session.traders)


def test_a_minute_that_does_not_fit_one_batch_takes_more(traded: Traded, bars: list[Bar]) -> None:
    _, roomy = traded(3, 1)
    narrow = trade(open_session(seed=1, size=replace(batch_size("reference"), messages=8)), bars[:3])
    assert len(roomy) == 3
    assert len(narrow) > 6
    assert all(len(batch.messages) <= 8 for batch in narrow)
    times = [batch.change.counters.timestamp for batch in narrow]
    assert times == sorted(set(times))


def test_a_leaving_trader_ends_without_orders_and_with_less_of_a_position(bars: list[Bar]) -> None:
    session = open_session(seed=1)
    trade(session, bars[:6])
    hedger = next(trader for trader in session.traders if trader.name == "Farid")
    before = session.state.account(hedger.account).positions[MARKET]

    batches = list(session.leave(hedger, Moment(bars[6].open_time, bars[6].open)))

    after = session.state.account(hedger.account)
    assert not batches
    assert before < after.positions[MARKET] <= 0
    assert after.open_notional == 0
