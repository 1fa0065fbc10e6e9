"""Exit codes: what a script can tell from a failure."""

from typing import Final

EXIT_CODES: Final = {
    0: "done",
    1: "internal failure, or a check of the result does not hold",
    2: "wrong usage of the command line",
    3: "bad input: a file or a value cannot be used",
    4: "prover: circuit, keys, witness or proof",
    5: "chain: the node or a contract",
    6: "store: ledger, journal, snapshots or history on disk",
    7: "oracle: a signer, its prices or its journal",
    8: "exchange: it refuses, or cannot be reached",
}

_BAD_INPUT: Final = 3
BY_CLASS: Final = {
    "proofbook.client.errors.ClientError": 8,
    "prover.errors.ProverError": 4,
    "sequencer.chain.errors.ChainError": 5,
    "sequencer.history.errors.HistoryError": 6,
    "sequencer.journal.errors.JournalError": 6,
    "sequencer.node.errors.ReplayError": 6,
    "sequencer.oracle.errors.OracleError": 7,
    "sequencer.replay.errors.ReplayCheckError": 1,
    "sequencer.settler.errors.SettlerError": 6,
    "sequencer.snapshot.errors.SnapshotError": 6,
    "sequencer.store.errors.StoreError": 6,
    "sequencer.verifier.errors.FindingError": 1,
    "sequencer.verifier.errors.StateFileError": 3,
    "sequencer.verifier.errors.VerifierError": 5,
}
"""By name: importing them would make each command wait for what others need."""


def exit_code(error: Exception) -> int:
    """Return the exit code of an error that was raised on purpose: that of its nearest kind."""
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)
    return next((BY_CLASS[name] for name in names if name in BY_CLASS), _BAD_INPUT)
