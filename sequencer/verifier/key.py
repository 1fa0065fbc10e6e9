"""What a rollup trusts, compared with this repository: its own code, and the key of its proofs."""

from prover.circuit import EXIT, circuit_of
from prover.manifest import Setup, require_chain
from prover.verification_key import VerificationKey
from sequencer.chain.artifacts import contract_code
from sequencer.chain.client import RollupClient
from sequencer.chain.key_check import CODEHASH, committed_key, deployed_codehash, read_table
from sequencer.verifier.errors import ForeignContractError, UnknownVerifierError


def require_rollup_code(rollup: RollupClient) -> None:
    """Refuse a contract that may pay out by other rules than this repository's; ForeignContractError."""
    deployed = rollup.connection.code(rollup.address)
    if not contract_code("Rollup").is_of(deployed):
        what = f"{len(deployed)} bytes of other code" if deployed else "no contract"
        raise ForeignContractError(f"at {rollup.address} on {rollup.connection.url} is {what}")


def trusted_key(rollup: RollupClient) -> VerificationKey:
    """Return the committed key of the size whose verifier the rollup asks.

    Code is compared, not a name: a verifier with this codehash has this very key in it.

    Raises
    ------
    UnknownVerifierError
        If the verifier's codehash is not in `circuits/keys.json`.
    DevelopmentKeyError
        If anyone could forge proofs, and the chain is not a local one.
    """
    codehash = deployed_codehash(rollup)
    for size, hashes in read_table().items():
        if size != EXIT and hashes[CODEHASH] == codehash:
            require_chain(circuit_of(size).name, Setup.DEVELOPMENT, rollup.connection.chain_id)
            return committed_key(size)
    raise UnknownVerifierError(f"the verifier of {rollup.address} has the codehash {codehash}")


def require_exit_verifier(rollup: RollupClient) -> None:
    """Refuse a rollup whose exits are checked by another verifier; UnknownVerifierError."""
    codehash = deployed_codehash(rollup, exits=True)
    if codehash != read_table()[EXIT][CODEHASH]:
        raise UnknownVerifierError(f"the exit verifier of {rollup.address} has the codehash {codehash}")
