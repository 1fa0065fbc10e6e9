"""The figures of all parts, and their file: results.json."""

import json
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any, Final, get_args, get_origin, get_type_hints

from bench.calls import CallFigures
from bench.chain import ChainFigures
from bench.circomlibjs import CircomlibjsFigures
from bench.circuit import CircuitFigures
from bench.engine import EngineFigures
from bench.journal import JournalFigures
from bench.leaving import LeavingFigures
from bench.machine import Machine
from bench.memory import MemoryFigures
from bench.peers import PeerFigures
from bench.proving import ProvingFigures
from bench.scaling import ScalingFigures
from bench.service import ServiceFigures
from bench.signatures import CryptoFigures
from bench.verifying import VerifyingFigures

JSON_FILE: Final = Path(__file__).with_name("results.json")


@dataclass(frozen=True, slots=True)
class Results:
    """The machine, and a field a part."""

    machine: Machine
    engine: EngineFigures
    crypto: CryptoFigures
    circuit: CircuitFigures
    proving: ProvingFigures
    chain: ChainFigures
    calls: dict[str, CallFigures]
    scaling: tuple[ScalingFigures, ...]
    leaving: LeavingFigures
    verifying: VerifyingFigures
    service: ServiceFigures
    peers: PeerFigures
    circomlibjs: CircomlibjsFigures
    journal: JournalFigures
    memory: MemoryFigures


def write_results(results: Results) -> None:
    JSON_FILE.write_text(json.dumps(asdict(results), indent=2) + "\n")


def read_results() -> dict[str, Any]:
    """Return the figures of the file by their fields in `Results`."""
    hints = get_type_hints(Results)
    return {name: _typed(hints[name], value) for name, value in json.loads(JSON_FILE.read_text()).items()}


def _typed(kind: Any, value: Any) -> Any:
    """Return a value of JSON as the dataclass, dictionary or tuple that it was written from."""
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: _typed(hints[name], field) for name, field in value.items()})
    if get_origin(kind) is dict:
        return {key: _typed(get_args(kind)[1], each) for key, each in value.items()}
    if get_origin(kind) is tuple:
        return tuple(_typed(get_args(kind)[0], each) for each in value)
    return value
