"""Bodies in and out of routes: decoded and encoded by msgspec alone."""

from http import HTTPStatus
from typing import Any, Final, TypeVar

import msgspec
from starlette.requests import HTTPConnection
from starlette.responses import Response

from sequencer.model.errors import ProofbookError
from sequencer.service.errors import body_of, headers_of, status_of
from sequencer.service.limits import Allowance, client_of
from sequencer.service.wire.errors import MalformedBodyError

ALLOWANCE: Final = "proofbook.allowance"
"""Where a request's scope says what is left of its limit."""

_Kind = TypeVar("_Kind")
_ENCODER: Final = msgspec.json.Encoder()
_TEXT_MAX: Final = 200


def decoded(decoder: msgspec.json.Decoder[_Kind], body: bytes | str) -> _Kind:
    """Return what a body says; MalformedBodyError if it says nothing of the kind."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise MalformedBodyError(str(error)[:_TEXT_MAX]) from error


def encoded(body: object) -> bytes:
    """Return a body as JSON."""
    return _ENCODER.encode(body)


def answer(
    body: object, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> Response:
    """Return the response that says a body."""
    return Response(encoded(body), status, headers, "application/json")


def refusal(error: ProofbookError) -> Response:
    """Return the response that says an error."""
    return answer(body_of(error), status_of(error), headers_of(error))


def caller(connection: HTTPConnection) -> str:
    """Return whom a connection counts as."""
    return client_of(connection.client.host if connection.client is not None else "")


def tell(connection: HTTPConnection, allowance: Allowance) -> None:
    """Have the answer's headers say what is left of a limit."""
    connection.scope[ALLOWANCE] = allowance


def results(items: list[Any]) -> dict[str, list[Any]]:
    """Return the body of a list of results, errors in their envelope."""
    return {"results": [body_of(each) if isinstance(each, ProofbookError) else each for each in items]}
