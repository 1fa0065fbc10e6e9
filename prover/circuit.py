"""A circuit to build: a template and the values of its parameters."""

import json
from typing import Any, Final, Literal

from msgspec import Struct

from prover.artifacts import PROJECT_ROOT
from prover.errors import UnknownSizeError
from sequencer.model.constants import ACCOUNT_DEPTH

SIZES_FILE: Final = PROJECT_ROOT / "circuits" / "sizes.json"
PUBLIC_INPUTS: Final = ("c", "r", "y")
EXIT: Final = "exit"
EXIT_PUBLIC_INPUTS: Final = ("exitRoot", "account", "owner", "equity")
# What snarkjs calls every verifier that it exports.
SNARKJS_VERIFIER: Final = "Groth16Verifier"
PRAGMA: Final = "pragma circom 2.2.3;\n"

Optimization = Literal["--O1", "--O2"]


class Circuit(Struct, frozen=True):
    """A main component: `component main {public [...]} = Template(arguments);`.

    Attributes
    ----------
    name : str
        Names the artifacts, for example ``batch-small``.
    source : str
        Circom text that brings the template: includes, or the template itself.
    template : str
        The template that is instantiated.
    parameters : dict of str to int
        Values of the template's parameters, in its order; the names are for people.
    public : tuple of str
        Input signals that the verifier sees.
    optimization : {"--O1", "--O2"}
        O2 eliminates linear constraints; O1 keeps every signal that is not a plain copy.
    verifier : str
        Name of the Solidity contract that verifies its proofs.
    """

    name: str
    source: str
    template: str
    parameters: dict[str, int]
    public: tuple[str, ...] = ()
    optimization: Optimization = "--O2"
    verifier: str = SNARKJS_VERIFIER

    def main_source(self) -> str:
        """Return the text of the main file."""
        public = f" {{public [{', '.join(self.public)}]}}" if self.public else ""
        arguments = ", ".join(map(str, self.parameters.values()))
        pragma = "" if "pragma circom" in self.source else PRAGMA
        return f"{pragma}{self.source}\ncomponent main{public} = {self.template}({arguments});\n"


def batch_circuit(size: str) -> Circuit:
    """Return the batch circuit of a size in `circuits/sizes.json`; UnknownSizeError if there is none."""
    sizes: dict[str, dict[str, Any]] = json.loads(SIZES_FILE.read_text())
    if size not in sizes:
        raise UnknownSizeError(f"there is no batch size {size!r}", f"choose one of {', '.join(sizes)}")
    return Circuit(
        name=f"batch-{size}",
        source='include "circuits/batch.circom";',
        template="Batch",
        parameters=sizes[size] | {"signatures": int(sizes[size]["signatures"] == "batched")},
        public=PUBLIC_INPUTS,
    )


def exit_circuit() -> Circuit:
    """Return the exit circuit (docs/spec/exit.md)."""
    return Circuit(
        name=EXIT,
        source='include "circuits/exit/exit.circom";',
        template="Exit",
        parameters={"depth": ACCOUNT_DEPTH},
        public=EXIT_PUBLIC_INPUTS,
        verifier="ExitVerifier",
    )


def circuit_of(size: str) -> Circuit:
    """Return the batch circuit of a size, or for `exit` the exit circuit; errors as `batch_circuit`."""
    return exit_circuit() if size == EXIT else batch_circuit(size)
