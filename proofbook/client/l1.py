"""What a trader does on L1: pay in and out, register a key, and learn whose receipts count."""

from decimal import Decimal

from eth_account.signers.local import LocalAccount

from proofbook.client.keys import TradingKey
from proofbook.client.receipts import ReceiptChecker
from proofbook.client.terms import Number, number_text
from sequencer.chain.client import RollupClient
from sequencer.chain.connection import Connection, Transaction
from sequencer.chain.court import ReceiptCourt
from sequencer.chain.requests import Requester, Standing, Ticket, standing_of
from sequencer.service.wire.numbers import quote_text, quote_units


class L1Wallet:
    """A wallet at a rollup contract.

    Deposits, withdrawals and keys are requests: the operator must carry them out within the time that their
    tickets say, and what a withdrawal pays is then claimed.

    Parameters
    ----------
    rpc
        Node of the chain.
    rollup
        Address of the contract.
    from_block
        Block of its deployment or earlier.
    """

    def __init__(self, rpc: str, rollup: str, wallet: LocalAccount, from_block: int = 0) -> None:
        self._rollup = RollupClient(Connection(rpc), rollup)
        self._wallet, self._from_block = wallet, from_block
        self._requester = Requester(self._rollup, wallet, from_block)

    def deposit(self, dollars: Number) -> Ticket:
        """Deposit dollars; the rollup is allowed to take them first. The first deposit opens the account."""
        return self._requester.deposit(quote_units(number_text(dollars)))

    def register(self) -> Ticket:
        """Register the wallet's next trading key, which `trading_key` returns from then on."""
        return self._requester.register()

    def withdraw(self, dollars: Number) -> Ticket:
        """Ask for at most so many dollars: what the margin leaves free is paid."""
        return self._requester.withdraw(quote_units(number_text(dollars)))

    def claim(self) -> Transaction:
        """Have the contract pay all that it owes to the wallet."""
        return self._rollup.claim(self._wallet, self._wallet.address)

    def standing(self, ticket: Ticket) -> Standing:
        """Return what has become of a request."""
        return standing_of(self._rollup, ticket.index, self._from_block)

    def claimable(self) -> Decimal:
        """Return the dollars that the contract owes to the wallet."""
        return Decimal(quote_text(self._rollup.claimable(self._wallet.address)))

    def trading_key(self) -> TradingKey:
        """Return the key of the wallet's account that was registered last.

        Raises
        ------
        NoAccountError, NoTradingKeyError
            If there is none yet.
        """
        blank = self._requester.blank()
        chain_id = self._rollup.connection.chain_id
        return TradingKey.from_wallet(
            self._wallet, blank.account, chain_id, self._rollup.address, blank.key_epoch
        )

    def receipt_checker(self) -> ReceiptChecker:
        """Return a checker that asks the contract who signs, and whether receipts name its request queue.

        It asks once for each batch, while the answer with the first receipt of the batch waits.
        """
        court = ReceiptCourt(self._rollup)
        return ReceiptChecker(court.domain, court.signer, court.is_intact)
