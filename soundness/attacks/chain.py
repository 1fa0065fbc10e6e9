"""A deployed exchange and a proven batch, to which the contract must prefer nothing else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from prover import Prover, open_prover
from sequencer.chain.client import BatchSubmission
from sequencer.chain.errors import ContractRevertedError
from sequencer.model.codes import Side
from sequencer.model.request import Request
from sequencer.state.genesis import genesis
from soundness.attacks.trial import Verdict
from tests.e2e.exchange import MAKER, TAKER, SmallExchange, small_exchange, submission

Queue = list[Request]


class Stage:
    """A deployed exchange with four queued requests, and the honest first batch, proven but not submitted."""

    def __init__(self, exchange: SmallExchange) -> None:
        self.exchange = exchange
        exchange.onboard()
        self.batch = exchange.batch((MAKER, Side.SELL), (TAKER, Side.BUY))
        self.proof = exchange.prove(self.batch)

    def believing(self, edit: Callable[[Queue], Queue]) -> BatchSubmission:
        """Prove a first batch that takes the queue for another one; it holds no orders."""
        exchange = self.exchange
        exchange.ledger = genesis(exchange.ledger.configuration, exchange.rollup.domain)
        exchange.state = exchange.ledger.state()
        queue = edit(list(exchange.watcher.requests(begin=0)))
        with patch.object(exchange.watcher, "requests", lambda begin: queue):
            batch = exchange.batch()
        proof = exchange.prove(batch)
        exchange.wait_for(batch)
        return submission(batch, proof)

    def honest(self) -> BatchSubmission:
        """Return the honest submission, at a time at which it may be sent."""
        self.exchange.wait_for(self.batch)
        return submission(self.batch, self.proof)

    def submit(self, batch: BatchSubmission) -> None:
        """Send a batch as the operator."""
        self.exchange.rollup.submit_batch(self.exchange.operator, batch)

    def standing(self) -> tuple[object, ...]:
        """Return everything that a batch moves."""
        rollup = self.exchange.rollup
        return rollup.state_root, rollup.batch_count, rollup.requests_consumed, rollup.total_claimable


@dataclass(frozen=True, slots=True)
class ContractAttack:
    """Something that the operator does on L1 and that the contract must refuse.

    Attributes
    ----------
    error
        The contract's error.
    replays : bool
        Whether the honest batch is submitted first.
    """

    name: str
    claim: str
    rule: str
    error: str
    act: Callable[[Stage], None]
    replays: bool = False


class ContractTrial:
    """Tries attacks on one deployment; each finds it as it was."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def verdict(self, attack: ContractAttack) -> Verdict:
        """Try one attack."""
        with _undone(self._stage):
            if attack.replays:
                self._stage.submit(self._stage.honest())
            before = self._stage.standing()
            try:
                attack.act(self._stage)
            except ContractRevertedError as refusal:
                return self._judged(attack, refusal, before)
            return Verdict("nobody", "", "ACCEPTED")

    def accepts_the_honest_batch(self) -> bool:
        """Tell whether the contract takes the batch when nothing is changed."""
        with _undone(self._stage):
            self._stage.submit(self._stage.honest())
            return bool(self._stage.exchange.rollup.state_root == self._stage.batch.new_roots.state)

    def _judged(
        self, attack: ContractAttack, refusal: ContractRevertedError, before: tuple[object, ...]
    ) -> Verdict:
        if self._stage.standing() != before:
            return Verdict("contract", refusal.name, "the refused batch left a trace")
        surprise = None if refusal.name == attack.error else f"{refusal.name}, not {attack.error}"
        return Verdict("contract", refusal.name, surprise)


@contextmanager
def contract_trial(prover: Prover | None = None) -> Iterator[ContractTrial]:
    """Deploy, onboard and prove; what is tried then costs no further proof."""
    with small_exchange(prover or open_prover("small", "native")) as exchange:
        yield ContractTrial(Stage(exchange))


@contextmanager
def _undone(stage: Stage) -> Iterator[None]:
    chain = stage.exchange.chain
    snapshot = chain.request("evm_snapshot", [])
    try:
        yield
    finally:
        assert chain.request("evm_revert", [snapshot])
