"""Requests over HTTP: sent again where that is safe, failures as the errors of the client."""

import asyncio
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, Literal, TypeVar

import httpx
import msgspec

from proofbook.client import errors
from proofbook.client.retries import RetryPolicy
from sequencer.service.wire.scalars import ErrorBody, Refusal

Method = Literal["GET", "POST", "PUT", "DELETE"]
Query = Mapping[str, str | int | None]

_Kind = TypeVar("_Kind")
_JSON: Final = {"content-type": "application/json"}
_TIMEOUT_SECONDS: Final = 15.0
_BY_STATUS: Final[Mapping[int, type[errors.ApiError]]] = {
    HTTPStatus.UNAUTHORIZED: errors.TokenRefusedError,
    HTTPStatus.FORBIDDEN: errors.TokenRefusedError,
    HTTPStatus.NOT_FOUND: errors.UnknownThingError,
    HTTPStatus.REQUEST_TIMEOUT: errors.UnavailableError,
    HTTPStatus.CONFLICT: errors.RefusedError,
    HTTPStatus.UNPROCESSABLE_ENTITY: errors.RefusedError,
    HTTPStatus.TOO_MANY_REQUESTS: errors.RateLimitedError,
    HTTPStatus.BAD_GATEWAY: errors.UnavailableError,
    HTTPStatus.SERVICE_UNAVAILABLE: errors.UnavailableError,
    HTTPStatus.GATEWAY_TIMEOUT: errors.UnavailableError,
}
_PASSING: Final = (errors.ConnectionFailedError, errors.RateLimitedError, errors.UnavailableError)


class Transport:
    """One exchange over HTTP.

    Every request may be sent again: reads change nothing, and a signed message is sequenced once, however
    often it arrives.
    """

    def __init__(self, url: str, retries: RetryPolicy) -> None:
        self._retries = retries
        limits = httpx.Limits(max_connections=20, max_keepalive_connections=20)
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/") + "/v1", timeout=_TIMEOUT_SECONDS, limits=limits, trust_env=False
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def ask(
        self,
        method: Method,
        path: str,
        kind: type[_Kind],
        *,
        query: Query | None = None,
        body: object = None,
        token: str | None = None,
    ) -> _Kind:
        """Return the answer to a request, as an object of `kind`.

        Parameters
        ----------
        query
            Those that are None are left out.

        Raises
        ------
        ClientError
            Its subclass names the cause. What may pass was tried again before.
        """
        content = None if body is None else msgspec.json.encode(body)
        headers = dict(_JSON) if content is not None else {}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        parameters = {name: value for name, value in (query or {}).items() if value is not None}
        request = self._http.build_request(method, path, params=parameters, content=content, headers=headers)
        return _decoded(await self._answered(request), kind)

    async def _answered(self, request: httpx.Request) -> bytes:
        begin, attempt = time.monotonic(), 0
        while True:
            attempt += 1
            try:
                return await self._once(request)
            except _PASSING as error:
                asked = error.retry_seconds if isinstance(error, errors.RateLimitedError) else 0.0
                pause = self._retries.pause(attempt, asked)
                waited = time.monotonic() - begin + pause
                if attempt >= self._retries.attempts_max or waited > self._retries.patience_seconds:
                    raise
            await asyncio.sleep(pause)

    async def _once(self, request: httpx.Request) -> bytes:
        if self._http.is_closed:
            raise errors.ClosedError("the connections are closed")
        try:
            response = await self._http.send(request)
        except httpx.TransportError as error:
            cause = f"{type(error).__name__}: {error}"
            raise errors.ConnectionFailedError(f"{request.method} {request.url}: {cause}") from error
        if response.is_success:
            return response.content
        raise _refusal(response)


def _refusal(response: httpx.Response) -> errors.ClientError:
    try:
        refusal = msgspec.json.decode(response.content, type=ErrorBody).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        refusal = Refusal(
            code=f"http_{response.status_code}",
            message=f"{response.url.path} answered {response.status_code}",
            cure="check that the url is that of an exchange",
        )
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return errors.RateLimitedError(refusal, retry_seconds=_retry_seconds(response))
    is_ours = response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    default = errors.BadRequestError if is_ours else errors.ServerFailedError
    return _BY_STATUS.get(response.status_code, default)(refusal)


def _retry_seconds(response: httpx.Response) -> float:
    text = response.headers.get("retry-after", "")
    return float(text) if text.isdecimal() else 1.0


def _decoded(content: bytes, kind: type[_Kind]) -> _Kind:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise errors.MalformedAnswerError(str(error)) from error
