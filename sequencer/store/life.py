"""The life of a batch between its sealing and its finality (docs/spec/submitting.md)."""

from dataclasses import dataclass
from enum import IntEnum

from msgspec import Struct
from msgspec.structs import replace


class BatchState(IntEnum):
    """How far a batch has come; a reorganisation takes it from MINED back to SUBMITTED or PROVEN."""

    SEQUENCED = 1
    PROVING = 2
    PROVEN = 3
    SUBMITTED = 4
    MINED = 5
    FINAL = 6


class SignedTransaction(Struct, frozen=True):
    """A transaction of the operator as it may be sent again, byte by byte.

    Attributes
    ----------
    hash : bytes
        32 bytes.
    max_fee, priority_fee : int
        Wei a unit of gas (EIP-1559).
    height : int
        Of the chain when it was signed, or when its batch was taken back: from then on it is on its way.
    cancels : bool
        Whether it does nothing but use up the nonce, so that the batch cannot be mined any more.
    """

    raw: bytes
    hash: bytes
    nonce: int
    max_fee: int
    priority_fee: int
    height: int
    cancels: bool = False


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Where a transaction was mined."""

    transaction_hash: bytes
    block_hash: bytes
    block_number: int
    gas_used: int


class BatchLife(Struct, frozen=True):
    """Everything that the submitter must know of one batch after a restart.

    Attributes
    ----------
    proof : tuple of int
        The eight coordinates of a, b, c in the contract's order; empty until the batch is proven.
    sent : tuple of SignedTransaction
        All that this ledger may have sent, oldest first.
    is_rebuilt : bool
        Whether a ledger that is lost may have sent others.
    inclusion : Inclusion, optional
        Of the transaction that carried the batch.
    """

    number: int
    state: BatchState = BatchState.SEQUENCED
    proof: tuple[int, ...] = ()
    sent: tuple[SignedTransaction, ...] = ()
    is_rebuilt: bool = False
    inclusion: Inclusion | None = None

    def proving(self) -> "BatchLife":
        """Return the life once the prover has the batch."""
        return replace(self, state=BatchState.PROVING)

    def proven(self, proof: tuple[int, ...]) -> "BatchLife":
        """Return the life once there is a proof."""
        return replace(self, state=BatchState.PROVEN, proof=proof)

    def submitted(self, transaction: SignedTransaction) -> "BatchLife":
        """Return the life once one more transaction may be on its way."""
        return replace(self, state=BatchState.SUBMITTED, sent=(*self.sent, transaction))

    def mined(self, inclusion: Inclusion, proof: tuple[int, ...] = ()) -> "BatchLife":
        """Return the life once a block has the batch, with the proof that it came with if that is another."""
        return replace(self, state=BatchState.MINED, proof=proof or self.proof, inclusion=inclusion)

    def taken_back(self, height: int) -> "BatchLife":
        """Return the life once the block that had the batch is no longer part of the chain, `height` high."""
        if not self.sent:
            return replace(self, state=BatchState.PROVEN, inclusion=None)
        *earlier, last = self.sent
        sent = (*earlier, replace(last, height=height))
        return replace(self, state=BatchState.SUBMITTED, sent=sent, inclusion=None)

    def final(self) -> "BatchLife":
        """Return the life once the block is deep enough."""
        return replace(self, state=BatchState.FINAL)
