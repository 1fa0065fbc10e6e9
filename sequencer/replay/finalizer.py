"""From a stored batch of a replay to a final one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hexbytes import HexBytes

from prover.proof import Proof
from sequencer.batch.sealed import SealedBatch
from sequencer.chain.client import BatchSubmission, ProofPoints
from sequencer.chain.connection import Transaction
from sequencer.model.request import Request
from sequencer.replay.bars import BAR_SECONDS
from sequencer.replay.settlement import Settlement
from sequencer.state.record import Signal
from sequencer.store.ledger_store import LedgerStore
from sequencer.store.life import BatchState
from sequencer.submitter.inbox import confirmed_requests
from sequencer.submitter.policy import Policy
from sequencer.submitter.reader import ChainReader
from sequencer.submitter.submitter import Submitter

# Nobody else mines on a local chain: what it has mined, it keeps.
_POLICY: Final = Policy(confirmations=1)


@dataclass(frozen=True, slots=True)
class Finality:
    """What it took to make a batch final: seconds of witness and proof, and its transaction."""

    witness_seconds: float
    proof_seconds: float
    transaction: Transaction


class Finalizer:
    """The operator's submitter at work on one replay."""

    def __init__(self, settlement: Settlement, store: LedgerStore) -> None:
        self._settlement, self._outbox = settlement, store.outbox
        self._reader = ChainReader(settlement.rollup, settlement.operator.address)
        self._submitter = Submitter(store, settlement.rollup, settlement.operator, self._prove, _POLICY)
        self._proof: Proof | None = None

    def requests(self, begin: int) -> Sequence[Request]:
        """Return the queue from a place on; receipts name its hash up to here from now on."""
        requests = confirmed_requests(self._outbox, self._reader, begin, _POLICY.confirmations)
        queue = self._settlement.queue
        queue.extend(requests[len(queue) - begin :])
        return requests

    def finalize(self, batch: SealedBatch) -> Finality:
        """Carry a batch to finality; it is submitted a minute of chain time after it was opened.

        Raises
        ------
        ProverError
            If no valid proof can be made.
        SubmitterError
            If the contract refuses the batch.
        """
        self._settlement.chain.advance(batch.change.counters.timestamp + BAR_SECONDS)
        inclusion = self._submitter.settle(batch.number, BatchState.FINAL).inclusion
        assert inclusion is not None, "a final batch is in a block"
        assert self._proof is not None, "a batch was proven here"
        submission = BatchSubmission.of(batch, self._proof.points.to_contract())
        size = len(self._settlement.rollup.submission_data(submission))
        transaction = Transaction(HexBytes(inclusion.transaction_hash), inclusion.gas_used, size)
        return Finality(self._proof.witness.seconds, self._proof.proving.seconds, transaction)

    def _prove(self, inputs: Mapping[str, Signal]) -> ProofPoints:
        self._proof = self._settlement.prover.prove(inputs)
        return self._proof.points.to_contract()
