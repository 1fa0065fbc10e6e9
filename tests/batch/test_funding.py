"""Funding in a batch: who is settled and at which indices, and what the tables say of it.

A lot is worth 1,000 units. Where there is a rate, a lot owes one unit after 1,800 seconds.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest

from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.engine.events import ShortfallCharged
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketStatus, MessageKind, Side
from sequencer.model.market import Market
from sequencer.model.message import Message
from sequencer.model.words import to_field
from tests import strategies
from tests.batch.fixtures import ledger_of, sealed_batch
from tests.batch.venue import BUY, RICH, SELL, Venue, asks, bids

RATE = 16_000
OF_A_SECOND = RATE * 1_000
HALF_AN_HOUR = 1_800
UNIT = c.INDEX_UNIT
FUND = c.INSURANCE_ACCOUNT


def ids(batch: SealedBatch) -> list[int]:
    """The accounts of the enabled slots."""
    signals: Any = batch.inputs
    return signals["accountId"][: sum(signals["accountEnabled"])]  # type: ignore[no-any-return]


def of_account(batch: SealedBatch, number: int, signal: str) -> Any:
    """What a signal of the accounts says of one."""
    signals: Any = batch.inputs
    return signals[f"account{signal}"][ids(batch).index(number)]


# ---- Accrual.


def long_and_short(**fields: Any) -> Venue:
    """Account 9 is long of ten lots and account 8 short of them; half an hour has passed and a second."""
    venue = Venue(positions={9: (10,), 8: (-10,)}, rate_ppm=RATE, **fields)
    venue.seal()
    venue.open(HALF_AN_HOUR)
    return venue


def test_an_account_is_settled_when_a_batch_loads_it() -> None:
    venue = long_and_short()
    venue.deposit(9, 5)
    batch = venue.seal()
    accrued = OF_A_SECOND * (HALF_AN_HOUR + 1)
    assert of_account(batch, 9, "Collateral") == RICH
    assert of_account(batch, 9, "Settled") == RICH - 11
    assert of_account(batch, 9, "Position") == [10, 0, 0, 0]
    assert of_account(batch, 9, "Index") == [0, 0, 0, 0]
    after = venue.ledger.account(9)
    assert (after.collateral, after.indices) == (RICH - 11 + 5, (accrued, 0, 0, 0))
    assert venue.ledger.account(8).indices == (0, 0, 0, 0)
    assert set(batch.change.accounts) == {9}
    assert batch.change.counters.funding_pool == batch.words[c.HEADER_FUNDING_POOL] == 11


def test_the_other_side_gets_it_when_it_is_loaded() -> None:
    venue = long_and_short()
    venue.deposit(9, 5)
    venue.seal()
    venue.open(HALF_AN_HOUR)
    venue.deposit(8, 5)
    batch = venue.seal()
    before = OF_A_SECOND * (HALF_AN_HOUR + 1)
    assert batch.inputs["fundingPool"] == 11
    assert batch.inputs["marketLongIndex"] == [before, 0, 0, 0]
    assert batch.inputs["marketShortIndex"] == [to_field(-before), 0, 0, 0]
    assert of_account(batch, 8, "Settled") == RICH + 20
    assert venue.ledger.account(8).indices == (-before - OF_A_SECOND * HALF_AN_HOUR, 0, 0, 0)
    assert batch.words[c.HEADER_FUNDING_POOL] == to_field(11 - 20)
    assert venue.ledger.counters.funding_pool == -9


def test_a_slot_without_an_account_settles_nothing() -> None:
    venue = long_and_short()
    venue.buy(77, 1, 1_000)
    batch = venue.seal()
    size = venue.size.accounts
    assert batch.inputs["accountSettled"] == [0] * size
    assert batch.inputs["accountIndex"] == [[0] * c.MARKETS] * size


def test_whoever_changes_sides_has_the_index_of_the_side_where_it_ends() -> None:
    venue = long_and_short()
    venue.sell(9, 15, 1_000)
    venue.buy(7, 15, 1_000)
    venue.seal()
    accrued = OF_A_SECOND * (HALF_AN_HOUR + 1)
    assert venue.ledger.account(9).positions[0] == -5
    assert venue.ledger.account(9).indices == (-accrued, 0, 0, 0)
    assert venue.ledger.account(7).indices == (accrued, 0, 0, 0)
    venue.open()
    venue.buy(9, 5, 1_000)
    venue.sell(7, 5, 1_000)
    venue.seal()
    assert venue.ledger.account(9).indices == (0, 0, 0, 0)
    assert venue.ledger.account(9).position_words() == (0, 0, 0, 0)


def test_interest_is_of_the_configuration() -> None:
    venue = Venue(markets=2, interest_ppm=100)
    assert venue.seal_inputs()["marketInterestPpm"] == [100, 100, 0, 0]


def test_indices_that_move_are_published() -> None:
    venue = Venue(rate_ppm=RATE)
    batch = venue.seal()
    head = 0b00111 << c.RECORD_BITMAP_AT | c.RECORD_TAG_MARKET << c.RECORD_TAG_AT
    price = venue.state.market(0).price_word()
    assert batch.words[c.HEADER_WORDS :] == [head, price, OF_A_SECOND, to_field(-OF_A_SECOND)]


# ---- Which accounts are settled: those of the slots.

Act = Callable[[Venue], object]


def send(account: int, **fields: Any) -> Act:
    return lambda venue: venue.send(account, **fields)


def unsigned(message: Message) -> Act:
    return lambda venue: venue.builder.add_unsigned(message)


RESTING = [*bids([900], 2), *asks([1_001], 3), *asks([1_002] * 2, 4), *asks([1_003], 5), *asks([1_004], 6)]
EXPIRED = {"expiry": 1}
POOR = {9: 10_400, 7: -1_200}
ACTS: dict[str, tuple[Act, set[int]]] = {
    "deposit": (lambda venue: venue.deposit(1, 5), {1}),
    "an account that does not exist": (lambda venue: venue.deposit(77, 5), {77}),
    "forced message": (lambda venue: venue.force(1, side=SELL, size=1, price=1_100), {1}),
    "another key epoch": (send(1, key_epoch=9, size=1, price=1_001), {1}),
    "expired": (send(1, size=1, price=1_001, **EXPIRED), {1}),
    "rests": (send(1, size=1, price=1_000), {1}),
    "own order of others": (send(1, side=SELL, size=1, price=1_010), {1}),
    "fills": (send(1, size=1, price=1_001), {1, 3}),
    "fills and meets the next": (send(1, size=2, price=1_002), {1, 3, 4}),
    "fills and does not reach the next": (send(1, size=2, price=1_001), {1, 3}),
    "four fills and a look at the fifth": (send(1, size=9, price=1_004), {1, 3, 4, 5, 6}),
    "post only": (send(1, size=1, price=1_004, post_only=True), {1, 3}),
    "its own order": (send(3, size=1, price=1_001), {3}),
    "cancel": (send(3, kind=MessageKind.CANCEL, side=SELL, price=1_001, target=2), {3}),
    "cancel of nothing": (send(1, kind=MessageKind.CANCEL, side=SELL, price=1_001, target=2), {1}),
    "cancel all": (send(3, kind=MessageKind.CANCEL_ALL), {3}),
    "liquidation that is not due": (unsigned(Message.liquidation(1, 0, SELL, 1)), {FUND, 1, 2}),
    "liquidation of nobody": (unsigned(Message.liquidation(77, 0, SELL, 1)), {FUND, 2, 77}),
    "liquidation": (unsigned(Message.liquidation(9, 0, BUY, 2)), {FUND, 3, 4, 9}),
    "liquidation that the fund ends": (unsigned(Message.liquidation(7, 0, SELL, 1)), {FUND, 2, 7}),
    "unwinding": (unsigned(Message.unwinding(0, BUY, 1, 1_001)), {FUND, 3}),
    "unwinding that reaches nothing": (unsigned(Message.unwinding(0, BUY, 1, 1_000)), {FUND}),
}
HELD = {**dict.fromkeys(range(1, 8), (1,)), 8: (12,), 9: (-10,), FUND: (-9,)}


@pytest.mark.parametrize(("act", "slots"), ACTS.values(), ids=ACTS)
def test_the_accounts_that_a_batch_settles_are_those_of_its_slots(act: Act, slots: set[int]) -> None:
    venue = Venue(RESTING, positions=HELD, collateral=POOR, rate_ppm=RATE, liquidation_fee_ppm=5_000)
    stored, markets = dict(venue.state.accounts), venue.ledger.markets
    act(venue)
    batch = venue.seal()
    assert set(ids(batch)) == slots
    require_settled(stored, markets, venue.state, batch)


def require_settled(
    stored: dict[int, Account], markets: Sequence[Market], state: State, batch: SealedBatch
) -> None:
    """Each account of a slot has the indices of the opening, no other one has moved: if anything accrued."""
    slots = set(ids(batch))
    for number, account in state.accounts.items():
        if number in slots:
            assert account.indices == opening_indices(state, batch, account.positions)
        else:
            assert account == stored[number]
            opening = opening_indices(state, batch, account.positions)
            accrued = any(
                index != market.index(size)
                for index, size, market in zip(opening, account.positions, markets, strict=True)
            )
            assert not accrued or account.indices != opening


def opening_indices(state: State, batch: SealedBatch, positions: tuple[int, ...]) -> tuple[int, ...]:
    """The indices of an account's sides before the charge of the batch's end."""
    indices = []
    for slot, (market, size) in enumerate(zip(state.markets, positions, strict=True)):
        rose = [
            event.index
            for event in batch.events
            if isinstance(event, ShortfallCharged) and (event.market, event.side == SELL) == (slot, size < 0)
        ]
        indices.append(market.index(size) - sum(rose) if size else 0)
    return tuple(indices)


@pytest.mark.parametrize("seed", range(12))
def test_so_it_is_whatever_traders_do(seed: int) -> None:
    size, leverage = batch_size("reference"), Random(seed).choice((8, 16))
    terms = {"accounts": 7, "markets": 3, "resting": 6, "leverage": leverage}
    state = strategies.genesis(**terms)
    ledger = ledger_of(state)
    for commands in strategies.batches(seed, 5, messages=24, steps=24, **terms):
        stored, markets = dict(state.accounts), ledger.markets
        batch = sealed_batch(ledger, state, size, commands)
        require_settled(stored, markets, state, batch)
        assert ledger.state() == state


# ---- Shortfalls.

DEBT = 1_000


def indebted(side: Side, **fields: Any) -> Venue:
    """Account 9 holds ten lots against account 8 and is worth less than nothing; the fund has nothing."""
    size = 10 if side == SELL else -10
    return Venue(collateral={9: -size * 1_000 - DEBT}, positions={9: (size,), 8: (-size,)}, **fields)


@pytest.mark.parametrize("side", [SELL, BUY])
def test_what_the_fund_is_short_of_is_charged_when_the_batch_is_sealed(side: Side) -> None:
    venue = indebted(side)
    venue.liquidate(9, side, 10)
    before = len(venue.builder.events)
    batch = venue.seal()
    index = DEBT * UNIT // 10
    assert batch.events[before:] == (ShortfallCharged(0, side, DEBT, index),)
    assert batch.inputs["shortfallIndex"] == index
    assert batch.words[c.HEADER_FUNDING_POOL] == to_field(-DEBT)
    market = venue.ledger.markets[0]
    assert (market.long_index, market.short_index) == ((0, index) if side == SELL else (index, 0))
    fund = venue.ledger.account(FUND)
    assert fund.collateral + market.value(fund.positions[0]) == 0
    assert fund.indices == (0, 0, 0, 0)


def test_an_account_of_the_batch_owes_the_charge_from_the_next_one_on() -> None:
    venue = indebted(SELL)
    venue.deposit(8, 5)
    venue.liquidate(9, SELL, 10)
    batch = venue.seal()
    assert batch.change.accounts[8].collateral == RICH + 5
    assert batch.change.accounts[8].indices == (0, 0, 0, 0)
    assert of_account(batch, 8, "Settled") == RICH
    assert venue.state.account(8).collateral == RICH + 5 - DEBT
    venue.open()
    venue.deposit(8, 1)
    batch = venue.seal()
    assert of_account(batch, 8, "Settled") == RICH + 5 - DEBT
    assert batch.change.accounts[8].indices == (DEBT * UNIT // 10, 0, 0, 0)
    assert batch.change.counters.funding_pool == 0


def test_a_fund_that_has_enough_charges_nobody() -> None:
    venue = Venue(collateral={9: -9_800}, positions={9: (10,), 8: (-10,)})
    venue.liquidate(9, SELL, 10)
    batch = venue.seal()
    assert batch.inputs["shortfallIndex"] == 0
    assert not any(isinstance(event, ShortfallCharged) for event in batch.events)
    assert batch.change.counters.funding_pool == 0


def test_a_charge_makes_the_market_reduce_only_and_says_so() -> None:
    venue = indebted(SELL, halt_seconds=10)
    venue.liquidate(9, SELL, 10)
    batch = venue.seal()
    until = batch.change.counters.timestamp + 10
    assert batch.inputs["marketReducedUntil"] == [0, 0, 0, 0]
    assert venue.ledger.markets[0].reduced_until == until
    market = venue.ledger.markets[0]
    assert batch.words[-3:] == [market.price_word(), market.short_index, market.risk_word()]
    venue.open()
    venue.buy(1, 1, 1_000)
    venue.buy(8, 1, 1_000, reduce_only=True)
    batch = venue.seal()
    assert batch.inputs["marketReducedUntil"] == [until, 0, 0, 0]
    assert venue.ledger.markets[0].status == MarketStatus.REDUCE_ONLY
    assert [order.account for order in venue.state.book(0, BUY)] == [8]
    venue.open(10)
    venue.seal()
    assert venue.ledger.markets[0].status == MarketStatus.OPEN
