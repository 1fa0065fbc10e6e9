"""The figures for people: RESULTS.md."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.circuit import CircuitFigures
from bench.engine import EngineFigures
from bench.leaving import LeavingFigures
from bench.machine import Machine
from bench.markdown import cost_cells, paragraph, rate_row, seconds_cell, table, usage_cells
from bench.order_flow import ACCOUNTS, BATCH_MESSAGES, SEED
from bench.proving import ProvingFigures
from bench.report_l1 import l1_sections
from bench.report_node import node_sections
from bench.report_peers import circomlibjs_section, peers_section
from bench.report_service import service_section
from bench.results import Results
from bench.signatures import CryptoFigures
from bench.verifying import MINUTES, VerifyingFigures

PAGE_FILE: Final = Path(__file__).with_name("RESULTS.md")

_PROVING_HEAD: Final = ("step", "seconds", "processor seconds", "peak memory, MiB")


def page(results: Results) -> str:
    return "\n".join(_sections(results))


def _sections(results: Results) -> Iterator[str]:
    yield "# Results\n"
    yield paragraph(
        "Written by `make bench`, with all runs in `results.json`; `python -m bench --only PART` measures",
        "some parts and keeps the others. A figure is the median of its runs, peak memory the largest. Runs",
        "that are compared took turns in one process.",
    )
    yield from _machine(results.machine)
    yield from _engine(results.engine)
    yield from peers_section(results.peers)
    yield from _crypto(results.crypto)
    yield from circomlibjs_section(results.circomlibjs)
    yield from _circuit(results.circuit, results.chain.trades)
    yield from _proving(results.circuit, results.proving)
    yield from _leaving(results.leaving)
    yield from l1_sections(results)
    yield from _verifying(results.verifying)
    yield from service_section(results.service)
    yield from node_sections(results)


def _machine(machine: Machine) -> Iterator[str]:
    yield "## Machine\n"
    yield f"- {machine.processor}, {machine.cores} cores, {machine.memory_gib} GiB of memory"
    yield f"- {machine.system}"
    yield f"- {', '.join(f'{name} {version}' for name, version in machine.tools.items())}"
    yield f"- load average before the first figure: {machine.load_average}\n"


def _engine(engine: EngineFigures) -> Iterator[str]:
    events = ", ".join(f"{name} {count:,}" for name, count in engine.events.items())
    yield "## Engine\n"
    yield paragraph(
        f"{engine.messages:,} signed messages of {ACCOUNTS} accounts in one market, seed {SEED}",
        f"(`bench/order_flow.py`), on one core. The oracle round that opens each batch of {BATCH_MESSAGES}",
        f"messages is not counted. What the messages came to: {events}.",
    )
    yield from table(
        ("messages a second", "median", "slowest", "fastest"),
        (
            rate_row("matching, margin, fees", engine.unchecked),
            rate_row("the same, each signature verified first", engine.checked),
        ),
    )


def _crypto(crypto: CryptoFigures) -> Iterator[str]:
    yield "## Signatures and hashes\n"
    yield from table(
        ("a second", "median", "slowest", "fastest"),
        (
            rate_row("EdDSA verifications of known keys, one call each", crypto.signatures),
            rate_row("EdDSA verifications of known keys, `verify_many`", crypto.signatures_at_once),
            rate_row("EdDSA verifications of new keys, one call each", crypto.new_keys),
            rate_row("EdDSA verifications of new keys, `verify_many`", crypto.new_keys_at_once),
            rate_row("Poseidon of 4 elements, one call each", crypto.hashes),
            rate_row("Poseidon of 4 elements, `poseidon_many`", crypto.hashes_at_once),
        ),
    )


def _circuit(circuit: CircuitFigures, trades: int) -> Iterator[str]:
    counts = [f"{value} {name}" for name, value in circuit.parameters.items() if name != "signatures"]
    check = "by one combination" if circuit.parameters["signatures"] else "one by one"
    sizes = {"all": circuit.constraints, **circuit.parts}
    yield "## Reference circuit\n"
    yield paragraph(
        f"{', '.join(counts)}; signatures checked {check}; {circuit.wires:,} wires.",
        f"The reference workload (`bench/workload.py`) has {trades} matched trades, each of an order of the",
        "batch with one from the page tree.",
    )
    yield from table(
        ("constraints", "circuit", "a matched trade"),
        ((part, f"{count:,}", f"{count / trades:,.0f}") for part, count in sizes.items()),
    )


def _proving(circuit: CircuitFigures, proving: ProvingFigures) -> Iterator[str]:
    compiled, setup = circuit.compile_seconds, circuit.setup
    rows = [
        ("compile", "not measured: cached" if compiled is None else seconds_cell(compiled), "", ""),
        ("set-up, native", *usage_cells(setup.seconds, setup.cpu_seconds, setup.peak_memory_bytes)),
    ]
    yield "## Proving the reference workload\n"
    yield paragraph(
        "The same batch and keys for both provers; a proof counts once it is verified. Set-up, witness and",
        "native proof run in the process of the benchmark, whose memory is in theirs; snarkjs has its own.",
    )
    yield from table(_PROVING_HEAD, [*rows, *_proving_rows(proving)])


def _proving_rows(proving: ProvingFigures) -> Iterator[tuple[str, ...]]:
    yield "witness", *cost_cells(proving.witness)
    for name, cost in proving.proof.items():
        yield f"proof, {name}", *cost_cells(cost)
    for name, seconds in proving.verification_seconds.items():
        yield f"verification, {name}", seconds_cell(seconds), "", ""


def _leaving(leaving: LeavingFigures) -> Iterator[str]:
    yield "## Proving an exit\n"
    yield paragraph(
        f"One account's way out of a frozen exchange, {leaving.constraints:,} constraints: anyone proves it",
        "from what L1 has published. Run as the workload's proof above; load average before it:",
        f"{leaving.load_average}.",
    )
    yield from table(_PROVING_HEAD, _proving_rows(leaving.proving))


def _verifying(verifying: VerifyingFigures) -> Iterator[str]:
    yield "## Verification by anyone\n"
    yield paragraph(
        f"`proofbook verify` on {verifying.batches} batches of {MINUTES} minutes of the replay: logs and",
        "calldata from a local node, each batch's pairing, the exit root rebuilt after each.",
    )
    yield from table(("a second", "median", "slowest", "fastest"), (rate_row("batches", verifying.rate),))
