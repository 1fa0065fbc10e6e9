"""The queue over HTTP: nobody without the token, failures in one form, a client like the queue itself."""

from collections.abc import Iterator

import httpx
import pytest

from prover.errors import InvalidProofError, UnknownSizeError
from prover.farm import queue as queue_module
from prover.farm.client import FarmClient
from prover.farm.errors import (
    JobInputsError,
    LeaseLostError,
    MalformedRequestError,
    PriorityError,
    QueueAddressError,
    QueueFullError,
    QueueRefusedError,
    QueueUnreachableError,
    UnauthorizedError,
    UnknownJobError,
)
from prover.farm.farm import Farm, LeaseSource
from prover.farm.inputs import encoded
from prover.farm.job import JobState, draw_token
from prover.farm.queue import JobQueue
from prover.farm.wire import BODY_BYTES_MAX
from tests.farm.commitments import SIZE, line, proof
from tests.farm.conftest import LEASE_SECONDS, START
from tests.farm.servers import serving
from tests.oracle.servers import answering, gone

TOKEN = "s" * 40
ROUTES = (
    ("GET", "/v1/jobs"),
    ("POST", "/v1/jobs"),
    ("GET", "/v1/jobs/x"),
    ("GET", "/v1/jobs/x/result"),
    ("POST", "/v1/jobs/x/cancel"),
    ("POST", "/v1/jobs/x/retry"),
    ("POST", "/v1/lease"),
    ("POST", "/v1/leases/x/heartbeat"),
    ("POST", "/v1/leases/x/complete"),
    ("POST", "/v1/leases/x/fail"),
    ("POST", "/v1/leases/x/release"),
    ("GET", "/v1/nothing"),
)


@pytest.fixture
def url(queue: JobQueue) -> Iterator[str]:
    with serving(queue, TOKEN) as url:
        yield url


@pytest.fixture
def client(url: str) -> FarmClient:
    return FarmClient(url, TOKEN)


def ask(url: str, method: str, path: str, content: bytes = b"", token: str | None = TOKEN) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.request(
        method, f"{url}{path}", content=content, headers=headers, trust_env=False, timeout=30
    )


def code(response: httpx.Response) -> str:
    """The code of a refusal; a refusal has nothing but its code and a message."""
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    return str(body["error"]["code"])


def test_a_job_goes_all_the_way_over_http(client: FarmClient, queue: JobQueue) -> None:
    farm: Farm = client
    source: LeaseSource = client
    job = farm.submit(SIZE, line(1), 7)
    assert farm.result(job) is None
    token = draw_token()
    lease = source.lease("w1", [SIZE], token)
    assert lease == source.lease("w1", [SIZE], token)
    assert lease is not None
    assert (lease.job.id, lease.job.priority, lease.job.inputs) == (job, 7, encoded(line(1)))
    assert source.heartbeat(token, "witness") == START + LEASE_SECONDS
    assert farm.view(job) == queue.view(job)
    assert farm.view(job).progress == "witness"
    source.complete(token, proof(1))
    assert farm.result(job) == queue.result(job) is not None
    assert client.overview() == queue.overview(10)
    assert source.lease("w1", [SIZE], draw_token()) is None


def test_failures_travel_with_their_evidence(client: FarmClient, queue: JobQueue) -> None:
    job = client.submit(SIZE, line(1), 0)
    for number in range(3):
        token = draw_token()
        assert client.lease(f"w{number}", [SIZE], token) is not None
        client.fail(token, f"evidence {number}\n" + "x" * 10_000)
    view = client.view(job)
    assert view == queue.view(job)
    assert view.state is JobState.POISONED
    assert [failure.evidence[:10] for failure in view.failures] == ["evidence 0", "evidence 1", "evidence 2"]
    client.retry(job)
    token = draw_token()
    assert client.lease("w9", [SIZE], token) is not None
    client.release(token)
    client.cancel(job)
    assert client.view(job).state is JobState.CANCELLED


def test_the_client_raises_what_the_queue_raised(client: FarmClient, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownJobError, match=r"there is no job a\?b"):
        client.view("a?b")
    with pytest.raises(UnknownJobError):
        client.result("nowhere")
    with pytest.raises(UnknownSizeError):
        client.submit("huge", line(1), 0)
    with pytest.raises(PriorityError):
        client.submit(SIZE, line(1), -1)
    with pytest.raises(JobInputsError):
        client.submit(SIZE, {"c": 1}, 0)
    with pytest.raises(LeaseLostError):
        client.heartbeat(draw_token(), "")
    client.submit(SIZE, line(1), 0)
    token = draw_token()
    assert client.lease("w1", [SIZE], token) is not None
    with pytest.raises(InvalidProofError, match="does not verify"):
        client.complete(token, proof(2))
    monkeypatch.setattr(queue_module, "UNFINISHED_MAX", 1)
    with pytest.raises(QueueFullError):
        client.submit(SIZE, line(2), 0)


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("token", [None, "s", "s" * 39, "s" * 41, "S" * 40])
def test_nobody_gets_in_without_the_token(url: str, method: str, path: str, token: str | None) -> None:
    response = ask(url, method, path, token=token)
    assert response.status_code == 401
    assert code(response) == "unauthorized"


