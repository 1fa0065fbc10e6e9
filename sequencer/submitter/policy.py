"""What the operator decides: how deep is final, what a transaction may cost."""

from dataclasses import dataclass
from typing import Final

from sequencer.store.life import SignedTransaction

GWEI: Final = 10**9

# Nodes take a replacement only if both fees rise by a tenth or an eighth, whichever they insist on.
_BUMP_NUMERATOR: Final = 9
_BUMP_DENOMINATOR: Final = 8


@dataclass(frozen=True, slots=True)
class Fees:
    """EIP-1559: wei a unit of gas."""

    max_fee: int
    priority_fee: int


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's configuration.

    Attributes
    ----------
    confirmations : int
        A request is consumed, and a batch is final, once its block is the first of so many.
    fee_cap, priority_fee : int
        Wei a unit of gas: the most that is ever offered, and what the first offer leaves to the proposer.
    bump_after_blocks : int
        A transaction that is not mined within so many blocks is replaced by a dearer one.
    attempts : int
        So many transactions of one batch may use up a nonce without making it final.
    """

    confirmations: int = 12
    fee_cap: int = 200 * GWEI
    priority_fee: int = GWEI
    bump_after_blocks: int = 3
    attempts: int = 3

    def __post_init__(self) -> None:
        assert self.confirmations >= 1, "a block confirms itself"
        assert 0 < self.priority_fee <= self.fee_cap

    def offer(self, base_fee: int) -> Fees | None:
        """Return what a first transaction pays; None while the base fee is above the cap.

        Twice the base fee outlasts five full blocks in a row.
        """
        if base_fee + self.priority_fee > self.fee_cap:
            return None
        return Fees(min(2 * base_fee + self.priority_fee, self.fee_cap), self.priority_fee)

    def raised(self, last: SignedTransaction, base_fee: int) -> Fees | None:
        """Return what a replacement pays; None if that is above the cap."""
        offer = self.offer(base_fee)
        if offer is None:
            return None
        max_fee = max(_bumped(last.max_fee), offer.max_fee)
        priority_fee = max(_bumped(last.priority_fee), offer.priority_fee)
        return Fees(max_fee, priority_fee) if max_fee <= self.fee_cap else None


def _bumped(fee: int) -> int:
    """Return a fee an eighth higher, rounded up."""
    return -(-fee * _BUMP_NUMERATOR // _BUMP_DENOMINATOR)
