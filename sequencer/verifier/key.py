"""What a rollup trusts, compared with this repository: its own code, and the key of its proofs."""

from typing import Final

from prover.circuit import EXIT, circuit_of
from prover.manifest import Setup, require_chain
from prover.verification_key import VerificationKey
from sequencer.chain.artifacts import contract_code
from sequencer.chain.client import RollupClient
from sequencer.chain.connection import Connection
from sequencer.chain.key_check import CODEHASH, codehash_at, committed_key, deployed_codehash, read_table
from sequencer.verifier.errors import ForeignContractError, UnknownVerifierError

POSEIDON_CODEHASH: Final = "aa8081e99244f5cd89f2e02e0c4a89ec873ac5eb5583621196c1b138c994024c"
"""Of circomlibjs' contract; the rollup's constructor asks for the same."""


def require_rollup_code(rollup: RollupClient) -> None:
    """Refuse contracts that may pay or change by other rules than this repository's; ForeignContractError."""
    _require_code(rollup.connection, rollup.address, "Rollup")
    _require_code(rollup.connection, rollup.timelock, "Timelock")
    _require_code(rollup.connection, rollup.brake, "Brake")
    if codehash_at(rollup.connection, rollup.poseidon) != POSEIDON_CODEHASH:
        raise ForeignContractError(f"the hash of logs at {rollup.poseidon} is not circomlibjs' Poseidon")


def _require_code(connection: Connection, address: str, name: str) -> None:
    deployed = connection.code(address)
    if not contract_code(name).is_of(deployed):
        what = f"{len(deployed)} bytes of other code" if deployed else "no contract"
        raise ForeignContractError(f"at {address} on {connection.url}, where a {name} should be, is {what}")


def trusted_key(connection: Connection, verifier: str) -> VerificationKey:
    """Return the committed key of the size whose verifier the rollup asks.

    Code is compared, not a name: a verifier with this codehash has this very key in it.

    Parameters
    ----------
    verifier
        Address of the contract that checks the proofs.

    Raises
    ------
    UnknownVerifierError
        If the verifier's codehash is not in `circuits/keys.json`.
    DevelopmentKeyError
        If anyone could forge proofs, and the chain is not a local one.
    """
    codehash = codehash_at(connection, verifier)
    for size, hashes in read_table().items():
        if size != EXIT and hashes[CODEHASH] == codehash:
            require_chain(circuit_of(size).name, Setup.DEVELOPMENT, connection.chain_id)
            return committed_key(size)
    raise UnknownVerifierError(f"the verifier at {verifier} has the codehash {codehash}")


def require_exit_verifier(rollup: RollupClient) -> None:
    """Refuse a rollup whose exits are checked by another verifier; UnknownVerifierError."""
    codehash = deployed_codehash(rollup, exits=True)
    if codehash != read_table()[EXIT][CODEHASH]:
        raise UnknownVerifierError(f"the exit verifier of {rollup.address} has the codehash {codehash}")
