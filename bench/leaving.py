"""The proof with which an account leaves a frozen exchange: circuit, witness, proof and verification."""

import os
from dataclasses import dataclass

from bench.proving import ProvingFigures, measure_proving
from bench.venue import funding, published
from bench.workload import DOMAIN, MAKERS, TAKERS, ReferenceExchange
from prover import BACKENDS, Progress, open_prover
from prover.artifacts import ArtifactStore
from prover.circuit import EXIT
from prover.info import describe
from sequencer.state.exit import exit_inputs


@dataclass(frozen=True, slots=True)
class LeavingFigures:
    """An account that has a position.

    Attributes
    ----------
    load_average : float
        Of the minute before the first proof.
    """

    constraints: int
    proving: ProvingFigures
    load_average: float


def measure_leaving(progress: Progress) -> LeavingFigures:
    exchange = ReferenceExchange(DOMAIN)
    state = published([exchange.fund(funding(MAKERS + TAKERS)), exchange.quote(), exchange.trade()])
    provers = {name: open_prover(EXIT, name, progress) for name in BACKENDS}
    info = describe(provers["native"].compiled, ArtifactStore(), progress)
    load_average = round(os.getloadavg()[0], 2)
    proving = measure_proving(provers, exit_inputs(state, MAKERS[0]), progress)
    return LeavingFigures(info["constraints"], proving, load_average)
