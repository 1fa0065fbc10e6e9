"""From a circuit to its constraint system, witness calculator and symbols, with circom under wasmtime."""

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import wasmtime

from prover.artifacts import PROJECT_ROOT, ArtifactStore
from prover.circuit import Circuit
from prover.errors import CompileError
from prover.progress import SILENT, Progress, reported
from prover.sources import LIBRARIES, source_digest
from prover.wasm import engine, load_module

COMPILER: Final = PROJECT_ROOT / "node_modules" / "circom2" / "circom.wasm"
COMPILER_VERSION: Final = "2.2.3"

_GUEST_OUTPUT: Final = "build"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_MESSAGE_CHARACTERS: Final = 2_000


@dataclass(frozen=True, slots=True)
class CompiledCircuit:
    """Paths of a compiled circuit.

    Attributes
    ----------
    circuit : Circuit
        What was compiled.
    directory : Path
        Where the files lie.
    """

    circuit: Circuit
    directory: Path

    @property
    def r1cs(self) -> Path:
        """The constraint system."""
        return self.directory / "circuit.r1cs"

    @property
    def wasm(self) -> Path:
        """The witness calculator."""
        return self.directory / "circuit.wasm"

    @property
    def symbols(self) -> Path:
        """The names of the signals and their wires."""
        return self.directory / "circuit.sym"


def compile_circuit(
    circuit: Circuit, store: ArtifactStore | None = None, progress: Progress = SILENT
) -> CompiledCircuit:
    """Compile a circuit, or find it compiled.

    Raises
    ------
    CircuitSourceError
        If an included file is not there.
    CompileError
        If circom refuses the circuit; the message is circom's.
    """
    store = store or ArtifactStore()
    text = circuit.main_source()
    flags = (COMPILER_VERSION, circuit.optimization, *LIBRARIES)
    digest = hashlib.sha256("\0".join((*flags, source_digest(PROJECT_ROOT, text))).encode()).hexdigest()

    def build(directory: Path) -> None:
        with reported(progress, f"compile {circuit.name}"):
            (directory / "circuit.circom").write_text(text)
            _run_circom(store, circuit, directory)

    return CompiledCircuit(circuit, store.build("circuits", circuit.name, digest, build))


def _run_circom(store: ArtifactStore, circuit: Circuit, directory: Path) -> None:
    """Run the compiler, which sees the project (to read) and `directory` (to write) and nothing else."""
    log = directory / "compiler.log"
    arguments = [
        "circom",
        f"{_GUEST_OUTPUT}/circuit.circom",
        circuit.optimization,
        "--r1cs",
        "--wasm",
        "--sym",
    ]
    arguments += ["-o", _GUEST_OUTPUT]
    for library in LIBRARIES:
        arguments += ["-l", library]
    wasi = wasmtime.WasiConfig()
    wasi.argv = arguments
    wasi.preopen_dir(str(PROJECT_ROOT), ".", fs_mutable=False)
    wasi.preopen_dir(str(directory), _GUEST_OUTPUT)
    wasi.stdout_file = str(log)
    wasi.stderr_file = str(directory / "errors.log")
    status = _start(store, wasi)
    if status != 0 or not (directory / "circuit_js" / "circuit.wasm").is_file():
        raise _refusal(circuit, directory, status)
    (directory / "circuit_js" / "circuit.wasm").rename(directory / "circuit.wasm")
    shutil.rmtree(directory / "circuit_js")


def _start(store: ArtifactStore, wasi: wasmtime.WasiConfig) -> int | str:
    """Return the compiler's exit status, or how it died."""
    instance_store = wasmtime.Store(engine())
    instance_store.set_wasi(wasi)
    linker = wasmtime.Linker(engine())
    linker.define_wasi()
    module = load_module(store, COMPILER, "run `make setup`: it installs the circom compiler")
    start = linker.instantiate(instance_store, module).exports(instance_store)["_start"]
    assert isinstance(start, wasmtime.Func)
    try:
        start(instance_store)
    except wasmtime.ExitTrap as stop:
        return stop.code
    except (wasmtime.Trap, wasmtime.WasmtimeError) as trap:
        return str(trap).splitlines()[0]
    return 0


def _refusal(circuit: Circuit, directory: Path, status: int | str) -> CompileError:
    said = "".join((directory / name).read_text(errors="replace") for name in ("compiler.log", "errors.log"))
    said = _COLOUR.sub("", said).replace(f"{_GUEST_OUTPUT}/circuit.circom", "the main component").strip()
    return CompileError(
        f"circom ended with {status} on {circuit.name}: {said[:_MESSAGE_CHARACTERS]}", "correct the circuit"
    )
