"""What is refused before it is sequenced: only what cannot depend on the messages that come before."""

from sequencer.crypto import verify
from sequencer.engine import errors
from sequencer.engine.state import State
from sequencer.engine.terms import smallest_size
from sequencer.engine.wellformed import check_message, check_signature
from sequencer.model import constants as c
from sequencer.model.codes import MessageKind
from sequencer.model.message import Message, SignedMessage


def admit(state: State, signed: SignedMessage) -> None:
    """Return if the message may be sequenced; a refusal leaves no trace and needs no proof.

    Raises
    ------
    MalformedFieldError
        If a field or the signature does not have its type and range.
    AdmissionError
        Its subclass names the cause; the costly signature comes last.
    """
    check_message(signed.message)
    check_signature(signed.signature)
    admit_verified(state, signed.message)
    key = state.account(signed.message.account).key
    require_signature(signed.message, verify(key, signed.message.hash(state.domain), signed.signature))


def admit_verified(state: State, message: Message) -> None:
    """Return if a well-formed message, whose signature is good, may be sequenced.

    Raises
    ------
    AdmissionError
        Its subclass names the cause.
    """
    account = state.account(message.account)
    if not account.exists:
        raise errors.UnknownAccountError(f"account {message.account} does not exist")
    if message.key_epoch == 0 or message.key_epoch != account.key_epoch:
        raise errors.KeyEpochError(f"key epoch {message.key_epoch} is not the account's {account.key_epoch}")
    if message.nonce <= account.nonce:
        raise errors.ReplayedNonceError(f"nonce {message.nonce} follows {account.nonce}")
    if message.expiry < state.timestamp:
        raise errors.MessageExpiredError(f"expiry {message.expiry} lies before {state.timestamp}")
    _check_terms(state, message)


def require_signature(message: Message, is_good: bool) -> None:
    """Refuse a message whose signature is not that of its account's key.

    Raises
    ------
    BadSignatureError
    """
    if not is_good:
        raise errors.BadSignatureError(f"account {message.account} has not signed this message")


def _check_terms(state: State, message: Message) -> None:
    """Refuse what the message's kind can never do, whatever the book."""
    if message.kind == MessageKind.CANCEL_ALL:
        return
    if message.kind not in (MessageKind.ORDER, MessageKind.CANCEL):
        raise errors.UnknownKindError(f"kind {message.kind} means nothing")
    if message.market >= c.MARKETS or not state.market(message.market).exists:
        raise errors.NoMarketError(f"there is no market {message.market}")
    if message.kind == MessageKind.CANCEL:
        return
    market = state.market(message.market)
    if not market.is_open:
        raise errors.MarketHaltedError(f"market {message.market} is halted until {market.halted_until}")
    if market.is_reduce_only and not message.reduce_only:
        raise errors.MarketReduceOnlyError(f"market {message.market} takes only orders that reduce")
    if message.price == 0:
        raise errors.PriceOutOfRangeError("the limit price is 0")
    parameters = market.parameters
    smallest = smallest_size(message, parameters)
    if not smallest <= message.size <= parameters.max_position:
        raise errors.SizeOutOfRangeError(
            f"size {message.size} is not in [{smallest}, {parameters.max_position}]"
        )