def test_health_is_for_everybody(url: str) -> None:
    assert ask(url, "GET", "/v1/health", token=None).json() == {"status": "ok"}


def test_a_wrong_token_is_told_to_the_operator(url: str) -> None:
    with pytest.raises(UnauthorizedError, match="file of the token"):
        FarmClient(url, "w" * 40).overview()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"[" * 100_000,
        b'{"worker":"w","sizes":["s"],"token":"short"}',
        b'{"worker":"","sizes":[],"token":"00000000000000000000000000000000"}',
        b'{"worker":"w","sizes":[],"token":"00000000000000000000000000000000","more":1}',
    ],
)
def test_a_request_that_is_none_is_refused(url: str, content: bytes) -> None:
    response = ask(url, "POST", "/v1/lease", content)
    assert response.status_code == 400
    assert code(response) == "malformed_request"


@pytest.mark.parametrize("number", ["-1", "01", "0x1", "1e3", " 1", "1" * 79])
def test_a_coordinate_has_one_form(url: str, number: str) -> None:
    pair = f'["1","{number}"]'
    body = f'{{"proof":{{"a":{pair},"b":[["1","2"],["1","2"]],"c":["1","2"]}}}}'
    assert code(ask(url, "POST", f"/v1/leases/{draw_token()}/complete", body.encode())) == "malformed_request"


def test_each_cause_has_its_status(url: str, queue: JobQueue) -> None:
    queue.submit(SIZE, line(1), 0)
    assert ask(url, "GET", "/v1/jobs/nowhere").status_code == 404
    assert ask(url, "POST", f"/v1/leases/{draw_token()}/release").status_code == 409
    body = b'{"size":"huge","priority":0,"inputs":"{}"}'
    assert ask(url, "POST", "/v1/jobs", body).status_code == 422


def test_inputs_nested_without_end_are_refused(url: str) -> None:
    body = f'{{"size":"{SIZE}","priority":0,"inputs":"{"[" * 100_000}"}}'
    response = ask(url, "POST", "/v1/jobs", body.encode())
    assert (response.status_code, code(response)) == (422, "job_inputs")


def test_a_body_that_is_too_long_is_refused_before_it_is_read(url: str) -> None:
    response = ask(url, "POST", "/v1/jobs", b" " * (BODY_BYTES_MAX + 1))
    assert (response.status_code, code(response)) == (413, "body_too_long")


def test_a_body_of_untold_length_is_refused(url: str) -> None:
    response = httpx.post(
        f"{url}/v1/jobs",
        content=iter([b"{}"]),
        headers={"Authorization": f"Bearer {TOKEN}"},
        trust_env=False,
    )
    assert (response.status_code, code(response)) == (411, "length_required")


def test_a_route_that_is_not_there_is_refused_in_the_same_form(url: str) -> None:
    assert code(ask(url, "GET", "/v1/nothing")) == "not_found"
    assert code(ask(url, "DELETE", "/v1/jobs")) == "method_not_allowed"


def test_a_queue_that_cannot_work_is_as_good_as_unreachable(queue: JobQueue, client: FarmClient) -> None:
    queue.close()
    with pytest.raises(QueueUnreachableError, match="503"):
        client.overview()


def test_what_is_no_queue_is_told_apart_from_one_that_is_down() -> None:
    with pytest.raises(QueueUnreachableError):
        FarmClient(gone(), TOKEN).overview()
    for status, body in ((502, b"bad gateway"), (503, b""), (429, b"")):
        with answering(body, status) as url, pytest.raises(QueueUnreachableError, match=str(status)):
            FarmClient(url, TOKEN).overview()
    for status, body in ((200, b"<html>"), (200, b"{}"), (404, b"nothing"), (302, b"")):
        with answering(body, status) as url, pytest.raises(QueueRefusedError):
            FarmClient(url, TOKEN).overview()


def test_a_refusal_cannot_paint_the_terminal() -> None:
    body = b'{"error":{"code":"malformed_request","message":"\\u001b[2Jcleared"}}'
    with answering(body, 400) as url, pytest.raises(MalformedRequestError) as caught:
        FarmClient(url, TOKEN).overview()
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "queue.example", "ftp://queue.example", "http://", "http://[::1"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(QueueAddressError):
        FarmClient(url, TOKEN)
