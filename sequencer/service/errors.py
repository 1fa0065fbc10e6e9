"""Why the service refuses, and the one form in which it says so."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from sequencer.batch.errors import CapacityError
from sequencer.engine.errors import AdmissionError, MalformedFieldError
from sequencer.model.errors import ProofbookError
from sequencer.node import errors as node
from sequencer.service.wire.errors import UnknownMarketError, WireError
from sequencer.service.wire.scalars import ErrorBody, Refusal

RETRY_SECONDS: Final = 1


class ServiceError(ProofbookError):
    """The service does not do what it was asked."""


class NotFoundError(ServiceError):
    """There is no such thing."""

    code = "not_found"
    cure = "check the path and what it names"


class MethodNotAllowedError(ServiceError):
    """The path does not take the method."""

    code = "method_not_allowed"
    cure = "docs/spec/api.md lists the methods of each path"

    def __init__(self, message: str, allowed: str) -> None:
        super().__init__(message)
        self.allowed = allowed


class MalformedQueryError(ServiceError):
    """The path or its query is not of the documented form."""

    code = "malformed_query"
    cure = "send parameters of the documented types and ranges"


class BodyTooLargeError(ServiceError):
    """The body is longer than any request needs."""

    code = "body_too_large"
    cure = "send fewer messages at once"


class RequestTimeoutError(ServiceError):
    """The request was not complete in time."""

    code = "request_timeout"
    cure = "send the whole request at once"


class AnswerTimeoutError(ServiceError):
    """The answer is not there in time; a message may have been sequenced all the same."""

    code = "answer_timeout"
    cure = "send the same request again: a message that was sequenced is not sequenced twice"


class RateLimitedError(ServiceError):
    """More requests or messages than the limit lets pass."""

    code = "rate_limited"
    cure = "wait as long as Retry-After says"

    def __init__(self, message: str, retry_seconds: int) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class TooManyConnectionsError(ServiceError):
    """The address, or everybody together, has as many streams as may be."""

    code = "too_many_connections"
    cure = "close streams that are not needed: one stream takes many channels"


class TokenMissingError(ServiceError):
    """What belongs to an account is shown only with a token."""

    code = "token_missing"
    cure = "send the header Authorization: Bearer <token>; POST /v1/auth/token gives one"


class TokenInvalidError(ServiceError):
    """The token was not given by this server, or no longer counts."""

    code = "token_invalid"
    cure = "get a new token: tokens do not outlive the server, nor the account's key"


class TokenExpiredError(ServiceError):
    """The token's time is over."""

    code = "token_expired"
    cure = "get a new token"


class TooManyTokensError(ServiceError):
    """As many tokens or used challenges are kept as may be."""

    code = "too_many_tokens"
    cure = "try again when other tokens have expired"


class ChallengeInvalidError(ServiceError):
    """The challenge was not given to this account by this server."""

    code = "challenge_invalid"
    cure = "ask for a new challenge, and sign it as it is"


class ChallengeExpiredError(ServiceError):
    """The challenge's time is over."""

    code = "challenge_expired"
    cure = "ask for a new challenge, and answer it at once"


class ChallengeUsedError(ServiceError):
    """Each challenge is good for one token."""

    code = "challenge_used"
    cure = "ask for a new challenge"


class ChallengeSignatureError(ServiceError):
    """The signature is not that of the account's key over the challenge."""

    code = "challenge_signature"
    cure = "sign Poseidon(domain, tag, account, challenge) with the account's current key"


class ForeignAccountError(ServiceError):
    """The message is of another account than the token."""

    code = "foreign_account"
    cure = "use a token of the account that the message names"


class NotSubscribedError(ServiceError):
    """The stream does not have the channel."""

    code = "not_subscribed"
    cure = "subscribe first"


class AlreadySubscribedError(ServiceError):
    """The stream has the channel already."""

    code = "already_subscribed"
    cure = "unsubscribe first"


