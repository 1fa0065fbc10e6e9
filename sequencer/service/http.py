"""Bodies in and out of routes: decoded and encoded by msgspec alone."""

import logging
from http import HTTPStatus
from typing import Any, Final, TypeVar

import msgspec
from starlette.responses import Response
from starlette.types import Scope, Send

from sequencer.model.errors import ProofbookError
from sequencer.service.errors import body_of, headers_of, status_of
from sequencer.service.limits import Allowance, client_of
from sequencer.service.wire.errors import MalformedBodyError

ALLOWANCE: Final = "proofbook.allowance"
"""Where a request's scope says what is left of its limit."""

_LOG: Final = logging.getLogger(__name__)
_Kind = TypeVar("_Kind")
_JSON: Final = "application/json"
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
    return Response(encoded(body), status, headers, _JSON)


def refusal(error: ProofbookError) -> Response:
    """Return the response that says an error; what is nobody's mistake but ours is logged."""
    status = status_of(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        _LOG.error("a request failed: %s", error)
    return answer(body_of(error), status, headers_of(error))


async def send_answer(send: Send, body: object) -> None:
    """Send what `answer` would, without the detour of a response."""
    content = encoded(body)
    headers = [(b"content-length", b"%d" % len(content)), (b"content-type", _JSON.encode())]
    await send({"type": "http.response.start", "status": HTTPStatus.OK.value, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def caller(scope: Scope) -> str:
    """Return whom a connection counts as."""
    client = scope["client"]
    return client_of(client[0] if client is not None else "")


def tell(scope: Scope, allowance: Allowance) -> None:
    """Have the answer's headers say what is left of a limit."""
    scope[ALLOWANCE] = allowance


def results(items: list[Any]) -> dict[str, list[Any]]:
    """Return the body of a list of results, errors in their envelope."""
    return {"results": [body_of(each) if isinstance(each, ProofbookError) else each for each in items]}
