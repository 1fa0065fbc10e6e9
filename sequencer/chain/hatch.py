"""The way out of the rollup contract: freeze, exit against the last exit root, be paid after the window."""

from eth_account.signers.local import LocalAccount
from web3 import Web3

from sequencer.chain.client import ProofPoints, RollupClient
from sequencer.chain.connection import Transaction


class ExitHatch:
    """One method a function of `IExitHatch`, and the wei that the contract owes."""

    def __init__(self, rollup: RollupClient) -> None:
        self._rollup = rollup

    @property
    def window_end(self) -> int:
        """Second after which exits are paid, once the rollup is frozen."""
        return self._rollup.frozen_at + int(self._rollup.read("exitWindow"))

    @property
    def silent_after(self) -> int:
        """Second after which anyone may freeze, should no batch come before."""
        last = max(int(self._rollup.read("lastTimestamp")), int(self._rollup.read("deployedAt")))
        return last + int(self._rollup.read("silence"))

    def is_taken(self, account: int) -> bool:
        """Tell whether an account has registered its exit."""
        owner, _, _ = self._rollup.read("exits", account)
        return int(owner, 16) != 0

    def is_paid(self, account: int) -> bool:
        """Tell whether an account's exit was paid."""
        _, _, paid = self._rollup.read("exits", account)
        return bool(paid)

    def freeze(self, sender: LocalAccount) -> Transaction:
        """Stop the exchange because its operator is late; ContractRevertedError if it is not."""
        return self._rollup.send(sender, "freeze")

    def exit(
        self, sender: LocalAccount, account: int, owner: str, equity: int, proof: ProofPoints
    ) -> Transaction:
        """Register an account's claim, or be paid at once if the window is over."""
        return self._rollup.send(sender, "exit", account, owner, equity, proof)

    def pay_exit(self, sender: LocalAccount, account: int) -> Transaction:
        """Pay a registered claim to its owner; ContractRevertedError before the window ends."""
        return self._rollup.send(sender, "payExit", account)

    def refund(self, sender: LocalAccount, index: int) -> Transaction:
        """Give a request that no batch consumed back to its owner."""
        return self._rollup.send(sender, "refund", index)

    def wei_owed(self, owner: str) -> int:
        """Return the request fees that an owner gets back."""
        return int(self._rollup.read("weiOwed", Web3.to_checksum_address(owner)))

    def collect_wei(self, sender: LocalAccount, owner: str) -> Transaction:
        """Pay an owner these fees."""
        return self._rollup.send(sender, "collectWei", Web3.to_checksum_address(owner))
