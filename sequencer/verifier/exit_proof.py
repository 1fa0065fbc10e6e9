"""The proof with which an account leaves, made from L1 alone: by its owner, or by anyone for it."""

from dataclasses import dataclass
from typing import Any, Final

from eth_abi.abi import encode
from eth_utils.abi import function_signature_to_4byte_selector
from eth_utils.address import to_checksum_address

from prover.proof import Points
from prover.prover import Prover
from sequencer.state.exit import ExitClaim, exit_claim, exit_inputs
from sequencer.verifier.replica import Identity, Replica

_TYPES: Final = ("uint32", "address", "uint64", "(uint256[2],uint256[2][2],uint256[2])")
_SELECTOR: Final = function_signature_to_4byte_selector(f"exit({','.join(_TYPES)})")


@dataclass(frozen=True, slots=True)
class ExitProof:
    """What an account claims of a rollup, and the proof of it."""

    identity: Identity
    claim: ExitClaim
    points: Points

    @property
    def owner(self) -> str:
        """To whom the rollup pays: the account's address."""
        return to_checksum_address(self.claim.owner.to_bytes(20, "big"))

    def calldata(self) -> bytes:
        """Return the data of the transaction that registers the claim; anyone may send it."""
        claim = self.claim
        values = (claim.account, self.owner, claim.equity, self.points.to_contract())
        return _SELECTOR + encode(_TYPES, values)

    def to_json(self) -> dict[str, Any]:
        """Return all that is needed to leave, for a file."""
        a, b, c = self.points.to_contract()
        return {
            "chain_id": self.identity.chain_id,
            "rollup": self.identity.rollup,
            "exit_root": f"{self.claim.exit_root:#066x}",
            "account": self.claim.account,
            "owner": self.owner,
            "equity": self.claim.equity,
            "proof": {"a": a, "b": b, "c": c},
            "calldata": f"0x{self.calldata().hex()}",
        }


def prove_exit(replica: Replica, account: int, prover: Prover) -> ExitProof:
    """Prove what an account is worth under the last exit root.

    Raises
    ------
    NoAccountError, InsuranceFundExitError
        If nobody can leave with this account.
    ProverError
        If no proof can be made.
    """
    claim = exit_claim(replica.state, account)
    proof = prover.prove(exit_inputs(replica.state, account))
    return ExitProof(replica.identity, claim, proof.points)
