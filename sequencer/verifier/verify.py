"""The whole verification: what the rollup is, every batch, and what its contract holds in the end."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from prover.proof import Points
from prover.verification_key import VerificationKey
from prover.verify import verify_independently, verify_natively
from sequencer.chain.connection import Connection
from sequencer.verifier.batch import ProofCheck
from sequencer.verifier.checkpoint import load_checkpoint
from sequencer.verifier.follower import Checkpoint, Follower
from sequencer.verifier.key import require_exit_verifier, require_rollup_code, trusted_key
from sequencer.verifier.reader import RollupReader

PAIRINGS: Final[Mapping[str, Callable[[VerificationKey, Points, tuple[int, ...]], bool]]] = MappingProxyType(
    {"native": verify_natively, "py_ecc": verify_independently}
)
"""Who checks the proofs: the native core, or the slow referee that shares no code with it."""


def open_follower(
    connection: Connection,
    rollup: str,
    pairing: str = "native",
    from_block: int = 0,
    resume: Path | None = None,
) -> Follower:
    """Return a follower of a rollup whose code and whose proofs' key are this repository's.

    Parameters
    ----------
    pairing : {"native", "py_ecc"}
        Who checks the proofs.
    from_block
        Where to look for the deployment.
    resume
        A file to go on from.

    Raises
    ------
    ForeignContractError, UnknownVerifierError, DevelopmentKeyError
        If the contract trusts something else than this repository does.
    StateFileError
        If the file cannot be used.
    """
    reader = RollupReader(connection, rollup)
    require_rollup_code(reader.rollup)
    require_exit_verifier(reader.rollup)

    @cache
    def check_of(verifier: str) -> ProofCheck:
        return partial(PAIRINGS[pairing], trusted_key(connection, verifier))

    check_of(reader.rollup.verifier)
    start = load_checkpoint(resume, reader) if resume else None
    return Follower(reader, check_of, from_block, start)


def verify(connection: Connection, rollup: str) -> Checkpoint:
    """Verify a rollup from its deployment to its head; errors as `open_follower` and `Follower`."""
    follower = open_follower(connection, rollup)
    for _ in follower.advance():
        pass
    follower.check_head()
    return follower.checkpoint
