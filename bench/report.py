"""The figures as files: results.json for programs, RESULTS.md for people."""

import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from bench.chain import ChainFigures
from bench.circuit import CircuitFigures
from bench.engine import EngineFigures
from bench.machine import Machine
from bench.order_flow import ACCOUNTS, BATCH_MESSAGES, SEED
from bench.proving import ProvingFigures
from bench.signatures import CryptoFigures
from bench.timing import Cost, Rate
from bench.verifying import MINUTES, VerifyingFigures

JSON_FILE: Final = Path(__file__).with_name("results.json")
PAGE_FILE: Final = Path(__file__).with_name("RESULTS.md")

_MEBIBYTE: Final = 1 << 20
_TEXT_WIDTH: Final = 110


@dataclass(frozen=True, slots=True)
class Results:
    machine: Machine
    engine: EngineFigures
    crypto: CryptoFigures
    circuit: CircuitFigures
    proving: ProvingFigures
    chain: ChainFigures
    verifying: VerifyingFigures


def write_results(results: Results) -> None:
    JSON_FILE.write_text(json.dumps(asdict(results), indent=2) + "\n")
    PAGE_FILE.write_text("\n".join(_page(results)))


def _page(results: Results) -> Iterator[str]:
    yield "# Results\n"
    yield _paragraph(
        "Written by `make bench`, with all runs in `results.json`. A figure is the median of its runs, peak",
        "memory the largest. Runs that are compared took turns in one process.",
    )
    yield from _machine(results.machine)
    yield from _engine(results.engine)
    yield from _crypto(results.crypto)
    yield from _circuit(results.circuit, results.chain.trades)
    yield from _proving(results.circuit, results.proving)
    yield from _chain(results.chain)
    yield from _verifying(results.verifying)


def _machine(machine: Machine) -> Iterator[str]:
    yield "## Machine\n"
    yield f"- {machine.processor}, {machine.cores} cores, {machine.memory_gib} GiB of memory"
    yield f"- {machine.system}"
    yield f"- {', '.join(f'{name} {version}' for name, version in machine.tools.items())}"
    yield f"- load average before the first figure: {machine.load_average}\n"


def _engine(engine: EngineFigures) -> Iterator[str]:
    events = ", ".join(f"{name} {count:,}" for name, count in engine.events.items())
    yield "## Engine\n"
    yield _paragraph(
        f"{engine.messages:,} signed messages of {ACCOUNTS} accounts in one market, seed {SEED}",
        f"(`bench/order_flow.py`), on one core. The oracle round that opens each batch of {BATCH_MESSAGES}",
        f"messages is not counted. What the messages came to: {events}.",
    )
    yield from _table(
        ("messages a second", "median", "slowest", "fastest"),
        (
            _rate("matching, margin, fees", engine.unchecked),
            _rate("the same, each signature verified first", engine.checked),
        ),
    )


def _crypto(crypto: CryptoFigures) -> Iterator[str]:
    yield "## Signatures and hashes\n"
    yield from _table(
        ("a second", "median", "slowest", "fastest"),
        (
            _rate("EdDSA verifications, one call each", crypto.signatures),
            _rate("EdDSA verifications, `verify_many`", crypto.signatures_at_once),
            _rate("Poseidon of 4 elements, one call each", crypto.hashes),
            _rate("Poseidon of 4 elements, `poseidon_many`", crypto.hashes_at_once),
        ),
    )


def _circuit(circuit: CircuitFigures, trades: int) -> Iterator[str]:
    counts = [f"{value} {name}" for name, value in circuit.parameters.items() if name != "signatures"]
    check = "by one combination" if circuit.parameters["signatures"] else "one by one"
    sizes = {"all": circuit.constraints, **circuit.parts}
    yield "## Reference circuit\n"
    yield _paragraph(
        f"{', '.join(counts)}; signatures checked {check}; {circuit.wires:,} wires.",
        f"The reference workload (`bench/workload.py`) has {trades} matched trades, each of an order of the",
        "batch with one from the page tree.",
    )
    yield from _table(
        ("constraints", "circuit", "a matched trade"),
        ((part, f"{count:,}", f"{count / trades:,.0f}") for part, count in sizes.items()),
    )


def _proving(circuit: CircuitFigures, proving: ProvingFigures) -> Iterator[str]:
    compiled, setup = circuit.compile_seconds, circuit.setup
    rows = [
        ("compile", "not measured: cached" if compiled is None else _seconds(compiled), "", ""),
        ("set-up, native", *_usage(setup.seconds, setup.cpu_seconds, setup.peak_memory_bytes)),
        ("witness", *_cost(proving.witness)),
    ]
    rows += [(f"proof, {name}", *_cost(cost)) for name, cost in proving.proof.items()]
    rows += [
        (f"verification, {name}", _seconds(seconds), "", "")
        for name, seconds in proving.verification_seconds.items()
    ]
    yield "## Proving the reference workload\n"
    yield _paragraph(
        "The same batch and keys for both provers; a proof counts once it is verified. Set-up, witness and",
        "native proof run in the process of the benchmark, whose memory is in theirs; snarkjs has its own.",
    )
    yield from _table(("step", "seconds", "processor seconds", "peak memory, MiB"), rows)


def _chain(chain: ChainFigures) -> Iterator[str]:
    yield "## Settlement\n"
    yield _paragraph(
        "The workload on deployed contracts: deposits and keys through L1, three batches proven and final.",
        f"The third is measured: {chain.messages} messages, {chain.trades} trades, {chain.words} data words.",
    )
    yield from _table(
        ("`submitBatch`", "batch", "a matched trade"),
        (
            ("gas", f"{chain.gas:,}", f"{chain.gas / chain.trades:,.0f}"),
            ("calldata bytes", f"{chain.calldata_bytes:,}", f"{chain.calldata_bytes / chain.trades:,.0f}"),
        ),
    )


def _verifying(verifying: VerifyingFigures) -> Iterator[str]:
    yield "## Verification by anyone\n"
    yield _paragraph(
        f"`proofbook verify` on {verifying.batches} batches of {MINUTES} minutes of the replay: logs and",
        "calldata from a local node, each batch's pairing, the exit root rebuilt after each.",
    )
    yield from _table(("a second", "median", "slowest", "fastest"), (_rate("batches", verifying.rate),))


def _rate(name: str, rate: Rate) -> tuple[str, ...]:
    return name, f"{rate.median:,}", f"{min(rate.runs):,}", f"{max(rate.runs):,}"


def _cost(cost: Cost) -> tuple[str, ...]:
    return _usage(cost.seconds, cost.cpu_seconds, cost.peak_memory_bytes)


def _usage(seconds: float, cpu_seconds: float, peak_memory_bytes: int) -> tuple[str, ...]:
    return _seconds(seconds), _seconds(cpu_seconds), f"{peak_memory_bytes / _MEBIBYTE:,.0f}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f}" if seconds >= 1 else f"{seconds:.3f}"


def _paragraph(*parts: str) -> str:
    return textwrap.fill(" ".join(parts), _TEXT_WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of a table whose first column is text and the others are numbers."""
    yield _row(head)
    yield _row(("---", *["---:"] * (len(head) - 1)))
    yield from map(_row, rows)
    yield ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
