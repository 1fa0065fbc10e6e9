"""The loop that carries sealed batches to finality, one step at a time."""

import time
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from functools import lru_cache
from typing import Final, NoReturn

from eth_account.signers.local import LocalAccount

from sequencer.chain.client import BatchSubmission, ProofPoints, RollupClient
from sequencer.chain.errors import ChainUnreachableError, ContractRevertedError, NodeRefusedError
from sequencer.state.record import BatchRecord, Signal
from sequencer.store.ledger_store import LedgerStore
from sequencer.store.life import BatchLife, BatchState
from sequencer.submitter.errors import BatchRefusedError, BatchUnwoundError
from sequencer.submitter.moments import Announce, Moment, silent
from sequencer.submitter.policy import Policy
from sequencer.submitter.reader import ChainReader
from sequencer.submitter.sender import ChainSender
from sequencer.submitter.transitions import (
    Action,
    NoteMined,
    Prove,
    Resend,
    Sign,
    Stop,
    Unwind,
    Wait,
    decide,
    review,
)
from sequencer.submitter.view import Block

ProveBatch = Callable[[Mapping[str, Signal]], ProofPoints | None]
"""Gives the proof of a batch from the circuit's inputs; None while it is made elsewhere: ask again later."""

_POLL_SECONDS: Final = 1.0
_RECORDS_CACHED: Final = 2

# Reverts that pass: two are about the block's clock, which goes on until the rules find the batch too old;
# one contradicts the view on which the transaction is signed: the next view will differ.
_PASSING: Final = ("FutureTimestamp", "StaleTimestamp", "WrongBatchNumber")


class Step(Enum):
    """What one step came to."""

    MOVED = auto()
    WAITING = auto()
    IDLE = auto()
    """Every batch is final."""


def poll() -> None:
    """Let a second go by."""
    time.sleep(_POLL_SECONDS)


