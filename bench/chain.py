"""What the reference workload costs on L1: deployed contracts, deposits and proofs included."""

from dataclasses import dataclass

from bench.contracts import CHAIN_START_SECONDS, Contracts
from bench.workload import MAKERS, TAKERS, ReferenceExchange
from prover import Prover
from sequencer.batch.sealed import SealedBatch
from sequencer.chain.anvil import local_chain
from sequencer.chain.client import ProofPoints


@dataclass(frozen=True, slots=True)
class ChainFigures:
    """One `submitBatch` of the reference workload.

    Attributes
    ----------
    words : int
        Data words that the operator sent.
    verification_gas : int
        Part of `gas`: what the same call costs less where a contract that accepts everything is the verifier.
    """

    messages: int
    trades: int
    words: int
    calldata_bytes: int
    gas: int
    verification_gas: int


def measure_chain(prover: Prover) -> ChainFigures:
    """Make the workload's three batches final; the third twice, on the same state, once without its proof."""

    def proven(batch: SealedBatch) -> ProofPoints:
        return prover.prove(batch.inputs).points.to_contract()

    with local_chain(CHAIN_START_SECONDS) as chain:
        contracts = Contracts(chain, prover.prepare())
        exchange = ReferenceExchange(contracts.rollup.domain)
        for batch in (exchange.fund(contracts.onboard(MAKERS + TAKERS)), exchange.quote()):
            contracts.submit(batch, proven(batch))
        measured = exchange.trade()
        proof = proven(measured)
        with contracts.undone():
            contracts.accept_everything(gas=0)
            unverified = contracts.submit(measured, proof)
        transaction = contracts.submit(measured, proof)
    return ChainFigures(
        messages=len(measured.messages),
        trades=len(measured.trades),
        words=len(measured.contract_words),
        calldata_bytes=transaction.calldata_bytes,
        gas=transaction.gas,
        verification_gas=transaction.gas - unverified.gas,
    )
