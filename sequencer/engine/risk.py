"""What the operator owes: to liquidate whoever is due, and to unwind the fund (docs/spec/liquidation.md)."""

from collections.abc import Iterator
from types import UnionType
from typing import Final

from sequencer.engine.events import CancelledAll, Event, Filled, MakerRemoved, TakenOver
from sequencer.engine.liquidation import is_below_half, is_liquidatable, lots_due
from sequencer.engine.margin import health
from sequencer.engine.messages import sequence_message
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Side
from sequencer.model.market import Market
from sequencer.model.message import Message

_PROGRESS: Final = CancelledAll | Filled | MakerRemoved | TakenOver


def next_liquidation(state: State, number: int) -> Message | None:
    """Return the first liquidation of an account that would change something, if one would.

    The largest maintenance margin comes first. Where the fund may take over, it is offered all of a position.
    """
    if not is_liquidatable(state, number):
        return None
    messages = _liquidations(state, number)
    return next((message for message in messages if _does(state, message, _PROGRESS)), None)


def next_unwinding(state: State) -> Message | None:
    """Return the first unwinding of the fund that would trade, if it has a turn left in this batch."""
    if not state.turns:
        return None
    return next((message for message in _unwindings(state) if _does(state, message, Filled)), None)


def _liquidations(state: State, number: int) -> Iterator[Message]:
    account = state.account(number)
    now = health(account, state.markets)
    for slot, size, market in _open_positions(state, account):
        lots = min(abs(size), market.parameters.max_position)
        if is_below_half(now):
            yield Message.liquidation(number, slot, _reducing(size), lots)
        yield Message.liquidation(number, slot, _reducing(size), min(lots, lots_due(now, market)))


def _unwindings(state: State) -> Iterator[Message]:
    for slot, size, market in _open_positions(state, state.account(c.INSURANCE_ACCOUNT)):
        side = _reducing(size)
        lots = min(abs(size), market.parameters.max_position)
        reach = market.liquidation_fee_ppm * market.mark // c.PPM_UNIT
        limit = market.mark - reach if side == Side.SELL else market.mark + reach
        yield Message.unwinding(slot, side, lots, max(0, min(limit, c.RANK_MAX)))


def _open_positions(state: State, account: Account) -> list[tuple[int, int, Market]]:
    """Return slot, size and market of each position that can be traded, the largest margin first."""
    found = [
        (slot, size, market)
        for slot, (size, market) in enumerate(zip(account.positions, state.markets, strict=True))
        if size != 0 and market.is_open
    ]
    return sorted(found, key=lambda each: -each[2].value(abs(each[1])) * each[2].maintenance_ppm)


def _reducing(size: int) -> Side:
    return Side.SELL if size > 0 else Side.BUY


def _does(state: State, message: Message, what: type[Event] | UnionType) -> bool:
    """Tell whether a message would do such a thing; the state stays as it is."""
    token = state.checkpoint()
    events = sequence_message(state, message)
    state.rollback(token)
    return any(isinstance(event, what) for event in events)
