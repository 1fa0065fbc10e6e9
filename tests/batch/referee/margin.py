"""The margin rule, straight from docs/spec/matching.md."""

from dataclasses import replace

from sequencer.model.codes import Verdict
from tests.batch.referee.tables import MarketSlot, Slot


def measures(slot: Slot, markets: list[MarketSlot]) -> tuple[int, int, int]:
    """E, IM and MM."""
    terms = [(size, m.mark * m.qptl, m) for size, m in zip(slot.positions, markets, strict=True)]
    equity = slot.collateral + sum(size * price for size, price, _ in terms)
    initial = sum(abs(size) * price * m.initial_rate + size * size * m.tier_step for size, price, m in terms)
    maintenance = sum(abs(size) * price * m.maintenance_rate for size, price, m in terms)
    return equity, initial, maintenance


def margin_excess(slot: Slot, markets: list[MarketSlot], extra_notional: int = 0) -> int:
    """E x 10^6 - IM - rate_max x ON."""
    equity, initial, _ = measures(slot, markets)
    return equity * 10**6 - initial - _reserved(slot.open_notional + extra_notional, markets)


def free_collateral(slot: Slot, markets: list[MarketSlot]) -> int:
    """The floor of E - HM - rate_max x ON."""
    equity, _, _ = measures(slot, markets)
    held = sum(
        abs(size) * m.mark * m.qptl * m.held_rate + size * size * m.tier_step
        for size, m in zip(slot.positions, markets, strict=True)
    )
    return (equity * 10**6 - held - _reserved(slot.open_notional, markets)) // 10**6


def _reserved(notional: int, markets: list[MarketSlot]) -> int:
    """What resting orders bind: rate_max x ON."""
    return notional * max((market.reserve_rate for market in markets if market.live), default=0)


def fee(notional: int, rate: int) -> int:
    """The ceiling of notional x rate / 10^6."""
    quotient, remainder = divmod(notional * rate, 10**6)
    return quotient + (remainder > 0)


def traded(slot: Slot, market: int, direction: int, quantity: int, notional: int, paid: int) -> Slot:
    positions = list(slot.positions)
    positions[market] += direction * quantity
    return replace(slot, positions=positions, collateral=slot.collateral - direction * notional - paid)


def judge(
    before: Slot, after: Slot, markets: list[MarketSlot], market: int, reduces: bool, reduce_only: bool
) -> Verdict | None:
    if reduce_only and not reduces:
        return Verdict.REDUCE_ONLY
    if not in_bounds(after, markets, market, reduces):
        return Verdict.BOUNDS
    equity, _, maintenance = measures(before, markets)
    equity_after, initial_after, maintenance_after = measures(after, markets)
    holds = equity_after * 10**6 >= initial_after or (
        reduces
        and equity_after * 10**6 >= maintenance_after
        and equity_after * maintenance >= equity * maintenance_after
    )
    return None if holds else Verdict.MARGIN


def in_bounds(after: Slot, markets: list[MarketSlot], market: int, reduces: bool) -> bool:
    if not reduces and abs(after.positions[market]) > markets[market].max_position:
        return False
    return -(2**62) <= after.collateral < 2**62