class ChannelError(ServiceError):
    """The channel needs a market, or has none."""

    code = "bad_channel"
    cure = "name a market for book, trades and ticker, and none for other channels"


class ResumeExpiredError(ServiceError):
    """What came after the entry is no longer kept."""

    code = "resume_expired"
    cure = "subscribe without `since`: a snapshot comes first"


_STATUS: Final[Mapping[type[ProofbookError], HTTPStatus]] = {
    UnknownMarketError: HTTPStatus.NOT_FOUND,
    WireError: HTTPStatus.BAD_REQUEST,
    MalformedFieldError: HTTPStatus.BAD_REQUEST,
    MalformedQueryError: HTTPStatus.BAD_REQUEST,
    ChannelError: HTTPStatus.BAD_REQUEST,
    TokenMissingError: HTTPStatus.UNAUTHORIZED,
    TokenInvalidError: HTTPStatus.UNAUTHORIZED,
    TokenExpiredError: HTTPStatus.UNAUTHORIZED,
    ChallengeInvalidError: HTTPStatus.UNAUTHORIZED,
    ChallengeExpiredError: HTTPStatus.UNAUTHORIZED,
    ChallengeUsedError: HTTPStatus.UNAUTHORIZED,
    ChallengeSignatureError: HTTPStatus.UNAUTHORIZED,
    ForeignAccountError: HTTPStatus.FORBIDDEN,
    NotFoundError: HTTPStatus.NOT_FOUND,
    MethodNotAllowedError: HTTPStatus.METHOD_NOT_ALLOWED,
    RequestTimeoutError: HTTPStatus.REQUEST_TIMEOUT,
    node.NonceUsedError: HTTPStatus.CONFLICT,
    node.NotReplacedError: HTTPStatus.CONFLICT,
    NotSubscribedError: HTTPStatus.CONFLICT,
    AlreadySubscribedError: HTTPStatus.CONFLICT,
    ResumeExpiredError: HTTPStatus.GONE,
    BodyTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    AdmissionError: HTTPStatus.UNPROCESSABLE_ENTITY,
    CapacityError: HTTPStatus.UNPROCESSABLE_ENTITY,
    node.DeadManError: HTTPStatus.UNPROCESSABLE_ENTITY,
    RateLimitedError: HTTPStatus.TOO_MANY_REQUESTS,
    node.NotReadyError: HTTPStatus.SERVICE_UNAVAILABLE,
    node.OverloadedError: HTTPStatus.SERVICE_UNAVAILABLE,
    node.SettlementBehindError: HTTPStatus.SERVICE_UNAVAILABLE,
    node.StoppingError: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyTokensError: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyConnectionsError: HTTPStatus.SERVICE_UNAVAILABLE,
    AnswerTimeoutError: HTTPStatus.GATEWAY_TIMEOUT,
}

INTERNAL: Final = ErrorBody(
    error=Refusal(code="internal", message="the node failed; its log says why", cure="tell its operator")
)


def status_of(error: ProofbookError) -> HTTPStatus:
    """Return the status with which an error is answered."""
    found = (_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    return next(found, HTTPStatus.INTERNAL_SERVER_ERROR)


def body_of(error: ProofbookError) -> ErrorBody:
    """Return the envelope of an error; of one that is nobody's mistake but ours it says nothing more."""
    if status_of(error) is HTTPStatus.INTERNAL_SERVER_ERROR:
        return INTERNAL
    return ErrorBody(error=Refusal(code=error.code, message=error.message, cure=error.cure))


def headers_of(error: ProofbookError) -> dict[str, str]:
    """Return the headers that belong to an error."""
    status = status_of(error)
    if isinstance(error, RateLimitedError):
        return {"retry-after": str(error.retry_seconds)}
    if isinstance(error, MethodNotAllowedError):
        return {"allow": error.allowed}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        return {"retry-after": str(RETRY_SECONDS)}
    if status is HTTPStatus.UNAUTHORIZED:
        return {"www-authenticate": "Bearer"}
    return {}
