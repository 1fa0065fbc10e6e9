"""Command sequences: a seed gives a case, always the same one."""

from collections.abc import Iterator, Sequence
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from sequencer.batch.sizes import BatchSize
from sequencer.engine import apply
from sequencer.engine.commands import CloseEpoch, Command, OpenEpoch, ProcessRequest, SequenceMessage
from sequencer.model.config import Configuration
from soundness.fuzz.changes import alternatives
from soundness.fuzz.edges import to_an_edge
from soundness.fuzz.funding import owing
from soundness.fuzz.margins import grown, scheduled
from soundness.fuzz.premium import traded_before
from soundness.fuzz.shapes import draw_start
from soundness.fuzz.start import Start
from soundness.fuzz.traders import Others, Traders
from soundness.fuzz.venue import supervised
from tests.strategies import forced

EDGE_SHARE = 0.8
_CHANGE_SHARE = 0.1


class Case(Struct, frozen=True):
    """A sequence and where it starts.

    Attributes
    ----------
    commands : tuple of Command
        Without the closing of batches: each ends where the next one opens.
    edge : str or None
        The margin edge that a collateral of the start was set to.
    """

    seed: int
    start: Start
    commands: tuple[Command, ...]
    edge: str | None = None

    def batches(self) -> Iterator[tuple[OpenEpoch, list[Command]]]:
        """Return the commands of each batch behind its opening; whoever carries them out closes it."""
        commands = self.commands
        openings = [place for place, command in enumerate(commands) if isinstance(command, OpenEpoch)]
        for begin, end in zip(openings, [*openings[1:], len(commands)], strict=True):
            opening = commands[begin]
            assert isinstance(opening, OpenEpoch)
            yield opening, list(commands[begin + 1 : end])

    @property
    def is_well_formed(self) -> bool:
        """Whether a batch is open wherever a command comes, and requests come before messages."""
        stage = -1
        for command in self.commands:
            rank = (OpenEpoch, ProcessRequest, SequenceMessage).index(type(command))
            if rank != 0 and (stage < 0 or rank < stage):
                return False
            stage = rank
        return bool(self.commands)


def generate(seed: int, size: BatchSize) -> Case:
    """Return the case of a seed for batches of a size."""
    random = Random(seed)
    start, actors = draw_start(random, size)
    # From streams of their own: what else a seed draws does not depend on them.
    start = owing(Random(f"funding {seed}"), start)
    start = traded_before(Random(f"premium {seed}"), start)
    start = grown(Random(f"units {seed}"), start)
    start = scheduled(Random(f"margins {seed}"), start)
    start = supervised(Random(f"venue {seed}"), start)
    start = replace(start, required=_change(seed, start))
    others = Others(Random(f"pauses {seed}"), Random(f"supervisors {seed}"))
    commands = _trade(random, others, start, actors, size)
    case = Case(seed, start, tuple(commands))
    if random.random() >= EDGE_SHARE:
        return case
    moved, edge = to_an_edge(random, start, case.commands)
    return replace(case, start=moved, edge=edge)


def _change(seed: int, start: Start) -> Configuration | None:
    """Return what a change asks for that was consumed just before; seldom one was."""
    # This stream, too, is its own.
    random = Random(f"change {seed}")
    if random.random() >= _CHANGE_SHARE:
        return None
    return random.choice(alternatives(start.state().configuration))


def _trade(
    random: Random, others: Others, start: Start, actors: Sequence[int], size: BatchSize
) -> Iterator[Command]:
    """One to four batches; each command was made after those before it had been carried out."""
    traders = Traders(random, others, start.state(), actors)
    is_settled = any(market.is_settled for market in start.markets)
    for _ in range(random.choice((1, 1, 1, 2, 3)) + is_settled):
        opening = traders.opening()
        apply(traders.state, opening)
        yield opening
        for place in range(random.choice((0, 0, 1, random.randint(1, size.requests)))):
            request = ProcessRequest(traders.request(is_first=place == 0))
            apply(traders.state, request)
            yield request
        forced_message = traders.forced()
        if forced_message is not None:
            request = ProcessRequest(forced(forced_message))
            apply(traders.state, request)
            yield request
        for _ in range(max(random.randint(1, size.messages), random.randint(1, size.messages))):
            message = SequenceMessage(traders.message())
            apply(traders.state, message)
            yield message
        apply(traders.state, CloseEpoch())
        traders.state.commit()
