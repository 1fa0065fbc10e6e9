"""The referee: docs/spec/funding.md once more, in fractions of a quote unit."""

import math
from fractions import Fraction

from msgspec.structs import replace

from sequencer.engine.events import ShortfallCharged
from sequencer.model.market import Market
from sequencer.model.order import Order
from tests.engine.naive_state import BUY, FUND, SELL, Exchange, is_settled

EIGHT_HOURS = 8 * 60 * 60
UNIT = EIGHT_HOURS * 10**6


def accrue(market: Market, rate_ppm: int, now: int) -> tuple[int, int]:
    """Long and short index once longs have paid for as long as the last mark held."""
    if is_settled(market):
        return market.long_index, market.short_index
    eight_hours = Fraction(now - market.oracle_time, EIGHT_HOURS)
    worth = market.mark * market.parameters.quote_per_tick_lot
    paid = Fraction(rate_ppm, 10**6) * eight_hours * worth * UNIT
    assert paid.denominator == 1
    return market.long_index + int(paid), market.short_index - int(paid)


def count_fill(state: Exchange, head: Order, lots: int) -> None:
    """Let the premium know what traded at the price of the head."""
    m = head.market
    premium = state.premiums_before.setdefault(m, state.premiums[m])
    state.trades.setdefault(m, []).append((lots, head.price))
    all_lots = sum(lots for lots, _ in state.trades[m])
    average = Fraction(sum(lots * price for lots, price in state.trades[m]), all_lots)
    mark = state.markets[m].mark
    marks = [Fraction(mark), Fraction(state.marks_before.get(m, mark))]
    # How far the average price of the batch lies from the nearest price between the two marks.
    outside = all_lots * (average - sorted((*marks, average))[1])
    assert outside.denominator == 1
    state.premiums[m] = replace(
        premium,
        excess=premium.excess + int(outside),
        weight=premium.weight + all_lots * state.markets[m].mark,
    )


def new_rate(state: Exchange, m: int) -> int:
    """The rate that follows from what the last period traded at; before the batch has its mark."""
    market, premium = state.markets[m], state.premiums[m]
    divisor = max(premium.weight, state.open_interest(m) * market.mark)
    above = math.floor(Fraction(premium.excess, divisor) * 10**6) if divisor else 0
    # The interest, if that is less than 500 ppm away; otherwise 500 ppm nearer to it.
    rate = sorted((above - 500, market.parameters.interest_ppm, above + 500))[1]
    buffer = market.parameters.initial_ppm - market.parameters.maintenance_ppm
    return sorted((-buffer, rate, buffer))[1]


def settle(state: Exchange, account: int) -> None:
    """Let an account pay what its positions owe, once a batch."""
    if account not in state.holders or account in state.settled:
        return
    holder = state.holders[account]
    owed = Fraction(0)
    for m, (size, index) in enumerate(zip(holder.positions, holder.indices, strict=True)):
        owed += abs(size) * Fraction(state.present_index(m, size) - index, UNIT)
    charge = math.ceil(owed)
    holder.collateral -= charge
    state.funding_pool += charge
    state.settled.add(account)


def write_down(state: Exchange) -> None:
    """Give what the batch has settled its indices, by the sides on which it ends."""
    for account in state.settled:
        state.holders[account].indices = state.indices(account)
    state.settled.clear()


def lost(state: Exchange) -> tuple[int, int]:
    """Market and side that the fund's loss came from: where it holds most, else where it last traded.

    A market whose mark stands still counts where it holds nothing else.
    """
    assert state.fund_trade is not None
    positions = state.holder(FUND).positions
    held = [m for m in range(4) if positions[m] != 0]
    moving = [m for m in held if not is_settled(state.markets[m])]
    if not held:
        return state.fund_trade
    worth = {m: state.value(m, abs(positions[m]), state.markets[m].mark) for m in moving or held}
    m = max(worth, key=lambda each: worth[each])
    return m, SELL if positions[m] > 0 else BUY


def charge_shortfall(state: Exchange) -> list[ShortfallCharged]:
    """What the fund is short of after it has traded is owed by the side that won."""
    write_down(state)
    debt = -state.equity(state.holder(FUND))
    if state.fund_trade is None or debt <= 0:
        return []
    m, side = lost(state)
    lots, market = state.open_interest(m), state.markets[m]
    amount = min(debt, state.value(m, lots, market.mark))
    if amount == 0:
        return []
    index = math.ceil(Fraction(amount * UNIT, lots))
    state.holders[FUND].collateral += amount
    state.funding_pool -= amount
    longs, shorts = (0, index) if side == SELL else (index, 0)
    state.markets[m] = replace(
        market,
        long_index=market.long_index + longs,
        short_index=market.short_index + shorts,
        reduced_until=state.timestamp + market.parameters.halt_seconds,
    )
    return [ShortfallCharged(m, side, amount, index)]
