"""How orders leave the book without a trade."""

from msgspec.structs import replace

from sequencer.engine.events import Cancelled, CancelledAll, Dropped
from sequencer.engine.state import State
from sequencer.model.account import Account
from sequencer.model.codes import Side, Verdict
from sequencer.model.market import Market
from sequencer.model.message import Message
from sequencer.model.order import Order, book_key


def cancel_all(state: State, sequence: int, message: Message) -> CancelledAll:
    """Make every older order of the account dead; each leaves the book when it is met or cancelled."""
    account = state.account(message.account)
    state.put_account(message.account, replace(account, dead_below=sequence, open_notional=0))
    return CancelledAll(sequence, message.account)


def cancel_order(state: State, sequence: int, message: Message) -> Cancelled | Dropped:
    """Remove the order that the message names, dead or not, if it rests and is the account's own."""
    key = book_key(message.side, message.price, message.target)
    order = state.book(message.market, message.side).find(key)
    if order is None or order.account != message.account:
        return Dropped(sequence, Verdict.NOT_FOUND, 0)
    remove_order(state, order)
    return Cancelled(sequence, order)


def remove_order(state: State, order: Order) -> None:
    """Take an order out of the book, and out of the counts and its owner's open notional."""
    state.book(order.market, order.side).remove(order.key)
    market = state.market(order.market)
    state.put_market(order.market, count_orders(market, order.side, -1))
    owner = state.account(order.account)
    notional = 0 if is_dead(order, owner) else limit_notional(order, order.remaining, market)
    assert owner.orders > 0
    assert owner.open_notional >= notional
    owner = replace(owner, orders=owner.orders - 1, open_notional=owner.open_notional - notional)
    state.put_account(order.account, owner)


def is_dead(order: Order, owner: Account) -> bool:
    """Tell whether a cancel-all of the owner came after the order."""
    return order.sequence < owner.dead_below


def limit_notional(order: Order, quantity: int, market: Market) -> int:
    """Return what a quantity of an order (lots) is worth at its limit price, in quote units."""
    return quantity * order.price * market.parameters.quote_per_tick_lot


def count_orders(market: Market, side: int, change: int) -> Market:
    """Return the market with one order more or less on a side."""
    assert market.side_orders(side) + change >= 0
    if side == Side.BUY:
        return replace(market, bid_orders=market.bid_orders + change)
    return replace(market, ask_orders=market.ask_orders + change)
