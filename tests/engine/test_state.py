"""The state as an object: what it shows, and how a command is undone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sequencer.engine import apply
from sequencer.engine.commands import ProcessRequest
from sequencer.engine.state import State
from sequencer.model.account import Account
from sequencer.model.codes import RequestKind, Side
from sequencer.model.funding import unsettled
from sequencer.model.market import Market
from sequencer.model.premium import Premium
from sequencer.model.request import Request
from tests.engine.venue import engine_snapshot
from tests.strategies import commands, genesis, owner_of

CROWD = {"accounts": 4, "markets": 2, "newcomers": 2, "resting": 4}


def start() -> State:
    return genesis(CROWD["accounts"], CROWD["markets"], CROWD["resting"])


@given(seed=st.integers(0, 2**32), count=st.integers(0, 40), undone=st.integers(1, 30))
def test_commands_that_are_undone_leave_no_trace(seed: int, count: int, undone: int) -> None:
    state, untouched = start(), start()
    stream = commands(seed, count + undone, **CROWD)
    for command in stream[:count]:
        apply(state, command)
        apply(untouched, command)
    token = state.checkpoint()
    events = [apply(state, command) for command in stream[count:]]
    state.rollback(token)
    assert state == untouched
    assert [apply(state, command) for command in stream[count:]] == events


@given(seed=st.integers(0, 2**32), count=st.integers(1, 60))
def test_an_account_is_shown_as_it_is_once_it_is_settled(seed: int, count: int) -> None:
    """Though what is shown is remembered: from before the command, and from before it was undone."""
    state = start()
    for command in commands(seed, count, **CROWD):
        for number in state.accounts:
            state.account(number)
        token = state.checkpoint()
        apply(state, command)
        assert_shown_settled(state)
        state.rollback(token)
        assert_shown_settled(state)
        apply(state, command)


def assert_shown_settled(state: State) -> None:
    for number, stored in state.accounts.items():
        shown = state.account(number)
        owed = unsettled(stored.positions, stored.indices, state.markets)
        assert shown.collateral == stored.collateral - owed
        assert shown.indices == tuple(map(Market.index, state.markets, stored.positions))


def test_checkpoints_nest() -> None:
    state = start()
    outer = state.checkpoint()
    state.take_sequence()
    inner = state.checkpoint()
    state.take_sequence()
    state.rollback(inner)
    assert state.next_sequence == start().next_sequence + 1
    state.rollback(outer)
    assert state == start()


def test_a_commit_forgets_how_to_undo() -> None:
    state = start()
    state.take_sequence()
    token = state.checkpoint()
    state.commit()
    with pytest.raises(AssertionError, match="forgotten"):
        state.rollback(token)


def test_undoing_the_creation_of_an_account_makes_it_absent() -> None:
    state = start()
    token = state.checkpoint()
    apply(state, ProcessRequest(Request(RequestKind.DEPOSIT, 9, owner_of(9), 5)))
    assert state.account(9).collateral == 5
    state.rollback(token)
    assert 9 not in state.accounts
    assert state.account(9) == Account()


def test_accounts_are_read_only() -> None:
    accounts: Any = start().accounts
    with pytest.raises(TypeError):
        accounts[1] = Account()


@pytest.mark.parametrize(
    "other", ["fee_pool", "funding_pool", "premium", "period", "order", "account", "market"]
)
def test_states_differ_when_anything_does(other: str) -> None:
    state = start()
    match other:
        case "fee_pool":
            state.collect_fees(1)
        case "funding_pool":
            state.advance_funding(1)
        case "premium":
            state.put_premium(3, Premium(weight=1))
        case "period":
            state.set_period(1)
        case "order":
            state.book(0, Side.BUY).remove(next(iter(state.book(0, Side.BUY))).key)
        case "account":
            state.put_account(1, replace(state.account(1), nonce=1))
        case _:
            state.put_market(0, replace(state.market(0), mark=7))
    assert state != start()
    assert engine_snapshot(state) != engine_snapshot(start())


def test_a_book_is_read_in_the_order_of_its_keys() -> None:
    for side in Side:
        book = start().book(0, side)
        keys = [order.key for order in book]
        assert keys == sorted(keys)
        assert len(book) == len(keys) > 1
        head = book.head()
        assert head is not None
        assert head.key == keys[0]
        assert book.find(keys[1]) == list(book)[1]
        assert book.find(keys[1] + 1) is None
