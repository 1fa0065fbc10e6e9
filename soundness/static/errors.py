"""Why circuits or contracts cannot be analysed."""

from prover.errors import ProverError


class BusSyntaxError(ProverError):
    """A bus is used in a way that `soundness/static/buses.py` does not know."""

    code = "bus_syntax"

    def __init__(self, message: str) -> None:
        super().__init__(message, "write it another way, or teach soundness/static/buses.py")


class AnalyserError(ProverError):
    """circomspect or slither is not there, or cannot read what it is given."""

    code = "analyser"
