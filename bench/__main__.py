"""Measure everything, or some parts, and write results.json and RESULTS.md beside this file."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

import click

from bench.calls import measure_calls
from bench.chain import measure_chain
from bench.circomlibjs import measure_circomlibjs
from bench.circuit import measure_circuit
from bench.engine import measure_engine
from bench.journal import measure_journal
from bench.leaving import measure_leaving
from bench.machine import Machine, describe_machine
from bench.memory import measure_memory
from bench.peers import measure_peers
from bench.proving import measure_proving
from bench.report import PAGE_FILE, page
from bench.results import Results, read_results, write_results
from bench.scaling import measure_scaling
from bench.service import measure_service
from bench.signatures import measure_crypto
from bench.timing import StepTimes
from bench.verifying import measure_verifying
from bench.workload import SIZE_NAME, reference_workload
from prover import BACKENDS, Prover, open_prover


class Bench:
    """What the parts share.

    Parameters
    ----------
    figures : dict
        By part: those that are kept, and then those that are measured.
    """

    def __init__(self, figures: dict[str, Any]) -> None:
        self.figures = figures
        self.progress = StepTimes()

    @cached_property
    def provers(self) -> dict[str, Prover]:
        return {name: open_prover(SIZE_NAME, name, self.progress) for name in BACKENDS}

    @property
    def native(self) -> Prover:
        return self.provers["native"]

    @property
    def verification_gas(self) -> int:
        return int(self.figures["chain"].verification_gas)


PARTS: Final[dict[str, Callable[[Bench], object]]] = {
    "engine": lambda bench: measure_engine(bench.progress),
    "crypto": lambda bench: measure_crypto(bench.progress),
    "circuit": lambda bench: measure_circuit(bench.native.compiled, bench.progress),
    "proving": lambda bench: measure_proving(bench.provers, reference_workload().inputs, bench.progress),
    "chain": lambda bench: measure_chain(bench.native),
    "calls": lambda bench: measure_calls(bench.native.prepare(), bench.verification_gas),
    "scaling": lambda bench: measure_scaling(bench.native.prepare(), bench.verification_gas, bench.progress),
    "leaving": lambda bench: measure_leaving(bench.progress),
    "verifying": lambda bench: measure_verifying(bench.native, SIZE_NAME, bench.progress),
    "service": lambda bench: measure_service(bench.progress),
    "peers": lambda bench: measure_peers(bench.progress),
    "circomlibjs": lambda bench: measure_circomlibjs(bench.progress),
    "journal": lambda bench: measure_journal(bench.progress),
    "memory": lambda bench: measure_memory(bench.progress),
}
"""The fields of `Results`; a part may need the figures of those before it."""


@click.command()
@click.option(
    "--only", "parts", type=click.Choice(list(PARTS)), multiple=True, help="Keep all other figures."
)
def main(parts: tuple[str, ...]) -> None:
    """Measure all parts, or only those that are named."""
    machine = describe_machine()
    bench = Bench(_kept(machine) if parts else {"machine": machine})
    for part, measure in PARTS.items():
        if part in (parts or PARTS):
            bench.figures[part] = measure(bench)
    results = Results(**bench.figures)
    write_results(results)
    PAGE_FILE.write_text(page(results))
    print(page(results))


def _kept(machine: Machine) -> dict[str, Any]:
    """Return the figures of the file, if they are of this machine."""
    kept = read_results()
    if replace(machine, load_average=kept["machine"].load_average) != kept["machine"]:
        raise click.ClickException("results.json is of another machine, or of other tools: measure all parts")
    return kept


if __name__ == "__main__":
    main(prog_name="python -m bench")
