"""A signer over HTTP: thin routes, and one form for every failure."""

import socket
from http import HTTPStatus
from typing import Final

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from sequencer.oracle import errors
from sequencer.oracle.signer import ReportSigner
from sequencer.oracle.wire import REPORTS_PATH, KeyBody, Refusal, RefusalBody, ReportBody, key_text

_TIME_DIGITS_MAX: Final = 13
_GRACE_SECONDS: Final = 5
_CONNECTIONS_MAX: Final = 100
_STATUS: Final[tuple[tuple[type[errors.OracleError], HTTPStatus], ...]] = (
    (errors.BadTimeError, HTTPStatus.BAD_REQUEST),
    (errors.OffGridError, HTTPStatus.BAD_REQUEST),
    (errors.FutureTimeError, HTTPStatus.TOO_EARLY),
    (errors.PriceError, HTTPStatus.SERVICE_UNAVAILABLE),
)


def create_app(signer: ReportSigner) -> FastAPI:
    """Return the application that answers for a signer."""
    app = FastAPI(title="Proofbook oracle signer", openapi_url=None)

    # Ordinary functions run in threads: a slow source holds up reports, not the rest.
    @app.get(f"{REPORTS_PATH}/latest")
    def latest() -> ReportBody:
        """Return the report of the newest time that the clock has reached."""
        return ReportBody.of(signer.latest(), signer.domain)

    @app.get(REPORTS_PATH + "/{time}")
    def report(time: str) -> ReportBody:
        """Return the one report of a time."""
        if not (time.isascii() and time.isdecimal() and len(time) <= _TIME_DIGITS_MAX):
            raise errors.BadTimeError("the time is no number of seconds")
        return ReportBody.of(signer.report(int(time)), signer.domain)

    @app.get("/v1/key")
    async def key() -> KeyBody:
        """Return who signs here."""
        return KeyBody(
            signer=signer.index,
            key=key_text(signer.key),
            domain=str(signer.domain),
            period_seconds=signer.period_seconds,
        )

    @app.get("/health")
    async def health() -> dict[str, str]:
        """Return that the process answers; whether it has prices, its reports tell."""
        return {"status": "ok"}

    app.add_exception_handler(errors.OracleError, _refused)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(Exception, _failed)
    return app


def serve(app: FastAPI, listening: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered first."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=_CONNECTIONS_MAX,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.OracleError)
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), None)
    return _answer(status or HTTPStatus.INTERNAL_SERVER_ERROR, error.code, error.message)


def _no_route(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    return _answer(status, status.name.lower(), status.phrase)


def _failed(_: Request, __: Exception) -> JSONResponse:
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "the signer failed; its log says why")


def _answer(status: HTTPStatus, code: str, message: str) -> JSONResponse:
    body = RefusalBody(error=Refusal(code=code, message=message))
    return JSONResponse(body.model_dump(), status_code=status)
