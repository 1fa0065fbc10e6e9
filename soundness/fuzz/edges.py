"""Edges: the collateral at which an order, a maker or a liquidation just passes, and one beside it.

And that of the insurance fund at which nothing is missing, or no more than the winning side is worth, or at
which it is just at its floor.
"""

from collections.abc import Iterable, Iterator, Sequence
from random import Random

from sequencer.engine import apply
from sequencer.engine.commands import CloseEpoch, Command, OpenEpoch, SequenceMessage
from sequencer.engine.events import (
    BookExhausted,
    CancelledAll,
    Dropped,
    Event,
    Filled,
    MakerRemoved,
    Rested,
)
from sequencer.engine.margin import health, reduces
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.codes import Verdict
from soundness.fuzz.start import Start

LEAST, MOST = -(1 << 40), 1 << 40
RARE_SHARE = 0.8
"""How often a rare edge is preferred: positions are seldom reduced, and most orders rest."""
DUE, BANKRUPTCY, HALF = "due", "bankruptcy", "half"
SHORTFALL, WORTH, FLOOR = "shortfall", "worth of a side", "floor"
_RARITY = {"maker reducing": 0, "taker reducing": 0, "maker": 1, BANKRUPTCY: 1, HALF: 1, "rest": 3, FLOOR: 4}


def to_an_edge(random: Random, start: Start, commands: Sequence[Command]) -> tuple[Start, str | None]:
    """Set one account's collateral so that one check is decided by at most one quote unit.

    Returns
    -------
    Start, str or None
        The start, and which edge it is on; as it was, and None, where nothing is checked.
    """
    commands = list(_closed(commands))
    chances = list(_judged(start, commands))
    random.shuffle(chances)
    # One of each edge: what is met often is not tried more often.
    chances = list({label: (place, account, label) for place, account, label in chances}.values())
    if random.random() < RARE_SHARE:
        chances.sort(key=lambda chance: _RARITY.get(chance[2], 2))
    for place, account, label in chances[:3]:
        edge = _edge(start, commands[: place + 1], account, label)
        if edge is not None:
            offset = random.choice((-1, 0, 1))
            return start.with_collateral(account, edge + offset), f"{label} {offset:+d}"
    return start, None


def _closed(commands: Iterable[Command]) -> Iterator[Command]:
    """Return the commands with the closing of each batch."""
    is_open = False
    for command in commands:
        if is_open and isinstance(command, OpenEpoch):
            yield CloseEpoch()
        is_open = True
        yield command
    yield CloseEpoch()


def _judged(start: Start, commands: Sequence[Command]) -> list[tuple[int, int, str]]:
    """Return the messages whose first step checks margins, whose margin it is and which check.

    And the ends of batches in which the insurance fund has traded, or is compared with its floor.
    """
    found = []
    state = start.state()
    for place, command in enumerate(commands):
        before = dict(state.accounts)
        if isinstance(command, CloseEpoch) and state.fund_trade is not None:
            found += [(place, c.INSURANCE_ACCOUNT, label) for label in (SHORTFALL, WORTH)]
        if isinstance(command, CloseEpoch) and state.fund_shown:
            found.append((place, c.INSURANCE_ACCOUNT, FLOOR))
        events = apply(state, command)
        if not isinstance(command, SequenceMessage):
            continue
        message, step = command.message, events[1]
        taker = message.account
        if message.is_liquidation:
            found += [(place, taker, label) for label in _edges_of_a_liquidation(step)]
        if message.is_unsigned:
            continue
        if isinstance(step, Rested) or (_is_refused(step) and not getattr(step, "taker_fee", 0)):
            found.append((place, taker, "rest"))
        elif isinstance(step, Filled | MakerRemoved) or _is_refused(step):
            assert isinstance(step, Filled | MakerRemoved | Dropped)
            assert step.head is not None
            lots, maker = min(message.size, step.head.remaining), step.head.account
            for name, party, side in (("taker", taker, message.side), ("maker", maker, step.head.side)):
                closes = party in before and reduces(before[party].positions[message.market], side, lots)
                found.append((place, party, f"{name} reducing" if closes else name))
    return [each for each in found if each[1] in start.accounts]


def _edge(start: Start, commands: Sequence[Command], account: int, label: str) -> int | None:
    """Return the least collateral at which the last command does not show a lack of it."""
    low, high = LEAST, MOST
    if _passes(start.with_collateral(account, low), commands, label):
        return None
    if not _passes(start.with_collateral(account, high), commands, label):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if _passes(start.with_collateral(account, middle), commands, label):
            high = middle
        else:
            low = middle
    return high


def _passes(start: Start, commands: Sequence[Command], label: str) -> bool:
    state = start.state()
    events: list[Event] = []
    for command in commands:
        events = apply(state, command)
    if label == SHORTFALL:
        return not events
    if label == WORTH:
        return _is_whole(state)
    if label == FLOOR:
        return not state.venue.uninsured
    step = events[1]
    if label == DUE:
        return _is_not_due(step)
    if label in (BANKRUPTCY, HALF):
        return not isinstance(step, BookExhausted)
    return not _is_refused(step)


def _edges_of_a_liquidation(step: Event) -> Iterator[str]:
    """Return what a little more or less collateral could change in a liquidation's first step."""
    if isinstance(step, Filled | CancelledAll) or _is_not_due(step):
        yield DUE
    if isinstance(step, BookExhausted) or (_is_not_due(step) and getattr(step, "looked", False)):
        yield HALF if getattr(step, "head", None) is None else BANKRUPTCY
    elif isinstance(step, Filled):
        yield BANKRUPTCY


def _is_whole(state: State) -> bool:
    """Tell whether nothing was left of the fund's debt when the batch ended."""
    return health(state.accounts[c.INSURANCE_ACCOUNT], state.markets).equity >= 0


def _is_not_due(step: Event) -> bool:
    return isinstance(step, Dropped) and step.verdict == Verdict.NOT_DUE


def _is_refused(step: Event) -> bool:
    return isinstance(step, Dropped | MakerRemoved) and step.verdict in (Verdict.MARGIN, Verdict.MAKER_MARGIN)
