"""One sequence through every implementation."""

from collections.abc import Callable
from dataclasses import dataclass

from prover import Prover
from prover.errors import ProverError
from sequencer.batch.builder import BatchBuilder
from sequencer.batch.errors import CapacityError
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import BatchSize
from sequencer.engine.commands import CloseEpoch, Command, OpenEpoch, ProcessRequest, SequenceMessage
from sequencer.engine.events import Event
from sequencer.model.codes import Verdict
from soundness.fuzz import breakers, coverage
from soundness.fuzz.addons import of_raised, without_each
from soundness.fuzz.case import Case
from soundness.fuzz.coverage import Coverage
from soundness.fuzz.published import Publisher
from tests.batch.referee import check as check_claims
from tests.engine import naive
from tests.engine.venue import engine_snapshot, naive_snapshot
from tests.strategies import signed_message


class DisagreementError(Exception):
    """Two implementations do not say the same.

    Attributes
    ----------
    topic : str
        What they disagree about; a shrunk case has the same topic.
    """

    def __init__(self, topic: str, details: str = "") -> None:
        self.topic = topic
        super().__init__(f"{topic}: {details}" if details else topic)


@dataclass(frozen=True)
class Finding:
    """A disagreement, or whatever else broke off a sequence."""

    topic: str
    details: str


def find(case: Case, size: BatchSize, circuit: Prover | None = None) -> tuple[Coverage, Finding | None]:
    """Return what a case reached, and what the implementations disagree about.

    Parameters
    ----------
    circuit
        The circuit of this size; without it, the referee of its claims stands alone.
    """
    run = _Run(case, size, circuit)
    try:
        run.carry_out(case)
    except DisagreementError as disagreement:
        return run.reached, Finding(disagreement.topic, str(disagreement))
    except Exception as error:  # whatever breaks off a sequence is a finding
        return run.reached, Finding(type(error).__name__, f"{type(error).__name__}: {error}")
    return run.reached, None


class _Run:
    """The implementations side by side; each batch is compared when it is sealed."""

    def __init__(self, case: Case, size: BatchSize, circuit: Prover | None) -> None:
        self.reached = Coverage()
        self._size, self._circuit = size, circuit
        self._state, self._ledger = case.start.state(), case.start.ledger()
        self._exchange = case.start.exchange()
        self._publisher = Publisher(self._exchange, size)
        if case.edge is not None:
            self.reached["edge", case.edge] += 1

    def carry_out(self, case: Case) -> None:
        self._publisher.begin(self._ledger.layout)
        for opening, commands in case.batches():
            self._batch(opening, commands)

    def _batch(self, opening: OpenEpoch, commands: list[Command]) -> None:
        builder = BatchBuilder(self._ledger, self._state, self._size, opening)
        _require_same("the opening", list(builder.events), naive.apply(self._exchange, opening))
        for command in commands:
            others = without_each(self._state, command)
            events = add(builder, command)
            if events is None:
                self.reached["command", "left out: the batch is full"] += 1
                continue
            self.reached["command", "carried out"] += 1
            self.reached += of_raised(events, others)
            _require_same("events", events, naive.apply(self._exchange, command))
        pages, before, venue = dict(self._ledger.layout), self._ledger.markets, self._ledger.counters.venue
        done = len(builder.events)
        batch = builder.seal()
        _require_same("the end", list(batch.events[done:]), naive.apply(self._exchange, CloseEpoch()))
        self.reached += coverage.of_parameters(before, batch)
        self.reached += coverage.of_rates(before, batch) + coverage.of_reduced(before, batch)
        schedules = self._state.configuration.schedules
        self.reached += coverage.of_margins(before, batch.change.markets, schedules)
        self.reached += coverage.of_events(batch.events) + coverage.of_unsigned(batch.events)
        self.reached += coverage.of_settlements(batch.inputs) + coverage.of_the_end(batch)
        self.reached += coverage.of_pages(pages, batch) + coverage.of_rows(batch.inputs)
        self.reached += coverage.of_remainders(batch)
        self.reached += breakers.of_restrictions(venue, before, batch) + breakers.of_the_floor(venue, batch)
        self.reached += breakers.of_the_clock(before, batch) + breakers.of_settled(before, batch)
        self._compare(batch, opening)

    def _compare(self, batch: SealedBatch, opening: OpenEpoch) -> None:
        _require_same("state", engine_snapshot(self._state), naive_snapshot(self._exchange))
        _require_same("ledger", self._ledger.state(), self._state)
        published = self._publisher.publish(opening, batch.events, self._ledger.layout)
        _require_same("state root", batch.new_roots.state, published.state_root)
        _require_same("exit root", batch.new_roots.exit, published.exit_root)
        _require_same("words", tuple(batch.words), published.words)
        _require_same("c, r, y", (batch.c, batch.r, batch.y), published.public)
        claims = check_claims(batch.inputs)
        _require_same("claims: state root", claims.new_state_root, published.state_root)
        _require_same("claims: exit root", claims.new_exit_root, published.exit_root)
        _require_same("claims: verdicts", claims.verdicts, _verdicts(batch))
        self.reached["batch", "compared"] += 1
        if self._circuit is not None:
            self._prove(self._circuit, batch, published.public)

    def _prove(self, circuit: Prover, batch: SealedBatch, public: tuple[int, int, int]) -> None:
        try:
            witness = circuit.check(batch.inputs)
        except ProverError as error:
            raise DisagreementError("circuit", str(error)) from error
        _require_same("circuit: c, r, y", witness.public(len(public)), public)
        self.reached["batch", "witness satisfies the circuit"] += 1


def add(builder: BatchBuilder, command: Command) -> list[Event] | None:
    """Add a command to an open batch; None if there is no room for it."""
    try:
        if isinstance(command, ProcessRequest):
            return builder.add_request(command.request)
        assert isinstance(command, SequenceMessage)
        if command.message.is_unsigned:
            return builder.add_unsigned(command.message)
        return builder.add_message(signed_message(command.message))
    except CapacityError:
        return None


def _verdicts(batch: SealedBatch) -> list[Verdict]:
    """Return the verdict of each micro-step; one that trades or rests is `ACCEPTED`."""
    return [coverage.verdict(event) for event in batch.events if coverage.is_step(event)]


def _require_same(topic: str, ours: object, theirs: object) -> None:
    if ours != theirs:
        raise DisagreementError(topic, f"{ours!r}\n  is not\n{theirs!r}")


def still_fails(finding: Finding, size: BatchSize, circuit: Prover | None = None) -> Callable[[Case], bool]:
    """Return whether a case shows a finding of the same topic."""

    def fails(case: Case) -> bool:
        _, found = find(case, size, circuit)
        return found is not None and found.topic == finding.topic

    return fails
