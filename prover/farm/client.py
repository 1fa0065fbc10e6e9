"""The queue in another process, over HTTP: the same calls, the same errors."""

from collections.abc import Sequence
from typing import Final, TypeVar
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from prover.errors import InvalidProofError, ProverError, UnknownSizeError
from prover.farm import errors
from prover.farm.inputs import encoded
from prover.farm.job import (
    EVIDENCE_CHARACTERS_MAX,
    PROGRESS_CHARACTERS_MAX,
    WORKER_CHARACTERS_MAX,
    JobView,
    Lease,
    Overview,
    shown,
)
from prover.farm.wire import (
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
    LeaseRequest,
    OverviewBody,
    PointsBody,
    RefusalBody,
    ResultAnswer,
    SubmitRequest,
    ViewBody,
)
from prover.proof import Points
from prover.witness import Inputs

TIMEOUT_SECONDS: Final = 15.0
ANSWER_BYTES_MAX: Final = 64 << 20
_MESSAGE_CHARACTERS_MAX: Final = 500

_REFUSALS: Final[tuple[type[errors.FarmError], ...]] = (
    errors.UnknownJobError,
    errors.LeaseLostError,
    errors.JobInputsError,
    errors.PriorityError,
    errors.QueueFullError,
    errors.UnauthorizedError,
    errors.MalformedRequestError,
)
_CURES: Final[dict[type[ProverError], str]] = {
    InvalidProofError: "look at the worker's machine, its release and its keys",
    UnknownSizeError: "submit a size for which the queue has a key",
}
_OVERLOADED: Final = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.REQUEST_TIMEOUT)

_Answer = TypeVar("_Answer", bound=Body)


class FarmClient:
    """A `Farm` and a `LeaseSource` whose queue is elsewhere; threads may share it.

    Parameters
    ----------
    url : str
        Where the queue's server answers.
    token : str
        What it wants to be shown.

    Raises
    ------
    QueueAddressError
        If the address is none.
    QueueUnreachableError, QueueRefusedError, UnauthorizedError
        From every method: if the queue does not answer, now; not as a queue does; or not to this token.
    """

    def __init__(self, url: str, token: str) -> None:
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise errors.QueueAddressError(f"{url!r} is no address ({error})") from error
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise errors.QueueAddressError(f"{url!r} is no address of a server")
        self._url = url.rstrip("/")
        # Raw parts: what is compressed could be long where it came in short.
        headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
        self._client = httpx.Client(headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False)

    def submit(self, size: str, inputs: Inputs, priority: int) -> str:
        """See `Farm.submit`."""
        body = SubmitRequest(size=size, priority=priority, inputs=encoded(inputs).decode())
        return self._post(JOBS_PATH, JobAnswer, body).id

    def result(self, id: str) -> Points | None:
        """See `Farm.result`."""
        proof = self._get(f"{_job(id)}/result", ResultAnswer).proof
        return None if proof is None else proof.points()

    def view(self, id: str) -> JobView:
        """See `Farm.view`."""
        return self._get(_job(id), ViewBody).view()

    def cancel(self, id: str) -> None:
        """See `Farm.cancel`."""
        self._post(f"{_job(id)}/cancel", DoneAnswer)

    def retry(self, id: str) -> None:
        """See `JobQueue.retry`."""
        self._post(f"{_job(id)}/retry", DoneAnswer)

    def overview(self) -> Overview:
        """Return the queue as it is."""
        return self._get(JOBS_PATH, OverviewBody).overview()

    def lease(self, worker: str, sizes: Sequence[str], token: str) -> Lease | None:
        """See `LeaseSource.lease`."""
        body = LeaseRequest(worker=worker[:WORKER_CHARACTERS_MAX], sizes=list(sizes), token=token)
        lease = self._post(LEASE_PATH, LeaseAnswer, body).lease
        return None if lease is None else lease.lease()

    def heartbeat(self, token: str, progress: str) -> int:
        """See `LeaseSource.heartbeat`."""
        body = HeartbeatRequest(progress=progress[:PROGRESS_CHARACTERS_MAX])
        return self._post(f"{LEASES_PATH}/{token}/heartbeat", HeartbeatAnswer, body).deadline

    def complete(self, token: str, proof: Points) -> None:
        """See `LeaseSource.complete`."""
        body = CompleteRequest(proof=PointsBody.of(proof))
        self._post(f"{LEASES_PATH}/{token}/complete", DoneAnswer, body)

    def fail(self, token: str, evidence: str) -> None:
        """See `LeaseSource.fail`."""
        body = FailRequest(evidence=evidence[:EVIDENCE_CHARACTERS_MAX])
        self._post(f"{LEASES_PATH}/{token}/fail", DoneAnswer, body)

    def release(self, token: str) -> None:
        """See `LeaseSource.release`."""
        self._post(f"{LEASES_PATH}/{token}/release", DoneAnswer)

    def _get(self, path: str, kind: type[_Answer]) -> _Answer:
        return self._asked("GET", path, b"", kind)

    def _post(self, path: str, kind: type[_Answer], body: Body | None = None) -> _Answer:
        return self._asked("POST", path, b"" if body is None else body.model_dump_json().encode(), kind)

    def _asked(self, method: str, path: str, body: bytes, kind: type[_Answer]) -> _Answer:
        try:
            status, content = self._fetched(method, path, body)
        except httpx.HTTPError as error:
            text = f"{self._url}: {type(error).__name__}"
            raise errors.QueueUnreachableError(text) from error
        if status != httpx.codes.OK:
            raise self._refusal(status, content)
        try:
            return kind.model_validate_json(content)
        except ValidationError as error:
            text = f"{self._url}: {error.error_count()} things are no queue's answer"
            raise errors.QueueRefusedError(text) from error

    def _fetched(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        content = bytearray()
        with self._client.stream(method, f"{self._url}{path}", content=body) as response:
            for part in response.iter_raw():
                content += part
                if len(content) > ANSWER_BYTES_MAX:
                    text = f"{self._url} answers more than {ANSWER_BYTES_MAX} bytes"
                    raise errors.QueueRefusedError(text)
        return response.status_code, bytes(content)

    def _refusal(self, status: int, content: bytes) -> ProverError:
        """Return the queue's error as it was raised there, else that it is down or no queue."""
        try:
            told = RefusalBody.model_validate_json(content).error
        except ValidationError:
            told = None
        if told is not None:
            for kind in _REFUSALS:
                if told.code == kind.code:
                    return kind(shown(told.message, _MESSAGE_CHARACTERS_MAX))
            for other, cure in _CURES.items():
                if told.code == other.code:
                    return other(shown(told.message, _MESSAGE_CHARACTERS_MAX), cure)
        text = f"{self._url}: status {status}"
        if status >= httpx.codes.INTERNAL_SERVER_ERROR or status in _OVERLOADED:
            return errors.QueueUnreachableError(text)
        return errors.QueueRefusedError(text)


def _job(id: str) -> str:
    return f"{JOBS_PATH}/{quote(id, safe='')}"
