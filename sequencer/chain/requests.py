"""What a user asks of the exchange on L1, with a wallet and a node and without the operator."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from eth_account.signers.local import LocalAccount
from web3.logs import DISCARD

from sequencer.chain.brake import Brake
from sequencer.chain.client import RollupClient, TokenClient
from sequencer.chain.connection import Transaction
from sequencer.chain.errors import NoTradingKeyError, RequestLogMissingError, UnknownRequestError
from sequencer.chain.keys import trading_secret
from sequencer.chain.logs import Log, LogReader
from sequencer.crypto import public_key
from sequencer.model.codes import RequestKind, RequestStatus, Side
from sequencer.model.message import Message
from sequencer.state.errors import NoAccountError

_NANOSECONDS_PER_MILLISECOND: Final = 1_000_000


class RequestState(Enum):
    """What has become of a request."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Ticket:
    """The place of a request in the queue.

    Attributes
    ----------
    queued_at : int
        Seconds.
    deadline : int
        Last second in which it may wait; from then on anyone may freeze the exchange.
    """

    index: int
    queued_at: int
    deadline: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A request and what has become of it; `paid` is what it has added to its owner's claim, in token units.

    A forced message that is done was sequenced: its verdict is proven, but not published on L1. A restriction
    that is done holds from the batch after.
    """

    ticket: Ticket
    state: RequestState
    paid: int = 0


class Requester:
    """One wallet that asks; each request pays its fee, and its ticket is returned once it is mined.

    Parameters
    ----------
    from_block
        Block of the rollup's deployment or earlier.
    """

    def __init__(self, rollup: RollupClient, wallet: LocalAccount, from_block: int = 0) -> None:
        self._rollup, self._wallet, self._from_block = rollup, wallet, from_block

    def deposit(self, amount: int) -> Ticket:
        """Deposit token units; the rollup is allowed to take them first, if it is not yet."""
        self._allow(amount)
        return self._ticket(self._rollup.deposit(self._wallet, amount))

    def insure(self, amount: int) -> Ticket:
        """Pay token units into the insurance fund, for good; allowed as a deposit is."""
        self._allow(amount)
        return self._ticket(self._rollup.insure(self._wallet, amount))

    def register(self) -> Ticket:
        """Register the wallet's next trading key, which follows from its signature."""
        epoch = self.key_epoch() + 1
        chain_id = self._rollup.connection.chain_id
        secret = trading_secret(self._wallet, epoch, chain_id, self._rollup.address)
        return self._ticket(self._rollup.register_key(self._wallet, public_key(secret)))

    def withdraw(self, amount: int) -> Ticket:
        """Ask for token units, more than there are to withdraw all that is free."""
        return self._ticket(self._rollup.withdraw(self._wallet, amount))

    def force(self, message: Message) -> Ticket:
        """Force a message of the wallet's account; `blank` is what to fill in."""
        return self._ticket(self._rollup.force_message(self._wallet, message))

    def liquidate(self, owner: str, market: int, side: Side, size: int) -> Ticket:
        """Force the liquidation of `size` lots of anyone's account, which trades on `side`."""
        return self._ticket(self._rollup.liquidate(self._wallet, owner, market, side, size))

    def unwind(self, market: int, side: Side, size: int, price: int) -> Ticket:
        """Force the insurance fund to trade away `size` lots on `side`, at the limit `price`."""
        return self._ticket(self._rollup.unwind(self._wallet, market, side, size, price))

    def report_congestion(self) -> Ticket:
        """Report that no batch came for half an hour: new risk then needs more margin for a while."""
        return self._ticket(Brake(self._rollup).report_congestion(self._wallet))

    def restrict(self, markets: Iterable[int], seconds: int) -> Ticket:
        """Have markets take only orders that reduce, for so many seconds; the wallet is the operator's."""
        return self._ticket(Brake(self._rollup).restrict(self._wallet, markets, seconds))

    def blank(self) -> Message:
        """Return a message of the account as it will be when the queue has come so far.

        Its nonce is the time in milliseconds: nonces are not on L1, and any above the account's last will do.

        Raises
        ------
        NoAccountError
            If the wallet has no account.
        NoTradingKeyError
            If it has never registered a key: the account's messages would be dropped.
        """
        account, epoch = self._rollup.account_of(self._wallet.address), self.key_epoch()
        if account == 0:
            raise NoAccountError(f"{self._wallet.address} has no account")
        if epoch == 0:
            raise NoTradingKeyError(f"account {account} has never registered a trading key")
        return Message(account, epoch, nonce=time.time_ns() // _NANOSECONDS_PER_MILLISECOND)

    def key_epoch(self) -> int:
        """Return the number of keys that the wallet has registered, without the refused ones.

        Those that wait count: the queue has come past them when it comes to a new request.
        """
        account = self._rollup.account_of(self._wallet.address)
        registered: set[int] = set()
        for log in _logs(self._rollup, self._from_block):
            told = log.arguments
            match log.event:
                case "RequestQueued":
                    if (told["kind"], told["account"]) == (RequestKind.REGISTER_KEY, account):
                        registered.add(told["index"])
                case "RequestSettled":
                    if told["status"] == RequestStatus.REFUSED:
                        registered.discard(told["index"])
        return len(registered)

    def _allow(self, amount: int) -> None:
        token = TokenClient(self._rollup.connection, self._rollup.read("token"))
        if token.allowance(self._wallet.address, self._rollup.address) < amount:
            token.approve(self._wallet, self._rollup.address, amount)

    def _ticket(self, transaction: Transaction) -> Ticket:
        return ticket_from(self._rollup, transaction)


def ticket_from(rollup: RollupClient, transaction: Transaction) -> Ticket:
    """Return the ticket of the one request that a transaction has queued."""
    receipt = rollup.connection.web3.eth.get_transaction_receipt(transaction.hash)
    (queued,) = rollup.contract.events.RequestQueued().process_receipt(receipt, errors=DISCARD)
    return ticket_of(rollup, queued["args"]["index"])


def ticket_of(rollup: RollupClient, index: int) -> Ticket:
    """Return the ticket of a request; UnknownRequestError if it was never queued."""
    queued_at, deadline, _ = rollup.read("ticket", index)
    if deadline == 0:
        raise UnknownRequestError(
            f"{rollup.request_count} requests were ever queued, request {index} was not"
        )
    return Ticket(index, queued_at, deadline)


def standing_of(rollup: RollupClient, index: int, from_block: int = 0) -> Standing:
    """Return what has become of a request.

    Raises
    ------
    UnknownRequestError
        If it was never queued.
    RequestLogMissingError
        If it waits no more, and no log from the block on says why.
    """
    ticket = ticket_of(rollup, index)
    head, _, _ = rollup.read("requestWords", index)
    if head:
        return Standing(ticket, RequestState.WAITING)
    for log in _logs(rollup, from_block):
        if log.arguments.get("index") != index:
            continue
        if log.event == "RequestRefunded":
            return Standing(ticket, RequestState.REFUNDED)
        if log.event == "RequestSettled":
            done = log.arguments["status"] == RequestStatus.DONE
            return Standing(
                ticket, RequestState.DONE if done else RequestState.REFUSED, log.arguments["paid"]
            )
    raise RequestLogMissingError(
        f"request {index} waits no more, and no log from block {from_block} on says why"
    )


def _logs(rollup: RollupClient, begin: int) -> Iterator[Log]:
    reader = LogReader(rollup.connection, rollup.artifact, rollup.address)
    for page in reader.pages(begin, rollup.connection.block_number):
        yield from page.logs
