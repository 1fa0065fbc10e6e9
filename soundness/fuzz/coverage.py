"""What sequences reached: verdicts, maker outcomes, answers to requests, pages, rows and margin edges."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from sequencer.batch.sealed import SealedBatch
from sequencer.engine.events import (
    BookExhausted,
    Cancelled,
    CancelledAll,
    Dropped,
    EpochOpened,
    Event,
    Filled,
    MakerRemoved,
    MessageSequenced,
    RequestProcessed,
    Rested,
    ShortfallCharged,
    TakenOver,
)
from sequencer.engine.margin import health
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus, MessageKind, RequestKind, RequestStatus, Side, Verdict
from sequencer.model.market import Market, MarketParameters
from sequencer.model.schedule import MarginSchedule
from sequencer.model.words import from_field
from sequencer.state.pages import Page

Coverage = Counter[tuple[str, str]]
"""How often something was reached, by topic and name."""

EDGES = (
    "rest",
    "taker",
    "taker reducing",
    "maker",
    "maker reducing",
    "due",
    "bankruptcy",
    "half",
    "shortfall",
    "worth of a side",
    "floor",
)
STAGES = (
    "not due",
    "orders cancelled",
    "filled",
    "filled, then not due",
    "maker removed",
    "book empty",
    "head beyond the bankruptcy price",
    "taken over",
    "taken over after a fill",
    "refused to the fund",
    "forced",
)
TURNS = ("filled", "nobody in reach", "reduce_only", "not_due", "price_band", "after a forced one")
SETTLEMENTS = ("charged", "paid", "neither, with a position")
RATES = (
    "as the interest",
    "at the end of what is damped",
    "drawn to the interest",
    "negative",
    "at the buffer",
    "at minus the buffer",
    "of a premium beyond its bits",
    "divided by the open interest",
    "of nothing",
)
REDUCED = ("refused", "traded", "rested", "begun", "ended")
MARGINS = (
    "sampled",
    "sampled for the first time",
    "a return beyond its bits",
    "add-on raised by a step",
    "add-on raised to its target",
    "add-on held by its bound",
    "add-on fallen",
    "open interest between its bounds",
    "open interest beyond its bounds",
)
ADDONS = ("refused an order or a maker", "made a liquidation due", "held back a withdrawal")
TIERS = ("refused an order or a maker", "held back a withdrawal")
CONGESTION = ("refused an order or a maker", "begun", "over", "at its last second", "at its end")
RESTRICTION = ("of some markets alone", "of all markets", "over", "at its last second", "at its end")
FLOOR = (
    "above",
    "still below",
    "crossed downwards",
    "crossed upwards",
    "crossed upwards by a payment",
    "below, and not shown",
)
FUND = (
    "holds a position",
    "got rid of its position",
    "stuck",
    "stuck at the last second",
    "halted, and starts again",
)
SETTLED = (
    "by this batch",
    "at the first second",
    "mark stood still",
    "no funding accrued",
    "left by all",
    "not left by all",
    "opened again",
    "opened again, halted",
    "an order refused",
    "an order cancelled",
    "traded",
    "a maker kept from opening",
    "liquidated",
    "unwound",
    "taken over",
    "withdrawn by a holder",
)
ENDS = ("longs charged", "shorts charged", "up to their worth", "nobody to charge")
_FIRST_OF_MAKER = 32

EXPECTED: frozenset[tuple[str, str]] = frozenset(
    [("verdict", v.name.lower()) for v in Verdict if v < _FIRST_OF_MAKER]
    + [("maker", v.name.lower()) for v in Verdict if v >= _FIRST_OF_MAKER]
    + [("maker", name) for name in ("filled to the end", "filled in part")]
    + [("request", name) for name in ("deposit done", "deposit refused", "register_key done")]
    + [("request", name) for name in ("register_key refused", "withdraw in full", "withdraw in part")]
    + [("request", name) for name in ("withdraw nothing", "message done", "restrict done", "change done")]
    + [("page", name) for name in ("made by a split", "removed by a merge", "fences moved", "filled up")]
    + [("page", "emptied, the only one of its side")]
    + [("row", name) for name in ("old order", "new order", "ghost", "sentinel")]
    + [("row", "sentinel at the end of its side")]
    + [("parameters", name) for name in ("changed", "below a position that moved")]
    + [("liquidation", stage) for stage in STAGES]
    + [("unwinding", turn) for turn in TURNS]
    + [("settlement", name) for name in SETTLEMENTS]
    + [("shortfall", name) for name in ENDS]
    + [("rate", name) for name in RATES]
    + [("reduce-only", name) for name in REDUCED]
    + [("margins", name) for name in MARGINS]
    + [("add-ons", name) for name in ADDONS]
    + [("tiers", name) for name in TIERS]
    + [("remainder", "closed")]
    + [("congestion", name) for name in CONGESTION]
    + [("restriction", name) for name in RESTRICTION]
    + [("floor", name) for name in FLOOR]
    + [("fund", name) for name in FUND]
    + [("settled", name) for name in SETTLED]
    + [("edge", f"{edge} {offset:+d}") for edge in EDGES for offset in (-1, 0, 1)]
)
"""Everything that the generator can reach: a fixed run that misses one of these has lost its aim."""


def of_events(events: Iterable[Event]) -> Coverage:
    """Count verdicts, maker outcomes and answers."""
    return Coverage(label for event in events for label in _labels(event))


def _labels(event: Event) -> list[tuple[str, str]]:
    match event:
        case Dropped():
            return [("verdict", event.verdict.name.lower())]
        case MakerRemoved():
            return [("maker", event.verdict.name.lower())]
        case Rested():
            return [("verdict", "accepted")]
        case Filled():
            whole = event.quantity == event.head.remaining
            labels = [("maker", "filled to the end" if whole else "filled in part")]
            return labels + [("verdict", "accepted")] * (event.taker_remaining == 0)
        case Cancelled() | CancelledAll():
            return [("verdict", "cancelled")]
        case TakenOver():
            return [("verdict", "accepted")]
        case RequestProcessed():
            return [("request", _answer(event))]
    return []


def of_unsigned(events: Sequence[Event]) -> Coverage:
    """Count how far liquidations came, and what became of unwindings."""
    reached = Coverage()
    is_forced = False
    begins = [place for place, event in enumerate(events) if isinstance(event, MessageSequenced)]
    for begin, end in pairwise([*begins, len(events)]):
        sequenced = events[begin]
        assert isinstance(sequenced, MessageSequenced)
        if sequenced.message.is_liquidation:
            reached.update(("liquidation", stage) for stage in stages(events[begin + 1 : end]))
            reached["liquidation", "forced"] += sequenced.forced
        if sequenced.message.is_unwinding:
            steps = events[begin + 1 : end]
            reached.update(("unwinding", _turn(step)) for step in steps)
            reached["unwinding", "after a forced one"] += is_forced and _has_turn(steps[0])
            is_forced = sequenced.forced and _has_turn(steps[0])
    return reached


def _has_turn(step: Event) -> bool:
    """Tell whether the first step of an unwinding got to the book."""
    return not isinstance(step, Dropped) or step.looked


def _turn(step: Event) -> str:
    match step:
        case Dropped(verdict=Verdict.IOC_REMAINDER):
            return "nobody in reach"
        case Dropped():
            return step.verdict.name.lower()
    return "filled" if isinstance(step, Filled) else "maker removed"


def stages(steps: Sequence[Event]) -> Iterator[str]:
    """Return what the micro-steps of a liquidation did."""
    last, is_filled = steps[-1], any(isinstance(step, Filled) for step in steps)
    for step in steps:
        match step:
            case CancelledAll():
                yield "orders cancelled"
            case Filled():
                yield "filled"
            case MakerRemoved():
                yield "maker removed"
            case BookExhausted():
                yield "book empty" if step.head is None else "head beyond the bankruptcy price"
                if isinstance(last, Dropped):
                    yield "refused to the fund"
            case TakenOver():
                yield "taken over after a fill" if is_filled else "taken over"
            case Dropped(verdict=Verdict.NOT_DUE):
                yield "filled, then not due" if is_filled else "not due"


def _answer(event: RequestProcessed) -> str:
    kind = RequestKind(event.request.kind).name.lower()
    if event.request.kind != RequestKind.WITHDRAW:
        return f"{kind} {RequestStatus(event.outcome.status).name.lower()}"
    paid, asked = event.outcome.paid, event.request.amount
    return f"{kind} {'in full' if paid == asked else 'in part' if paid else 'nothing'}"


def is_step(event: Event) -> bool:
    """Tell whether an event is a micro-step."""
    return not isinstance(event, EpochOpened | MessageSequenced | RequestProcessed | ShortfallCharged)


def verdict(step: Event) -> Verdict:
    """Return the verdict of a micro-step, as the circuit computes it."""
    match step:
        case Dropped() | MakerRemoved():
            return step.verdict
        case Cancelled() | CancelledAll():
            return Verdict.CANCELLED
    return Verdict.ACCEPTED


def of_remainders(batch: SealedBatch) -> Coverage:
    """Count the orders, smaller than an order may be, that closed what was left of a position."""
    reached = Coverage()
    for sequenced, step in pairwise(batch.events):
        if isinstance(sequenced, MessageSequenced) and isinstance(step, Filled):
            message = sequenced.message
            least = batch.change.markets[message.market].parameters.min_size
            reached["remainder", "closed"] += message.kind == MessageKind.ORDER and message.size < least
    return reached


def of_pages(before: Mapping[int, Page], batch: SealedBatch) -> Coverage:
    """Count what became of the pages that a batch loaded or made."""
    reached = Coverage()
    for index, after in batch.change.pages.items():
        old = before.get(index)
        if old is None:
            reached["page", "made by a split"] += 1
        elif after is None:
            reached["page", "removed by a merge"] += 1
        elif (old.low, old.high) != (after.low, after.high):
            reached["page", "fences moved"] += 1
        elif not after.orders:
            reached["page", "emptied, the only one of its side"] += 1
        elif len(after.orders) == c.PAGE_ORDERS > len(old.orders):
            reached["page", "filled up"] += 1
    return reached


def of_parameters(before: Sequence[Market], batch: SealedBatch) -> Coverage:
    """Count the batches that gave markets other parameters, and the positions that are too large since."""
    reached, after = Coverage(), batch.change.markets
    if [market.parameters for market in before] != [market.parameters for market in after]:
        reached["parameters", "changed"] += 1
    for account in batch.change.accounts.values():
        for size, market in zip(account.positions, after, strict=True):
            if abs(size) > market.parameters.max_position:
                reached["parameters", "below a position that moved"] += 1
    return reached


def of_settlements(inputs: Mapping[str, Any]) -> Coverage:
    """Count the accounts that had to pay when a batch loaded them, and those that were paid."""
    reached = Coverage()
    slots = zip(*(inputs[f"account{name}"] for name in ("Collateral", "Settled", "Position")), strict=True)
    for collateral, settled, positions in slots:
        paid = from_field(settled) - from_field(collateral)
        if paid:
            reached["settlement", "paid" if paid > 0 else "charged"] += 1
        elif any(positions):
            reached["settlement", "neither, with a position"] += 1
    return reached


def of_rates(before: Sequence[Market], batch: SealedBatch) -> Coverage:
    """Count the rates of a new period by what made them."""
    signals: Mapping[str, Any] = batch.inputs
    reached = Coverage()
    if signals["premiumPeriod"] == signals["oraclePeriod"]:
        return reached
    for slot, (old, new) in enumerate(zip(before, batch.change.markets, strict=True)):
        if new.exists:
            ppm, weight = from_field(signals["premiumPpm"][slot]), signals["premiumWeight"][slot]
            rate = batch.change.counters.premiums[slot].rate_ppm
            held = old.open_interest * old.mark
            reached.update(("rate", name) for name in _rate(ppm, rate, new.parameters))
            if weight or held:
                reached["rate", "divided by the open interest"] += weight < held
            else:
                reached["rate", "of nothing"] += 1
    return reached


def _rate(ppm: int, rate: int, parameters: MarketParameters) -> Iterator[str]:
    buffer, away = parameters.initial_ppm - parameters.maintenance_ppm, abs(ppm - parameters.interest_ppm)
    if rate < 0:
        yield "negative"
    if ppm == (1 << 21) - 1:
        yield "of a premium beyond its bits"
    if abs(rate) == buffer:
        yield "at the buffer" if rate > 0 else "at minus the buffer"
    elif away > c.PREMIUM_DAMPENER_PPM:
        yield "drawn to the interest"
    else:
        yield "at the end of what is damped" if away == c.PREMIUM_DAMPENER_PPM else "as the interest"


def of_reduced(before: Sequence[Market], batch: SealedBatch) -> Coverage:
    """Count what markets did that took only orders that reduce, and when they began and ended to."""
    reached = Coverage()
    market = 0
    for event in batch.events:
        if isinstance(event, MessageSequenced):
            market = event.message.market
        elif is_step(event) and market < c.MARKETS and _is_reduced(batch.change.markets[market]):
            if isinstance(event, Dropped) and event.verdict == Verdict.REDUCE_ONLY and not event.looked:
                reached["reduce-only", "refused"] += 1
            reached["reduce-only", "traded"] += isinstance(event, Filled)
            reached["reduce-only", "rested"] += isinstance(event, Rested)
    for old, new in zip(before, batch.change.markets, strict=True):
        reached["reduce-only", "begun"] += _is_reduced(new) and not _is_reduced(old)
        reached["reduce-only", "ended"] += _is_reduced(old) and not _is_reduced(new)
    return reached


def _is_reduced(market: Market) -> bool:
    return market.status == MarketStatus.REDUCE_ONLY


def of_margins(
    before: Sequence[Market], after: Sequence[Market], schedules: Sequence[MarginSchedule]
) -> Coverage:
    """Count the samples of a batch and what became of the add-ons to margins."""
    return Coverage(
        ("margins", name)
        for terms in zip(before, after, schedules, strict=False)
        for name in (*_sample(*terms), *_volatility_addon(*terms), *_open_interest_addon(*terms))
    )


def _sample(old: Market, new: Market, _: MarginSchedule) -> Iterator[str]:
    if not _is_sampled(old, new):
        return
    yield "sampled" if old.sampled_mark else "sampled for the first time"
    if old.sampled_mark and old.mark >= old.sampled_mark * 2 + old.sampled_mark * 48_576 // c.PPM_UNIT + 1:
        yield "a return beyond its bits"


def _is_sampled(old: Market, new: Market) -> bool:
    return old.oracle_time // c.SAMPLE_SECONDS != new.oracle_time // c.SAMPLE_SECONDS


def _volatility_addon(old: Market, new: Market, schedule: MarginSchedule) -> Iterator[str]:
    was, now = old.volatility_addon_ppm, new.volatility_addon_ppm
    if now < was:
        yield "add-on fallen"
    elif now > was:
        yield f"add-on raised {'by a step' if now == was + schedule.addon_step_ppm else 'to its target'}"
    if now == schedule.addon_max_ppm > 0:
        yield "add-on held by its bound"


def _open_interest_addon(_: Market, new: Market, __: MarginSchedule) -> Iterator[str]:
    if new.open_interest_addon_ppm:
        is_full = new.reserve_ppm + new.open_interest_addon_ppm == c.PPM_UNIT
        yield f"open interest {'beyond' if is_full else 'between'} its bounds"


def of_the_end(batch: SealedBatch) -> Coverage:
    """Count whom a batch's end charged for the insurance fund's debt, and where nobody was left to."""
    reached = Coverage()
    fund = batch.change.accounts.get(c.INSURANCE_ACCOUNT)
    last = batch.events[-1]
    if fund is None:
        return reached
    is_in_debt = health(fund, batch.change.markets).equity < 0
    if isinstance(last, ShortfallCharged):
        reached["shortfall", "longs charged" if last.side == Side.BUY else "shorts charged"] += 1
        reached["shortfall", "up to their worth"] += is_in_debt
    elif is_in_debt and any(isinstance(event, TakenOver) for event in batch.events):
        reached["shortfall", "nobody to charge"] += 1
    return reached


def of_rows(inputs: Mapping[str, Any]) -> Coverage:
    """Count the kinds of rows in a batch's inputs."""
    reached = Coverage()
    rows = zip(
        *(inputs[f"row{name}"] for name in ("Used", "Sentinel", "Ghost", "Rank", "Sequence")), strict=True
    )
    for used, sentinel, ghost, rank, sequence in rows:
        if sentinel:
            at_end = rank == c.RANK_MAX + 1
            reached["row", "sentinel at the end of its side" if at_end else "sentinel"] += 1
        elif ghost:
            reached["row", "ghost"] += 1
        elif used:
            reached["row", "old order" if sequence < inputs["firstSequence"] else "new order"] += 1
    return reached


def table(reached: Coverage) -> str:
    """Return the counts, one line each, with what was expected and never reached."""
    names = sorted(EXPECTED | reached.keys())
    return "\n".join(
        f"{topic:>11}  {name:<34} {reached[topic, name]:>9,}{'' if reached[topic, name] else '  never'}"
        for topic, name in names
    )
