"""The exchange of a backtest: the engine, its oracle, and the nonces of everyone."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from sequencer.backtest.settings import Settings
from sequencer.crypto import public_key
from sequencer.engine import apply
from sequencer.engine.commands import CloseEpoch, OpenEpoch, ProcessRequest, SequenceMessage
from sequencer.engine.events import Event, RequestProcessed
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind, RequestStatus
from sequencer.model.message import Message
from sequencer.model.request import Request
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import MAX_FEE_PPM
from sequencer.state.genesis import genesis

DOMAIN: Final = 1
_FIRST_OWNER: Final = 1 << 32


class Venue:
    """An engine state, and what was paid into it.

    Messages are not signed: the engine asks for the key epoch, the signature is admission's business. Oracle
    rounds are signed, for the engine checks them.

    Attributes
    ----------
    deposited, withdrawn : Counter of int
        Quote units by account.
    """

    def __init__(self, settings: Settings) -> None:
        self.state = genesis(settings.configuration(), DOMAIN).state()
        self.deposited: Counter[int] = Counter()
        self.withdrawn: Counter[int] = Counter()
        self._oracle = OracleSigners(settings.seed)

    @property
    def net_deposits(self) -> int:
        """Quote units paid in and not paid out."""
        return self.deposited.total() - self.withdrawn.total()

    def open_epoch(self, time: int, price: int) -> None:
        """Move time, and the mark to what the signers see of a price."""
        self.state.commit()
        apply(self.state, OpenEpoch(time, self._oracle.round(DOMAIN, time, price)))

    def close_epoch(self) -> Sequence[Event]:
        """Charge what the insurance fund is short of."""
        return apply(self.state, CloseEpoch())

    def enrol(self, account: int, deposit: int) -> None:
        """Open an account with a deposit and a trading key."""
        owner = owner_of(account)
        self.request(Request(RequestKind.DEPOSIT, account, owner, deposit))
        self.request(Request(RequestKind.REGISTER_KEY, account, owner, 0, public_key(account)))

    def insure(self, amount: int) -> None:
        """Pay into the insurance fund."""
        self.request(Request(RequestKind.DEPOSIT, c.INSURANCE_ACCOUNT, c.INSURANCE_OWNER, amount))

    def send(self, message: Message) -> Sequence[Event]:
        """Sequence an agent's message under its account's key epoch and next nonce."""
        account = self.state.account(message.account)
        return self.sequence(
            replace(message, key_epoch=account.key_epoch, nonce=account.nonce + 1, max_fee_ppm=MAX_FEE_PPM)
        )

    def sequence(self, message: Message) -> Sequence[Event]:
        """Sequence a message as it is."""
        return apply(self.state, SequenceMessage(message))

    def request(self, request: Request) -> None:
        """Consume a request of L1, and keep count of what it moved."""
        (event,) = apply(self.state, ProcessRequest(request))
        assert isinstance(event, RequestProcessed)
        if request.kind == RequestKind.DEPOSIT and event.outcome.status == RequestStatus.DONE:
            self.deposited[request.account] += request.amount
        elif request.kind == RequestKind.WITHDRAW:
            self.withdrawn[request.account] += event.outcome.paid


def owner_of(account: int) -> int:
    """Return the L1 address that owns an agent's account."""
    return _FIRST_OWNER + account
