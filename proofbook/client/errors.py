"""What can go wrong between a trader and the exchange; one class a cause."""

from typing import TYPE_CHECKING, Self

from sequencer.model.errors import ProofbookError
from sequencer.service.wire.scalars import Refusal

if TYPE_CHECKING:
    from sequencer.chain.receipts import SignedReceipt


class ClientError(ProofbookError):
    """A failure of the client, of the exchange, or of the way to it.

    Attributes
    ----------
    nonce : int or None
        Of the message that it is about, if it is about one.
    """

    nonce: int | None = None

    def about(self, nonce: int) -> Self:
        """Return the same error about one message."""
        # Not by `copy`, which would call a constructor with the arguments of the base.
        mine = type(self).__new__(type(self), *self.args)
        mine.__dict__.update(self.__dict__)
        mine.nonce, mine.__cause__ = nonce, self.__cause__
        return mine


class ConnectionFailedError(ClientError):
    """Nothing answered in time; a message that was on its way may have been sequenced all the same."""

    code = "connection_failed"
    cure = "check url and network, then look the message up by its nonce with `message`"


class MalformedAnswerError(ClientError):
    """The answer is not what the API says."""

    code = "malformed_answer"
    cure = "check that the url is that of an exchange, and that client and exchange are of one release"


class NoKeyError(ClientError):
    """What belongs to an account needs its trading key."""

    code = "no_key"
    cure = "give the exchange a TradingKey"


class WrongVenueError(ClientError):
    """The key is one for another exchange."""

    code = "wrong_venue"
    cure = "check the url; derive a key for the chain and the rollup of this exchange"


class InexactNumberError(ClientError):
    """A price or a size is a float, which is rarely the number that was meant."""

    code = "inexact_number"
    cure = 'write "0.1", or Decimal("0.1")'


class NotAnOrderError(ClientError):
    """What is to be cancelled or replaced is no order."""

    code = "not_an_order"
    cure = "name the nonce of an order"


class TooManyMessagesError(ClientError):
    """More messages at once than the exchange takes."""

    code = "too_many_messages"
    cure = "send them in several batches"


class ClosedError(ClientError):
    """The client was closed."""

    code = "client_closed"
    cure = "use it within its `with` block"


class ApiError(ClientError):
    """The exchange refused; its own code, message and cure are those of the error."""

    code = "api"
    cure = "read what the exchange says"

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.code = refusal.code  # type: ignore[misc]  # the exchange names the cause
        self.cure = refusal.cure  # type: ignore[misc]


class BadRequestError(ApiError):
    """The exchange does not understand the request."""


class TokenRefusedError(ApiError):
    """The key or its token is not that of the account."""


class UnknownThingError(ApiError):
    """The exchange has no such order, market or batch."""


class RefusedError(ApiError):
    """A message was not sequenced, and will not be: nothing has changed."""


class RateLimitedError(ApiError):
    """More requests than the exchange takes.

    Attributes
    ----------
    retry_seconds : float
        How long to wait.
    """

    def __init__(self, refusal: Refusal, retry_seconds: float = 0.0) -> None:
        super().__init__(refusal)
        self.retry_seconds = retry_seconds


class UnavailableError(ApiError):
    """The exchange takes no messages at present; one that was on its way may have been sequenced."""


class ServerFailedError(ApiError):
    """The exchange itself has failed."""


class StreamRefusedError(ApiError):
    """A stream does not get what it asked for."""


class StreamGapError(ClientError):
    """A push of a channel is missing: the one that came follows another."""

    code = "stream_gap"
    cure = "the stream subscribes again by itself; tell the operator if it happens often"


class StreamSilentError(ClientError):
    """A stream has said nothing for too long, not even that there is nothing to say."""

    code = "stream_silent"
    cure = "the stream connects again by itself; check the network if it happens often"


class BookChecksumError(ClientError):
    """The book is not the venue's: its checksum is another."""

    code = "book_checksum"
    cure = "take a new snapshot; a stream does it by itself"


class BookNotReadyError(ClientError):
    """The book has no snapshot, or was found wrong after it."""

    code = "book_not_ready"
    cure = "wait for the next snapshot"


class BrokenPromiseError(ClientError):
    """A receipt is not one that the operator may sign.

    Attributes
    ----------
    receipts : tuple of SignedReceipt
        The evidence: the receipt, and the one that it contradicts if there is one. Two that contradict each
        other freeze the exchange: `ReceiptCourt.freeze_equivocation`.
    """

    code = "broken_promise"
    cure = "keep the receipts, send no more messages, and put them before the rollup's receipt court"

    def __init__(self, message: str, *receipts: "SignedReceipt") -> None:
        super().__init__(message)
        self.receipts = receipts
