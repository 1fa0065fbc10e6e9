"""Measure everything and write results.json and RESULTS.md beside this file."""

from collections.abc import Mapping

from bench.chain import CHAIN_START_SECONDS, ChainFigures, Contracts, measure_submission
from bench.circuit import measure_circuit
from bench.engine import measure_engine
from bench.machine import describe_machine
from bench.proving import ProvingFigures, measure_proving
from bench.report import PAGE_FILE, Results, write_results
from bench.signatures import measure_crypto
from bench.timing import StepTimes
from bench.verifying import measure_verifying
from bench.workload import SIZE_NAME, ReferenceExchange
from prover import BACKENDS, Progress, Prover, open_prover
from sequencer.chain.anvil import local_chain


def main() -> None:
    progress = StepTimes()
    machine = describe_machine()
    engine, crypto = measure_engine(progress), measure_crypto(progress)
    provers = {name: open_prover(SIZE_NAME, name, progress) for name in BACKENDS}
    circuit = measure_circuit(provers["native"].compiled, progress)
    proving, chain = _settle(provers, progress)
    verifying = measure_verifying(provers["native"], SIZE_NAME, progress)
    write_results(Results(machine, engine, crypto, circuit, proving, chain, verifying))
    print(PAGE_FILE.read_text())


def _settle(provers: Mapping[str, Prover], progress: Progress) -> tuple[ProvingFigures, ChainFigures]:
    """Make the workload's two first batches final, then measure the third."""
    for prover in provers.values():
        keys = prover.prepare()
    with local_chain(CHAIN_START_SECONDS) as chain:
        contracts = Contracts(chain, keys)
        exchange = ReferenceExchange(contracts.domain)
        for batch in (exchange.fund(contracts.onboard()), exchange.quote()):
            contracts.submit(batch, provers["native"].prove(batch.inputs))
        measured = exchange.trade()
        proving, proof = measure_proving(provers, keys, measured.inputs, progress)
        return proving, measure_submission(contracts, measured, proof)


if __name__ == "__main__":
    main()
