"""The application: routes, the gate before them, and one form for every failure."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sequencer.model.errors import ProofbookError
from sequencer.service.account import account_router
from sequencer.service.clock import Clock
from sequencer.service.desk import Desk
from sequencer.service.errors import INTERNAL, MalformedQueryError, MethodNotAllowedError, NotFoundError
from sequencer.service.gate import Gate
from sequencer.service.http import answer, refusal
from sequencer.service.openapi import Schemas, describe
from sequencer.service.public import public_router
from sequencer.service.settings import ServiceSettings
from sequencer.service.stream import Hub
from sequencer.service.trading import trading_routes
from sequencer.service.venue import Venue

# What an operator watches is in `metrics`: FastAPI need not look for other observers at each request.
_NO_TELEMETRY: Final[TelemetryConfig] = {"tracing": False, "metrics": False, "logs": False}


def create_app(venue: Venue, settings: ServiceSettings | None = None, clock: Clock | None = None) -> FastAPI:
    """Return the application that serves a venue, which must run as long as the application does."""
    desk = Desk(venue, settings or ServiceSettings(), clock or Clock())
    hub, schemas = Hub(desk), Schemas()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        """Listen to the venue while the server runs."""
        async with hub.listening():
            yield

    app = FastAPI(
        lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False, telemetry=_NO_TELEMETRY
    )
    app.state.hub, app.state.settings = hub, desk.settings
    app.include_router(public_router(desk, schemas))
    app.include_router(account_router(desk, hub, schemas))

    app.add_middleware(Gate, desk=desk, direct=trading_routes(desk, schemas), stream=hub.serve)
    app.add_exception_handler(ProofbookError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(Exception, _failed)
    describe(app, schemas)
    return app


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, ProofbookError)
    return refusal(error)


async def _malformed(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    names = sorted({str(each["loc"][-1]) for each in error.errors()})
    return refusal(MalformedQueryError(f"{', '.join(names)}: not of the documented form"))


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "")
        return refusal(MethodNotAllowedError(f"{request.url.path} does not take {request.method}", allowed))
    return refusal(NotFoundError(f"there is no {request.url.path[:100]}"))


async def _failed(_: Request, __: Exception) -> Response:
    return answer(INTERNAL, HTTPStatus.INTERNAL_SERVER_ERROR)
