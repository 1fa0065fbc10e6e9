"""What the insurance fund is short of after it has traded, the winning side pays (docs/spec/funding.md)."""

from msgspec.structs import replace

from sequencer.engine.events import ShortfallCharged
from sequencer.engine.liquidation import pay_fund
from sequencer.engine.margin import health
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.model.market import Market


def charge_shortfall(state: State) -> ShortfallCharged | None:
    """Charge the fund's debt to those who won what it lost, if it has traded in the batch.

    The market then takes only orders that reduce, for as long as a halt of it lasts.
    """
    losing = losing_side(state)
    if losing is None:
        return None
    slot, side = losing
    fund, market = state.account(c.INSURANCE_ACCOUNT), state.market(slot)
    # Nobody is charged more than the value of its position.
    amount = min(-health(fund, state.markets).equity, market.value(market.open_interest))
    if amount <= 0:
        return None
    index = -(-amount * c.INDEX_UNIT // market.open_interest)
    # Before the index moves: an account that is put is settled at the index that it was read at.
    pay_fund(state, amount)
    state.advance_funding(amount)
    until = state.timestamp + market.parameters.halt_seconds
    state.put_market(slot, replace(_charged(market, side, index), reduced_until=until))
    return ShortfallCharged(slot, side, amount, index)


def losing_side(state: State) -> tuple[int, int] | None:
    """Return the market and the side whose loss the fund bears, if it has traded in the batch.

    That of its most valuable position, `SELL` where it is long, in a market that is not settled if it has one
    there; of its last trade if it holds nothing.
    """
    if state.fund_trade is None:
        return None
    positions = state.account(c.INSURANCE_ACCOUNT).positions
    slot = max(range(c.MARKETS), key=lambda slot: _rank(state.market(slot), positions[slot]))
    if positions[slot] == 0:
        return state.fund_trade
    return slot, Side.SELL if positions[slot] > 0 else Side.BUY


def _rank(market: Market, position: int) -> tuple[bool, int]:
    return position != 0 and not market.is_settled, market.value(abs(position))


def _charged(market: Market, side: int, index: int) -> Market:
    """Return the market whose winners owe more: who sells gets rid of longs, so the shorts have won."""
    if side == Side.SELL:
        return replace(market, short_index=market.short_index + index)
    return replace(market, long_index=market.long_index + index)
