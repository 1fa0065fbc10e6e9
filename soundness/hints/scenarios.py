"""Honest batches to lie in, busy and idle, so that every slot is met in use and out of use; honest exits."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache

from sequencer.batch.builder import BatchBuilder
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import BatchSize
from sequencer.engine.events import Dropped, Filled, MessageSequenced, ShortfallCharged, TakenOver
from sequencer.model.codes import MessageKind, RequestKind
from sequencer.model.constants import MARKETS, PPM_UNIT, SETTLED_SINCE
from sequencer.state.exit import exit_inputs
from soundness.fuzz.case import generate
from soundness.fuzz.check import add
from soundness.hints.inputs import Inputs, value_at
from tests.circuits.exit.cases import LEAVING, state_of

SEEDS = range(1, 121)
_STILL = (RequestKind.MESSAGE, RequestKind.RESTRICT, RequestKind.CHANGE)


def _trading(batch: SealedBatch) -> int:
    return len(batch.trades) * 4 + len(batch.messages)


def _asking(batch: SealedBatch) -> int:
    """Many requests, one the only one of an account that does not exist yet, one that moves nothing."""
    asked = Counter(event.request.account for event in batch.requests)
    before = {number: _value(batch, "accountOwner", slot) for slot, number in enumerate(_accounts(batch))}
    arrived = sum(asked[number] == 1 and owner == 0 for number, owner in before.items())
    still = any(event.request.kind in _STILL for event in batch.requests)
    return len(batch.requests) + 3 * arrived + 3 * still


def _forcing(batch: SealedBatch) -> int:
    forced = sum(isinstance(e, MessageSequenced) and e.forced and e.authenticated for e in batch.events)
    return 20 * forced + _trading(batch)


def _repaging(batch: SealedBatch) -> int:
    moved = sum(page is None for page in batch.change.pages.values())
    return 20 * moved + _sum(batch, "rowGhost") * 10 + _sum(batch, "pageEnabled")


def _refusing(batch: SealedBatch) -> int:
    """Messages that are dropped, one of them unsigned and not the last, whose words the idle steps repeat."""
    sequenced = [event for event in batch.events if isinstance(event, MessageSequenced)]
    unsigned = sum(
        not event.authenticated and event.message.kind != MessageKind.BY_RULE for event in sequenced[:-1]
    )
    return 5 * unsigned + sum(isinstance(event, Dropped) for event in batch.events)


def _liquidating(batch: SealedBatch) -> int:
    """Takeovers by the insurance fund, and fills of the same liquidations before them."""
    is_liquidation, taken, filled = False, 0, 0
    for event in batch.events:
        if isinstance(event, MessageSequenced):
            is_liquidation = event.message.is_liquidation
        taken += isinstance(event, TakenOver)
        filled += is_liquidation and isinstance(event, Filled)
    return 20 * taken * filled + taken + filled


def _settling(batch: SealedBatch) -> int:
    """Accounts that are charged or paid when they are loaded, and a shortfall at the end."""
    before, after = batch.inputs["accountCollateral"], batch.inputs["accountSettled"]
    assert isinstance(before, list)
    assert isinstance(after, list)
    moved = sum(int(old != new) for old, new in zip(before, after, strict=True))
    return moved + 20 * moved * isinstance(batch.events[-1], ShortfallCharged)


def _beginning(batch: SealedBatch) -> int:
    """Markets that the last period traded in, in the first batch of a new one, and trades of this one."""
    is_first = _value(batch, "premiumPeriod") != _value(batch, "oraclePeriod")
    traded = sum(_value(batch, "premiumWeight", slot) > 0 for slot in range(MARKETS))
    return is_first * (20 * traded * len(batch.trades) + traded)


def _sampling(batch: SealedBatch) -> int:
    """Many samples of marks that moved, add-ons that rose, and ones of open interest within bounds."""
    if _value(batch, "sampleBefore") == _value(batch, "sampleAfter"):
        return 0
    points = 0
    for slot, market in enumerate(batch.change.markets):
        points += _value(batch, "marketReturn", slot) != 0
        points += 5 * (market.volatility_addon_ppm > _value(batch, "marketVolatilityAddon", slot))
        points += 20 * (0 < market.open_interest_addon_ppm < PPM_UNIT - market.reserve_ppm)
    return points


def _reducing(batch: SealedBatch) -> int:
    """Markets that a shortfall made reduce-only, in a batch that trades and drops orders."""
    charged = sum(
        _value(batch, "timestamp") < _value(batch, "marketReducedUntil", slot) for slot in range(MARKETS)
    )
    return charged * (1 + _trading(batch) + _refusing(batch))


def _saying(batch: SealedBatch) -> int:
    """Restrictions that L1 queued, among other requests."""
    said = sum(event.request.kind == RequestKind.RESTRICT for event in batch.requests)
    return 5 * said + len(batch.requests)


def _restricting(batch: SealedBatch) -> int:
    """Congestion and markets that L1 restricts, in a batch that trades."""
    now = _value(batch, "timestamp")
    congested = now < _value(batch, "venueCongestedUntil")
    restricted = _sum(batch, "venueRestricted") * (now < _value(batch, "venueRestrictedUntil"))
    return congested * restricted * (1 + _trading(batch))


def _standing(batch: SealedBatch) -> int:
    """Markets that settle and that were settled, and others in which the fund holds a position by now."""
    points = 0
    for slot, market in enumerate(batch.change.markets):
        before = _value(batch, "marketFundSince", slot)
        settles = market.is_settled and before != SETTLED_SINCE
        points += 20 * settles + market.is_settled + 5 * (market.fund_since > SETTLED_SINCE)
    return points * (1 + _trading(batch))


def _tiered(batch: SealedBatch) -> int:
    """Trades in markets with tiers."""
    return len(batch.trades) * sum(_value(batch, "marketTierStep", slot) > 0 for slot in range(MARKETS))


_WANTED: dict[str, Callable[[SealedBatch], int]] = {
    "trading": _trading,
    "asking": _asking,
    "forcing": _forcing,
    "repaging": _repaging,
    "refusing": _refusing,
    "liquidating": _liquidating,
    "settling": _settling,
    "beginning": _beginning,
    "sampling": _sampling,
    "reducing": _reducing,
    "saying": _saying,
    "restricting": _restricting,
    "standing": _standing,
    "tiered": _tiered,
}


@cache
def scenarios(size: BatchSize) -> dict[str, Inputs]:
    """Return the inputs of a batch of each kind.

    Of the first sequences of the fuzzer, the batch that is most of the kind; to idle is to have no command.
    """
    batches = [batch for seed in SEEDS for batch in _sealed(seed, size)]
    chosen: dict[str, Inputs] = {name: max(batches, key=wanted).inputs for name, wanted in _WANTED.items()}
    return chosen | {"idling": _idle(size).inputs}


def exits() -> dict[str, Inputs]:
    """Return the inputs of an exit of an account that is worth something, and of one that is not."""
    return {name: exit_inputs(state_of(), account) for name, account in LEAVING.items()}


def _sealed(seed: int, size: BatchSize) -> Iterator[SealedBatch]:
    case = generate(seed, size)
    state, ledger = case.start.state(), case.start.ledger()
    for opening, commands in case.batches():
        builder = BatchBuilder(ledger, state, size, opening)
        for command in commands:
            add(builder, command)
        yield builder.seal()


def _idle(size: BatchSize) -> SealedBatch:
    case = generate(SEEDS.start, size)
    opening, _ = next(case.batches())
    return BatchBuilder(case.start.ledger(), case.start.state(), size, opening).seal()


def _accounts(batch: SealedBatch) -> list[int]:
    """Return the ids in the slots that are in use."""
    return [_value(batch, "accountId", slot) for slot in range(_sum(batch, "accountEnabled"))]


def _value(batch: SealedBatch, name: str, *place: int) -> int:
    return value_at(batch.inputs[name], place)


def _sum(batch: SealedBatch, name: str) -> int:
    flags = batch.inputs[name]
    assert isinstance(flags, list)
    return sum(flag for flag in flags if isinstance(flag, int))
