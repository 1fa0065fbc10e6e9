"""Errors of the prover: one class a cause, each with a stable code, the file at fault and the cure."""

from pathlib import Path
from typing import ClassVar


class ProverError(Exception):
    """Base of every error that the prover raises on purpose.

    Attributes
    ----------
    code : str
        Stable name of the cause, for programs.
    message : str
        What is wrong, in one line; names the file where there is one.
    cure : str
        What to do about it.
    path : Path or None
        The file at fault.
    """

    code: ClassVar[str] = "prover"

    def __init__(self, message: str, cure: str, path: Path | None = None) -> None:
        self.message = f"{path}: {message}" if path is not None else message
        self.cure = cure
        self.path = path
        super().__init__(f"{self.code}: {self.message}; {cure}")


class MissingToolError(ProverError):
    """A tool of the build, such as node or the circom compiler, is not there."""

    code = "missing_tool"


class CircuitSourceError(ProverError):
    """A circuit source, or a file that it includes, cannot be found."""

    code = "circuit_source"


class CompileError(ProverError):
    """The circom compiler refused the circuit."""

    code = "compile"


class UnknownSizeError(ProverError):
    """There is no circuit of this size."""

    code = "unknown_size"


class UnknownBackendError(ProverError):
    """There is no proving back end of this name."""

    code = "unknown_backend"


class ArtifactError(ProverError):
    """An artifact is missing, truncated, corrupt, or not the one that the manifest names."""

    code = "artifact"


class DevelopmentKeyError(ProverError):
    """A development key would be used on a chain that is not local."""

    code = "development_key"


class KeysDifferError(ProverError):
    """Keys are not those that the sources and the seed give."""

    code = "keys_differ"


class WitnessInputError(ProverError):
    """An input signal is unknown, missing, or has the wrong number of values."""

    code = "witness_input"


class WitnessRejectedError(ProverError):
    """The inputs break a constraint or an assertion.

    Attributes
    ----------
    trace : list of (str, int)
        Templates and lines, innermost first.
    """

    code = "witness_rejected"

    def __init__(self, message: str, cure: str, trace: list[tuple[str, int]]) -> None:
        self.trace = trace
        super().__init__(message, cure)


class SetupError(ProverError):
    """The set-up of a proving key failed."""

    code = "setup"


class ProvingError(ProverError):
    """The back end could not make a proof."""

    code = "proving"


class InvalidProofError(ProverError):
    """A proof does not verify: it must not leave the prover."""

    code = "invalid_proof"
