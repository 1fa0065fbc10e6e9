"""The receipt court of the rollup contract, for both sides: who holds a receipt, and who answers for it."""

from eth_account.signers.local import LocalAccount
from web3 import Web3

from sequencer.chain.client import RollupClient
from sequencer.chain.connection import Transaction
from sequencer.chain.receipts import Receipt, ReceiptAnswer, ReceiptDomain, SignedReceipt


class ReceiptCourt:
    """One method a function of `IReceiptCourt`."""

    def __init__(self, rollup: RollupClient) -> None:
        self._rollup = rollup
        self.domain = ReceiptDomain(rollup.connection.chain_id, rollup.address)

    @property
    def signer(self) -> str:
        """Address whose signature makes a receipt."""
        return Web3.to_checksum_address(self._rollup.read("receiptSigner"))

    @property
    def bond(self) -> int:
        """What a challenge costs in wei."""
        return int(self._rollup.read("challengeBond"))

    @property
    def answer_period(self) -> int:
        """Seconds to answer a challenge."""
        return int(self._rollup.read("answerPeriod"))

    def digest(self, receipt: Receipt) -> bytes:
        """Return the contract's name for a receipt."""
        return bytes(self._rollup.read("receiptDigest", receipt.to_contract()))

    def is_intact(self, receipt: Receipt) -> bool:
        """Whether the end of the queue that a receipt names is on this chain."""
        return bool(self._rollup.read("isIntact", receipt.to_contract()))

    def challenge(self, holder: LocalAccount, signed: SignedReceipt) -> Transaction:
        """Ask for the message of an overdue receipt; the holder lays down the bond."""
        arguments = (signed.receipt.to_contract(), signed.signature)
        return self._rollup.send(holder, "challengeReceipt", *arguments, wei=self.bond)

    def answer(self, sender: LocalAccount, receipt: Receipt, answer: ReceiptAnswer) -> Transaction:
        """Show the message of a challenged receipt."""
        return self._rollup.send(sender, "answerReceipt", receipt.to_contract(), answer.to_contract())

    def freeze_unanswered(self, sender: LocalAccount, receipt: Receipt) -> Transaction:
        """Freeze the exchange because of a challenge without an answer."""
        return self._rollup.send(sender, "freezeUnanswered", self.domain.digest(receipt))

    def freeze_equivocation(
        self, sender: LocalAccount, first: SignedReceipt, second: SignedReceipt
    ) -> Transaction:
        """Freeze the exchange because of two receipts that no history can keep."""
        arguments = [
            part for signed in (first, second) for part in (signed.receipt.to_contract(), signed.signature)
        ]
        return self._rollup.send(sender, "freezeEquivocation", *arguments)

    def reclaim_bond(self, sender: LocalAccount, receipt: Receipt) -> Transaction:
        """Give an open challenge's bond back after a freeze."""
        return self._rollup.send(sender, "reclaimBond", self.domain.digest(receipt))
