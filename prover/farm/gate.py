"""What stands before the routes: nobody without the token, and no body that is too long, gets further."""

import hmac
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from prover.farm.errors import UnauthorizedError
from prover.farm.wire import BODY_BYTES_MAX, HEALTH_PATH, Refusal, RefusalBody

_LENGTH_DIGITS_MAX: Final = 12


class Gate:
    """Middleware that refuses a request by its headers, before anything of its body is read.

    Parameters
    ----------
    app
        What it protects.
    token : str
        What callers must show, as `Authorization: Bearer <token>`; health alone is for everybody.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._expected = app, f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or let it through."""
        if scope["type"] == "http" and (refusal := self._refusal(scope)) is not None:
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = Headers(scope=scope)
        shown = headers.get("authorization", "").encode()
        # The comparison takes the same time wherever the first difference is.
        if scope["path"] != HEALTH_PATH and not hmac.compare_digest(shown, self._expected):
            return answer(HTTPStatus.UNAUTHORIZED, UnauthorizedError.code, "the token is missing or wrong")
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers:
            return answer(HTTPStatus.LENGTH_REQUIRED, "length_required", "the body's length is not told")
        # The server reads no more than was told.
        if len(length) > _LENGTH_DIGITS_MAX or int(length) > BODY_BYTES_MAX:
            text = f"the body has more than {BODY_BYTES_MAX} bytes"
            return answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_long", text)
        return None


def answer(status: HTTPStatus, code: str, message: str) -> JSONResponse:
    """Return a refusal in the one form that it has."""
    body = RefusalBody(error=Refusal(code=code, message=message))
    return JSONResponse(body.model_dump(), status_code=status)
