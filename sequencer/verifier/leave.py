"""A user's exit from a frozen exchange, with a node and the own wallet only."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from eth_account.signers.local import LocalAccount

from prover.prover import Prover
from sequencer.chain.client import RollupClient
from sequencer.chain.errors import ContractRevertedError
from sequencer.chain.hatch import ExitHatch
from sequencer.state.errors import NoAccountError
from sequencer.verifier.errors import ExchangeLiveError
from sequencer.verifier.exit_proof import prove_exit
from sequencer.verifier.follower import Follower
from sequencer.verifier.replica import Replica

Say = Callable[[str], None]


class Leaver:
    """One wallet on its way out.

    Parameters
    ----------
    say
        Told of each step in plain words.
    """

    def __init__(self, rollup: RollupClient, wallet: LocalAccount, say: Say) -> None:
        self._rollup, self._hatch = rollup, ExitHatch(rollup)
        self._wallet, self._say = wallet, say

    def start(self, follower: Follower, prover: Prover) -> None:
        """Verify the exchange, freeze it if that is possible and needed, and register what the wallet owns.

        Raises
        ------
        NoAccountError
            If the wallet has no account.
        ExchangeLiveError
            If the exchange is not frozen, and its operator is on time.
        FindingError
            If the exchange is not what it claims.
        """
        account = self._account()
        self._caught_up(follower)
        if self._rollup.frozen_at == 0:
            self._freeze()
        replica = self._caught_up(follower)
        self._register(replica, account, prover)
        self._take_back(replica)
        self._say(
            f"Exits are paid after {shown_time(self._hatch.window_end)}: then run `proofbook exit finish`."
        )

    def finish(self) -> None:
        """Be paid: the registered exit, and the fees of requests that were never served.

        Raises
        ------
        ContractRevertedError
            `TooEarly` before the window ends, `NoExitToPay` without a registered exit.
        """
        account, owner = self._account(), self._wallet.address
        if self._hatch.is_paid(account):
            self._say(f"Account {account} has been paid.")
        else:
            self._hatch.pay_exit(self._wallet, account)
            self._say(f"Account {account} is paid to {owner}.")
        if self._hatch.wei_owed(owner):
            self._hatch.collect_wei(self._wallet, owner)
            self._say("The fees of unserved requests are back.")

    def _account(self) -> int:
        account = self._rollup.account_of(self._wallet.address)
        if account == 0:
            raise NoAccountError(f"{self._wallet.address} has no account")
        return account

    def _caught_up(self, follower: Follower) -> Replica:
        batches = sum(advance.batches for advance in follower.advance())
        follower.check_head()
        if batches:
            self._say(f"Verified {batches} batches from L1 alone.")
        return follower.checkpoint.replica

    def _freeze(self) -> None:
        try:
            self._hatch.freeze(self._wallet)
        except ContractRevertedError as error:
            if error.name != "OperatorOnTime":
                raise
            after = shown_time(self._hatch.silent_after)
            raise ExchangeLiveError(
                f"the operator is on time; without another batch anyone may freeze after {after}"
            ) from error
        self._say("The operator is late: the exchange is frozen now.")

    def _register(self, replica: Replica, account: int, prover: Prover) -> None:
        if self._hatch.is_taken(account):
            self._say(f"Account {account} has registered its exit already.")
            return
        if replica.state.equity(account) <= 0:
            self._say(f"Account {account} is worth nothing at the last prices: there is no exit to register.")
            return
        self._say(f"Proving what account {account} is worth.")
        proof = prove_exit(replica, account, prover)
        self._hatch.exit(self._wallet, proof.claim, proof.points.to_contract())
        self._say(f"Account {account} leaves with a claim of {proof.claim.equity} units of the token.")

    def _take_back(self, replica: Replica) -> None:
        """Collect what batches have paid, and requests that none consumed."""
        owner = int(self._wallet.address, 16)
        if replica.claimable.get(owner):
            self._rollup.claim(self._wallet, self._wallet.address)
            self._say("What batches had paid out is claimed.")
        for index in _waiting(replica, owner):
            self._hatch.refund(self._wallet, index)
            self._say(f"Request {index}, which no batch served, is given back.")


def _waiting(replica: Replica, owner: int) -> Iterator[int]:
    for index, request in enumerate(replica.pending, start=replica.state.requests_consumed):
        if request.owner == owner and index not in replica.refunded:
            yield index


def shown_time(time: int) -> str:
    """Return seconds since 1970 for people."""
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M:%S} UTC"