class Submitter:
    """Carries the batches of one store to L1. Only one process may; the store's lock sees to it.

    Parameters
    ----------
    store
        Holds the batches, and all that the submitter knows.
    operator
        Signs; nobody else uses its nonces meanwhile.
    announce
        Told of every moment.
    pause
        Called between two looks at a chain that has nothing new.

    Attributes
    ----------
    batch_count : int, optional
        How many batches the contract had at the last look; none before the first.
    """

    def __init__(
        self,
        store: LedgerStore,
        rollup: RollupClient,
        operator: LocalAccount,
        prove: ProveBatch,
        policy: Policy,
        announce: Announce = silent,
        pause: Callable[[], None] = poll,
    ) -> None:
        self._store, self._outbox, self._rollup = store, store.outbox, rollup
        self._reader, self._sender = ChainReader(rollup, operator.address), ChainSender(rollup, operator)
        self._prove, self._policy = prove, policy
        self._announce, self._pause = announce, pause
        self._record = lru_cache(_RECORDS_CACHED)(store.record)
        self._missing_since: dict[int, int | None] = {}
        self._proving: set[int] = set()
        self.batch_count: int | None = None

    def settle(self, number: int, goal: BatchState = BatchState.MINED) -> BatchLife:
        """Take steps until a batch has come as far as `goal`; return its life.

        Raises
        ------
        SubmitterError
            If that takes a decision; see `advance`.
        """
        while self._outbox.life(number).state < goal:
            if self.advance() is Step.WAITING:
                self._pause()
        return self._outbox.life(number)

    def advance(self) -> Step:
        """Take one step with the first batch that one can be taken with.

        Raises
        ------
        BatchUnwoundError
            If batches were undone; their messages are in `store.returned`.
        BatchRefusedError, StateForkedError, FinalityBrokenError, TransactionRefusedError
            If no later step could help.
        """
        lives = self._outbox.unsettled()
        open_ = [life for life in lives if life.state is not BatchState.FINAL]
        if not open_:
            return Step.IDLE
        try:
            return self._step(lives)
        except (ChainUnreachableError, NodeRefusedError) as error:
            return self._wait(open_[0].number, error.message)

    def _step(self, lives: Sequence[BatchLife]) -> Step:
        head = self._reader.block()
        if head.number < self._outbox.height:
            return self._wait(lives[-1].number, f"the node shows block {head.number}, an old one")
        self._outbox.raise_height(head.number)
        for life in lives:
            if life.state < BatchState.MINED:
                return self._carry(life, head)
            if self._review(life, head):
                return Step.MOVED
        return self._wait(lives[-1].number, "its block is not deep enough")

    def _review(self, life: BatchLife, head: Block) -> bool:
        """Tell whether a mined batch became final or was taken back."""
        assert life.inclusion is not None, "a mined batch is in a block"
        canonical = self._reader.block(life.inclusion.block_number)
        reviewed = review(life, canonical.hash, head.number, self._policy.confirmations)
        if reviewed == life:
            return False
        is_final = reviewed.state is BatchState.FINAL
        if is_final:
            self._announce(Moment.BURIED, life.number, "")
        self._outbox.put(reviewed)
        self._announce(Moment.FINAL if is_final else Moment.TAKEN_BACK, life.number, "")
        return True

    def _carry(self, life: BatchLife, head: Block) -> Step:
        """Take the step that the first batch which is not mined needs."""
        record = self._record(life.number)
        match self._decide(life, record, head):
            case Prove():
                if not self._prove_batch(life):
                    return self._wait(life.number, "its proof is being made")
            case Sign() as sign:
                return self._submit(life, record, sign, head)
            case NoteMined(inclusion, proof):
                self._announce(Moment.FOUND, life.number, "")
                self._outbox.put(life.mined(inclusion, proof))
                self._announce(Moment.MINED, life.number, "")
            case Unwind(cause):
                self._unwind(life.number, cause)
            case Resend():
                self._send(life)
                return Step.WAITING
            case Wait(cause):
                return self._prove_ahead(life.number) or self._wait(life.number, cause)
            case Stop(error, cause):
                raise error(cause)
        return Step.MOVED

    def _decide(self, life: BatchLife, record: BatchRecord, head: Block) -> Action:
        """Return what two looks at one block agree on: a node may mix two states while the next comes in."""
        first = self._look(life, record, head)
        if isinstance(first, Prove | Wait):
            return first
        second = self._look(life, record, head)
        return second if second == first else Wait("the node contradicts itself")

    def _look(self, life: BatchLife, record: BatchRecord, head: Block) -> Action:
        buried = self._reader.buried(head, self._policy.confirmations)
        view = self._reader.view(life, record, head, buried, self._missing_since.get(life.number))
        self._missing_since = {life.number: view.missing_since}
        self.batch_count = view.batch_count
        return decide(life, record, view, self._policy)

    def _prove_batch(self, life: BatchLife) -> bool:
        """Tell whether the batch has its proof now."""
        if life.number not in self._proving:
            self._outbox.put(life.proving())
            self._proving.add(life.number)
            self._announce(Moment.PROVING, life.number, "")
        points = self._prove(self._record(life.number).inputs)
        if points is None:
            return False
        self._announce(Moment.PROOF_MADE, life.number, "")
        (a, (b0, b1), c) = points
        self._outbox.put(life.proven((*a, *b0, *b1, *c)))
        self._proving.discard(life.number)
        self._announce(Moment.PROVEN, life.number, "")
        return True

    def _prove_ahead(self, number: int) -> Step | None:
        """Prove a later batch while this one waits for the chain."""
        for life in self._outbox.unsettled():
            if life.number > number and life.state < BatchState.PROVEN:
                return Step.MOVED if self._prove_batch(life) else None
        return None

    def _submit(self, life: BatchLife, record: BatchRecord, sign: Sign, head: Block) -> Step:
        if sign.cancels:
            transaction = self._sender.sign_cancellation(sign.nonce, sign.fees, head)
        else:
            try:
                transaction = self._sender.sign_batch(
                    self._calldata(life, record), sign.nonce, sign.fees, head
                )
            except ContractRevertedError as revert:
                if revert.name in _PASSING:
                    return self._wait(life.number, revert.message)
                raise BatchRefusedError(f"batch {life.number}: {revert.message}", revert) from revert
        self._announce(Moment.SIGNED, life.number, "")
        # Stored before it is sent: after a crash the same bytes are sent again, never a second transaction.
        life = life.submitted(transaction)
        self._outbox.put(life)
        self._announce(Moment.SUBMITTING, life.number, "")
        self._send(life)
        return Step.MOVED

    def _calldata(self, life: BatchLife, record: BatchRecord) -> bytes:
        ax, ay, b0x, b0y, b1x, b1y, cx, cy = life.proof
        points = ((ax, ay), ((b0x, b0y), (b1x, b1y)), (cx, cy))
        return self._rollup.submission_data(BatchSubmission(record.contract_words, record.commitment, points))

    def _send(self, life: BatchLife) -> None:
        self._sender.send(life.sent[-1])
        self._announce(Moment.SENT, life.number, "")

    def _unwind(self, number: int, cause: str) -> NoReturn:
        self._announce(Moment.UNWINDING, number, cause)
        self._store.rollback(number - 1)
        self._record.cache_clear()
        self._missing_since.clear()
        self._proving.clear()
        self._announce(Moment.UNWOUND, number, cause)
        raise BatchUnwoundError(number, cause)

    def _wait(self, number: int, cause: str) -> Step:
        self._announce(Moment.WAITING, number, cause)
        return Step.WAITING
