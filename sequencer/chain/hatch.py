"""The way out of the rollup contract when its operator fails (docs/spec/chain.md)."""

from eth_account.signers.local import LocalAccount
from web3 import Web3

from sequencer.chain.client import ProofPoints, RollupClient
from sequencer.chain.connection import Transaction
from sequencer.state.exit import ExitClaim


class ExitHatch:
    """One method a function of `IExitHatch`; anyone may call any of them for anyone."""

    def __init__(self, rollup: RollupClient) -> None:
        self._rollup = rollup

    def freeze(self, sender: LocalAccount) -> Transaction:
        """Freeze the exchange, if its operator is late or silent."""
        return self._rollup.send(sender, "freeze")

    def exit(self, sender: LocalAccount, claim: ExitClaim, proof: ProofPoints) -> Transaction:
        """Prove what an account is owed under the last exit root."""
        owner = Web3.to_checksum_address(f"0x{claim.owner:040x}")
        return self._rollup.send(sender, "exit", claim.account, owner, claim.equity, proof)

    def pay_exit(self, sender: LocalAccount, account: int) -> Transaction:
        """Pay an exit of the window, once the window is over."""
        return self._rollup.send(sender, "payExit", account)

    def refund(self, sender: LocalAccount, index: int) -> Transaction:
        """Give back a request that no batch has consumed."""
        return self._rollup.send(sender, "refund", index)

    def pay_fee_pool(self, sender: LocalAccount) -> Transaction:
        """Pay the operator's fees out of what is left, once the late window is over."""
        return self._rollup.send(sender, "payFeePool")

    def collect_wei(self, sender: LocalAccount, owner: str) -> Transaction:
        """Send an owner the wei of its refunds."""
        return self._rollup.send(sender, "collectWei", Web3.to_checksum_address(owner))

    def wei_owed(self, owner: str) -> int:
        """Return the wei that an owner may collect."""
        return int(self._rollup.read("weiOwed", Web3.to_checksum_address(owner)))

    def is_taken(self, account: int) -> bool:
        """Tell whether an account has proven its exit."""
        owner, _, _ = self._rollup.read("exits", account)
        return int(owner, 16) != 0

    def is_paid(self, account: int) -> bool:
        """Tell whether an account's exit was paid."""
        _, _, paid = self._rollup.read("exits", account)
        return bool(paid)

    @property
    def silent_after(self) -> int:
        """Second after which anyone may freeze, should no batch come before."""
        last = max(int(self._rollup.read("lastTimestamp")), int(self._rollup.read("deployedAt")))
        return last + int(self._rollup.read("silence"))

    @property
    def pot(self) -> int:
        """What the exits share, in token units; 0 while the exchange is live."""
        return int(self._rollup.read("exitPot"))

    @property
    def claims(self) -> int:
        """Sum of the exits of the window."""
        return int(self._rollup.read("exitClaims"))

    @property
    def window_end(self) -> int:
        """Last second of the exit window."""
        return self._rollup.frozen_at + int(self._rollup.read("exitWindow"))

    @property
    def late_end(self) -> int:
        """Last second before the fee pool may be paid."""
        return self.window_end + int(self._rollup.read("lateWindow"))
