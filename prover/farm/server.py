"""The queue over HTTP: thin routes, and one form for every failure."""

import socket
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Final, TypeVar

import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from prover.errors import InvalidProofError, ProverError, UnknownSizeError
from prover.farm import errors
from prover.farm.gate import Gate, answer
from prover.farm.inputs import decoded
from prover.farm.queue import LISTED_MAX, JobQueue
from prover.farm.wire import (
    HEALTH_PATH,
    JOBS_PATH,
    LEASE_PATH,
    LEASES_PATH,
    Body,
    CompleteRequest,
    DoneAnswer,
    FailRequest,
    HeartbeatAnswer,
    HeartbeatRequest,
    JobAnswer,
    LeaseAnswer,
    LeaseBody,
    LeaseRequest,
    OverviewBody,
    PointsBody,
    ResultAnswer,
    SubmitRequest,
    ViewBody,
)

_GRACE_SECONDS: Final = 5
_CONNECTIONS_MAX: Final = 100
_STATUS: Final[dict[type[ProverError], HTTPStatus]] = {
    errors.UnknownJobError: HTTPStatus.NOT_FOUND,
    errors.LeaseLostError: HTTPStatus.CONFLICT,
    InvalidProofError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.JobInputsError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.PriorityError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownSizeError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.QueueFullError: HTTPStatus.INSUFFICIENT_STORAGE,
}

_Request = TypeVar("_Request", bound=Body)


def _read(kind: type[_Request]) -> Callable[[Request], Awaitable[_Request]]:
    # Not by FastAPI: Python's parser of JSON has no bound on depth once py_ecc has raised that of recursion.
    async def read(request: Request) -> _Request:
        return kind.model_validate_json(await request.body())

    return read


def create_app(queue: JobQueue, token: str) -> FastAPI:
    """Return the application that answers for a queue, to who shows the token."""
    app = FastAPI(title="Proofbook prover farm", openapi_url=None)
    _add_job_routes(app, queue)
    _add_lease_routes(app, queue)

    @app.get(HEALTH_PATH)
    async def health() -> dict[str, str]:
        """Return that the process answers."""
        return {"status": "ok"}

    app.add_middleware(Gate, token=token)
    app.add_exception_handler(ProverError, _refused)
    app.add_exception_handler(ValidationError, _malformed)
    app.add_exception_handler(RequestValidationError, _malformed)
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


# Ordinary functions run in threads: a disk that is slow holds up no other request.
def _add_job_routes(app: FastAPI, queue: JobQueue) -> None:
    @app.post(JOBS_PATH)
    def submit(body: Annotated[SubmitRequest, Depends(_read(SubmitRequest))]) -> JobAnswer:
        """Put a job into the queue."""
        return JobAnswer(id=queue.submit(body.size, decoded(body.inputs.encode()), body.priority))

    @app.get(JOBS_PATH)
    def overview() -> OverviewBody:
        """Return the queue as it is."""
        return OverviewBody.of(queue.overview(LISTED_MAX))

    @app.get(JOBS_PATH + "/{job}")
    def view(job: str) -> ViewBody:
        """Return what is seen of a job."""
        return ViewBody.of(queue.view(job))

    @app.get(JOBS_PATH + "/{job}/result")
    def result(job: str) -> ResultAnswer:
        """Return the proof of a job, where there is one."""
        points = queue.result(job)
        return ResultAnswer(proof=None if points is None else PointsBody.of(points))

    @app.post(JOBS_PATH + "/{job}/cancel")
    def cancel(job: str) -> DoneAnswer:
        """End a job that is not proven."""
        queue.cancel(job)
        return DoneAnswer()

    @app.post(JOBS_PATH + "/{job}/retry")
    def retry(job: str) -> DoneAnswer:
        """Let a poisoned job be tried again."""
        queue.retry(job)
        return DoneAnswer()


def _add_lease_routes(app: FastAPI, queue: JobQueue) -> None:
    @app.post(LEASE_PATH)
    def lease(body: Annotated[LeaseRequest, Depends(_read(LeaseRequest))]) -> LeaseAnswer:
        """Return the next job."""
        leased = queue.lease(body.worker, body.sizes, body.token)
        return LeaseAnswer(lease=None if leased is None else LeaseBody.of(leased))

    @app.post(LEASES_PATH + "/{token}/heartbeat")
    def heartbeat(
        token: str, body: Annotated[HeartbeatRequest, Depends(_read(HeartbeatRequest))]
    ) -> HeartbeatAnswer:
        """Keep a lease."""
        return HeartbeatAnswer(deadline=queue.heartbeat(token, body.progress))

    @app.post(LEASES_PATH + "/{token}/complete")
    def complete(token: str, body: Annotated[CompleteRequest, Depends(_read(CompleteRequest))]) -> DoneAnswer:
        """Take a proof, if it verifies."""
        queue.complete(token, body.proof.points())
        return DoneAnswer()

    @app.post(LEASES_PATH + "/{token}/fail")
    def fail(token: str, body: Annotated[FailRequest, Depends(_read(FailRequest))]) -> DoneAnswer:
        """Take what a failure left as evidence."""
        queue.fail(token, body.evidence)
        return DoneAnswer()

    @app.post(LEASES_PATH + "/{token}/release")
    def release(token: str) -> DoneAnswer:
        """Take a job back."""
        queue.release(token)
        return DoneAnswer()


def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProverError)
    return answer(_STATUS.get(type(error), HTTPStatus.SERVICE_UNAVAILABLE), error.code, error.message)


def _malformed(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ValidationError | RequestValidationError)
    text = f"{len(error.errors())} things are wrong with the request"
    return answer(HTTPStatus.BAD_REQUEST, errors.MalformedRequestError.code, text)


def _no_route(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    return answer(status, status.name.lower(), status.phrase)


def _failed(_: Request, __: Exception) -> JSONResponse:
    return answer(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "the queue failed; its log says why")
