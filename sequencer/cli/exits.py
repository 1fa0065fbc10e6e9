"""Exit codes: what a script can tell from a failure."""

from typing import Final

from prover.errors import ProverError
from sequencer.chain.errors import ChainError
from sequencer.oracle.errors import OracleError
from sequencer.replay.errors import ReplayCheckError
from sequencer.store.errors import StoreError
from sequencer.verifier.errors import FindingError, StateFileError, VerifierError

EXIT_CODES: Final = {
    0: "done",
    1: "internal failure, or a check of the result does not hold",
    2: "wrong usage of the command line",
    3: "bad input: a file or a value cannot be used",
    4: "prover: circuit, keys, witness or proof",
    5: "chain: the node or a contract",
    6: "store: the ledger on disk",
    7: "oracle: a signer, its prices or its journal",
}

_BAD_INPUT: Final = 3
_BY_CLASS: Final[tuple[tuple[type[Exception], int], ...]] = (
    (ReplayCheckError, 1),
    (FindingError, 1),
    (StateFileError, 3),
    (VerifierError, 5),
    (ProverError, 4),
    (ChainError, 5),
    (StoreError, 6),
    (OracleError, 7),
)


def exit_code(error: Exception) -> int:
    """Return the exit code of an error that was raised on purpose."""
    return next((code for kind, code in _BY_CLASS if isinstance(error, kind)), _BAD_INPUT)
