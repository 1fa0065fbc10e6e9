"""What sequences reached of docs/spec/breakers.md: restrictions, floor, settled markets."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sequencer.batch.sealed import SealedBatch
from sequencer.engine.events import (
    Cancelled,
    Dropped,
    Event,
    Filled,
    MakerRemoved,
    MessageSequenced,
    RequestProcessed,
    TakenOver,
)
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus, RequestKind, Verdict
from sequencer.model.market import Market
from sequencer.model.venue import Venue
from soundness.fuzz.coverage import Coverage, is_step


def of_restrictions(venue: Venue, markets: Sequence[Market], batch: SealedBatch) -> Coverage:
    """Count what L1 restricts in a batch, and what of it is new or over since the batch before."""
    signals: Mapping[str, Any] = batch.inputs
    now = signals["timestamp"]
    reached = Coverage()
    live = [slot for slot, market in enumerate(markets) if market.exists]
    restricted = [slot for slot in live if venue.restricted_markets >> slot & 1]
    holds = now < venue.restricted_until
    reached["restriction", "of some markets alone"] += holds and 0 < len(restricted) < len(live)
    reached["restriction", "of all markets"] += holds and restricted == live
    reached["restriction", "over"] += bool(restricted) and not holds and venue.restricted_until > 0
    reached["restriction", "at its last second"] += bool(restricted) and now == venue.restricted_until - 1
    reached["restriction", "at its end"] += bool(restricted) and now == venue.restricted_until
    for old, new in zip(markets, batch.change.markets, strict=True):
        reached["congestion", "begun"] += new.congestion_addon_ppm > 0 == old.congestion_addon_ppm
        reached["congestion", "over"] += old.congestion_addon_ppm > 0 == new.congestion_addon_ppm
    reached["congestion", "at its last second"] += now == venue.congested_until - 1
    reached["congestion", "at its end"] += now == venue.congested_until
    return reached


def of_the_floor(venue: Venue, batch: SealedBatch) -> Coverage:
    """Count what a batch that holds the fund's account made of the floor, and batches that do not hold it."""
    signals: Mapping[str, Any] = batch.inputs
    reached = Coverage()
    held = zip(signals["accountEnabled"], signals["accountId"], strict=True)
    is_shown = (1, c.INSURANCE_ACCOUNT) in held
    was, now = venue.uninsured, batch.change.counters.venue.uninsured
    if not is_shown:
        reached["floor", "below, and not shown"] += was
        return reached
    names = {(0, 0): "above", (0, 1): "crossed downwards", (1, 0): "crossed upwards", (1, 1): "still below"}
    reached["floor", names[was, now]] += 1
    paid = any(_is_payment(event) for event in batch.events)
    reached["floor", "crossed upwards by a payment"] += was and not now and paid
    return reached


def _is_payment(event: Event) -> bool:
    if not isinstance(event, RequestProcessed):
        return False
    request = event.request
    return (
        request.kind == RequestKind.DEPOSIT and request.account == c.INSURANCE_ACCOUNT and request.amount > 0
    )


def of_the_clock(markets: Sequence[Market], batch: SealedBatch) -> Coverage:
    """Count what became of the time since which the fund has held a position in each market."""
    signals: Mapping[str, Any] = batch.inputs
    after, now = batch.change.markets, signals["timestamp"]
    terms = zip(markets, after, signals["marketSettleSeconds"], strict=True)
    return Coverage(("fund", name) for old, new, most in terms for name in _clock(old, new, most, now))


def _clock(old: Market, new: Market, most: int, now: int) -> Iterator[str]:
    was, since = old.fund_since, new.fund_since
    if was == 0 and since:
        yield "holds a position"
    elif was > c.SETTLED_SINCE:
        if since == 0 and new.status != MarketStatus.SETTLED:
            yield "got rid of its position"
        elif since == was:
            yield "stuck at the last second" if now - was == most else "stuck"
        elif since == now:
            yield "halted, and starts again"


def of_settled(markets: Sequence[Market], batch: SealedBatch) -> Coverage:
    """Count what happened in settled markets, and which settled or opened again."""
    signals: Mapping[str, Any] = batch.inputs
    reached = Coverage()
    now = signals["timestamp"]
    rounds = zip(*signals["oraclePrice"], strict=True)
    for slot, (old, new, prices) in enumerate(zip(markets, batch.change.markets, rounds, strict=True)):
        due = old.fund_since + signals["marketSettleSeconds"][slot]
        if new.is_settled and not old.is_settled:
            reached["settled", "by this batch"] += 1
            reached["settled", "at the first second"] += now == due + 1
        if old.is_settled:
            reached["settled", "mark stood still"] += new.mark != sorted(prices)[1]
            reached["settled", "no funding accrued"] += signals["premiumRate"][slot] != 0
            reached["settled", "left by all"] += new.fund_since == 0
            reached["settled", "not left by all"] += new.fund_since == c.SETTLED_SINCE
        elif old.status == MarketStatus.SETTLED:
            reached["settled", "opened again"] += new.status != MarketStatus.HALTED
            reached["settled", "opened again, halted"] += new.status == MarketStatus.HALTED
    reached.update(("settled", name) for name in _acts(batch))
    return reached


def _acts(batch: SealedBatch) -> Iterator[str]:
    """Return what was done in settled markets, and what was taken out by those who hold positions there."""
    signals: Mapping[str, Any] = batch.inputs
    settled = [market.status == MarketStatus.SETTLED for market in batch.change.markets]
    holders = {
        number
        for number, positions in zip(signals["accountId"], signals["accountPosition"], strict=True)
        if any(size and is_settled for size, is_settled in zip(positions, settled, strict=True))
    }
    message = None
    for event in batch.events:
        if isinstance(event, RequestProcessed):
            is_paid = event.request.kind == RequestKind.WITHDRAW and event.outcome.paid > 0
            if is_paid and event.request.account in holders:
                yield "withdrawn by a holder"
        elif isinstance(event, MessageSequenced):
            message = event.message
        elif (
            is_step(event) and message is not None and message.market < c.MARKETS and settled[message.market]
        ):
            yield from _act(event, message.is_liquidation, message.is_unwinding)


def _act(event: Event, is_liquidation: bool, is_unwinding: bool) -> Iterator[str]:
    match event:
        case Dropped(verdict=Verdict.REDUCE_ONLY, looked=False):
            yield "an order refused"
        case MakerRemoved(verdict=Verdict.MAKER_REDUCE_ONLY, head=head) if not head.reduce_only:
            yield "a maker kept from opening"
        case Filled():
            yield "liquidated" if is_liquidation else "unwound" if is_unwinding else "traded"
        case TakenOver():
            yield "taken over"
        case Cancelled():
            yield "an order cancelled"
