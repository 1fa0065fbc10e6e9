"""L1 requests: what users ask of the contract and what the batch answers."""

from msgspec import Struct

from sequencer.model import constants as c
from sequencer.model.words import pack, unpack


class Request(Struct, frozen=True):
    """One entry of the L1 queue, as the contract stores it.

    Attributes
    ----------
    kind : int
        A `RequestKind`.
    account : int
        Account id that L1 assigned to the owner.
    owner : int
        L1 address, 160 bits.
    amount : int
        Quote units, 64 bits: deposited, or asked to withdraw; 0 for the other kinds.
    data : tuple of (int, int)
        The new trading key of a registration, the two words of a forced message, the restrictions of L1 and
        0, the configuration hash and the verifier of a change; (0, 0) for the other kinds.
    """

    kind: int
    account: int
    owner: int
    amount: int = 0
    data: tuple[int, int] = (0, 0)

    def words(self) -> tuple[int, int, int]:
        """Return the queue words: head and data."""
        head = pack(
            (
                (self.kind, 0, c.KIND_BITS),
                (self.account, c.REQUEST_ACCOUNT_AT, c.ACCOUNT_BITS),
                (self.amount, c.REQUEST_AMOUNT_AT, c.AMOUNT_BITS),
                (self.owner, c.REQUEST_OWNER_AT, c.OWNER_BITS),
            )
        )
        return head, *self.data

    @classmethod
    def from_words(cls, head: int, first: int, second: int) -> "Request":
        """Return the request of its queue words; the inverse of `words`."""
        return cls(
            kind=unpack(head, 0, c.KIND_BITS),
            account=unpack(head, c.REQUEST_ACCOUNT_AT, c.ACCOUNT_BITS),
            amount=unpack(head, c.REQUEST_AMOUNT_AT, c.AMOUNT_BITS),
            owner=unpack(head, c.REQUEST_OWNER_AT, c.OWNER_BITS),
            data=(first, second),
        )


class Outcome(Struct, frozen=True):
    """What became of a request: a `RequestStatus` and the quote units that L1 owes the owner."""

    status: int
    paid: int = 0

    def word(self) -> int:
        """Return the outcome word of calldata."""
        return pack(((self.status, 0, c.KIND_BITS), (self.paid, c.OUTCOME_PAID_AT, c.AMOUNT_BITS)))
