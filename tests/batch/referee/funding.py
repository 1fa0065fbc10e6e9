"""Indices, rates, settlement and the charge of a shortfall, straight from docs/spec/funding.md."""

from fractions import Fraction
from math import ceil, floor

from sequencer.model.words import to_field
from tests.batch.referee.margin import measures
from tests.batch.referee.signals import Inputs, require
from tests.batch.referee.tables import FUND, MarketSlot, Slot

EIGHT_HOURS = 28_800
INDEX_UNIT = 28_800_000_000


def accrue(markets: list[MarketSlot], time: int) -> None:
    """Longs owe shorts the rate before the batch for as long as the last mark held; not once settled."""
    for market in markets:
        if market.settled:
            continue
        accrued = market.rate * market.mark * market.qptl * (time - market.oracle_time)
        market.long_index, market.short_index = market.long_index + accrued, market.short_index - accrued


def begin_period(inputs: Inputs, markets: list[MarketSlot]) -> None:
    """Set the rates if the round is of another period; markets still have the marks of the last batch."""
    period = inputs["oraclePeriod"]
    require(period == inputs["oracleTime"] // EIGHT_HOURS, "the period is that of the round")
    for market, hint in zip(markets, inputs["premiumPpm"], strict=True):
        premium = _premium(market)
        require(hint == to_field(min(premium, 2**21 - 1)), "the premium is what orders traded at")
        if period != inputs["premiumPeriod"]:
            damped = premium + _clamp(market.interest - premium, 500)
            market.rate = _clamp(damped, market.initial - market.maintenance)
            market.excess = market.weight = 0


def _premium(market: MarketSlot) -> int:
    divisor = max(market.weight, market.open_interest * market.mark)
    return floor(Fraction(market.excess * 10**6, divisor)) if divisor else 0


def _clamp(value: int, bound: int) -> int:
    return -bound if value < -bound else min(value, bound)


def count_fill(market: MarketSlot, lots: int, price: int) -> None:
    """Add a fill to what the orders of the batch traded."""
    market.traded_lots += lots
    market.traded_cost += lots * price


def count_batch(markets: list[MarketSlot], marks_before: list[int]) -> None:
    """Add the batch to what the orders of the period traded at, where that lies outside the two marks."""
    for market, before in zip(markets, marks_before, strict=True):
        lots, cost = market.traded_lots, market.traded_cost
        market.excess += max(0, cost - lots * max(before, market.mark))
        market.excess -= max(0, lots * min(before, market.mark) - cost)
        market.weight += lots * market.mark


def premium_words(markets: list[MarketSlot], period: int) -> list[int]:
    """The words of docs/spec/state.md, Premiums."""
    words = [(to_field(m.excess), m.weight, to_field(m.rate)) for m in markets]
    return [*(word for three in words for word in three), period]


def settle(inputs: Inputs, slots: list[Slot], markets: list[MarketSlot], pool: int) -> int:
    """Charge what every account owes; the funding pool that has got it."""
    for slot, element in zip(slots, inputs["accountSettled"], strict=True):
        owed = sum(
            Fraction(abs(size) * (market.index(size) - index), INDEX_UNIT)
            for size, index, market in zip(slot.positions, slot.indices, markets, strict=True)
        )
        charge = ceil(owed)
        slot.collateral, pool = slot.collateral - charge, pool + charge
        require(-(2**62) <= slot.collateral < 2**62, "a settled collateral is in its range")
        require(element == to_field(slot.collateral), "an account is charged what it owes")
    return pool


def leave(slots: list[Slot], markets: list[MarketSlot]) -> None:
    """Positions take the indices of the batch, by the sides on which they end."""
    for slot in slots:
        slot.indices = [m.index(size) for size, m in zip(slot.positions, markets, strict=True)]


def charge_shortfall(
    inputs: Inputs,
    slots: list[Slot],
    markets: list[MarketSlot],
    trade: tuple[int, int] | None,
    pool: int,
) -> int:
    """Let the winning side owe what the fund is short of after its trade; the funding pool that is left."""
    amount = index = 0
    if trade is not None:
        (fund,) = [slot for slot in slots if slot.enabled and slot.id == FUND]
        ranks = [
            (size != 0, not m.settled, abs(size) * m.mark * m.qptl)
            for size, m in zip(fund.positions, markets, strict=True)
        ]
        place = ranks.index(max(ranks))
        if fund.positions[place]:
            trade = place, int(fund.positions[place] > 0)
        market, side = markets[trade[0]], trade[1]
        equity, _, _ = measures(fund, markets)
        amount = max(0, min(-equity, market.open_interest * market.mark * market.qptl))
        if amount:
            index = ceil(Fraction(amount * INDEX_UNIT, market.open_interest))
            market.reduced_until = inputs["timestamp"] + market.halt_seconds
        fund.collateral += amount
        if side == 1:
            market.short_index += index
        else:
            market.long_index += index
    require(inputs["shortfallIndex"] == index, "the winning side owes what the fund is short of")
    return pool - amount
