"""The queue's requests and answers as JSON; what an integer of JSON may not hold is decimal text."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from prover.farm.inputs import INPUTS_BYTES_MAX
from prover.farm.job import (
    EVIDENCE_CHARACTERS_MAX,
    PROGRESS_CHARACTERS_MAX,
    TOKEN_BYTES,
    WORKER_CHARACTERS_MAX,
    Failure,
    Job,
    JobState,
    JobView,
    Lease,
    Overview,
)
from prover.proof import Points

JOBS_PATH: Final = "/v1/jobs"
LEASE_PATH: Final = "/v1/lease"
LEASES_PATH: Final = "/v1/leases"
HEALTH_PATH: Final = "/v1/health"

# Quotes inside the text of the inputs take two bytes.
BODY_BYTES_MAX: Final = 2 * INPUTS_BYTES_MAX + 4_096
SIZES_MAX: Final = 32

_Decimal = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,77})$")]
_Pair = tuple[_Decimal, _Decimal]
_Size = Annotated[str, Field(max_length=40)]
_Inputs = Annotated[str, Field(max_length=INPUTS_BYTES_MAX)]


class Body(BaseModel):
    """A request or an answer: nothing else is in it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PointsBody(Body):
    """A proof; coordinates of `b` are (constant part, part of u)."""

    a: _Pair
    b: tuple[_Pair, _Pair]
    c: _Pair

    @classmethod
    def of(cls, points: Points) -> "PointsBody":
        """Return the body that says a proof."""
        b0, b1 = points.b
        return cls(a=_texts(points.a), b=(_texts(b0), _texts(b1)), c=_texts(points.c))

    def points(self) -> Points:
        """Return the proof that the body says."""
        b0, b1 = self.b
        return Points(_numbers(self.a), (_numbers(b0), _numbers(b1)), _numbers(self.c))


class SubmitRequest(Body):
    """A job; its inputs are the text of a JSON object."""

    size: _Size
    priority: int
    inputs: _Inputs


class JobAnswer(Body):
    """Which job it is."""

    id: str


class ResultAnswer(Body):
    """The proof, where there is one."""

    proof: PointsBody | None


class FailureBody(Body):
    """An attempt that failed."""

    at: int
    worker: str
    evidence: str


class ViewBody(Body):
    """What is seen of a job."""

    id: str
    size: str
    state: JobState
    priority: int
    attempts: int
    worker: str
    progress: str
    submitted_at: int
    updated_at: int
    failures: tuple[FailureBody, ...]

    @classmethod
    def of(cls, view: JobView) -> "ViewBody":
        """Return the body that says a view."""
        values = {name: getattr(view, name) for name in cls.model_fields if name != "failures"}
        failures = tuple(
            FailureBody(at=failure.at, worker=failure.worker, evidence=failure.evidence)
            for failure in view.failures
        )
        return cls(**values, failures=failures)

    def view(self) -> JobView:
        """Return the view that the body says."""
        values = {name: getattr(self, name) for name in type(self).model_fields if name != "failures"}
        failures = tuple(Failure(told.at, told.worker, told.evidence) for told in self.failures)
        return JobView(**values, failures=failures)


class OverviewBody(Body):
    """The queue at one moment."""

    now: int
    counts: dict[JobState, int]
    jobs: tuple[ViewBody, ...]

    @classmethod
    def of(cls, overview: Overview) -> "OverviewBody":
        """Return the body that says an overview."""
        return cls(now=overview.now, counts=overview.counts, jobs=tuple(map(ViewBody.of, overview.jobs)))

    def overview(self) -> Overview:
        """Return the overview that the body says."""
        return Overview(self.now, self.counts, tuple(told.view() for told in self.jobs))


class LeaseRequest(Body):
    """Who wants a job, of which sizes, and the token that will show whose it is."""

    worker: str = Field(min_length=1, max_length=WORKER_CHARACTERS_MAX)
    sizes: list[_Size] = Field(max_length=SIZES_MAX)
    token: str = Field(pattern=rf"^[0-9a-f]{{{2 * TOKEN_BYTES}}}$")


class LeaseBody(Body):
    """A lease and its job."""

    token: str
    seconds: int = Field(ge=1)
    id: str
    size: str
    priority: int
    inputs: str

    @classmethod
    def of(cls, lease: Lease) -> "LeaseBody":
        """Return the body that says a lease."""
        job = lease.job
        return cls(
            token=lease.token,
            seconds=lease.seconds,
            id=job.id,
            size=job.size,
            priority=job.priority,
            inputs=job.inputs.decode(),
        )

    def lease(self) -> Lease:
        """Return the lease that the body says."""
        job = Job(self.id, self.size, self.priority, self.inputs.encode())
        return Lease(self.token, job, self.seconds)


class LeaseAnswer(Body):
    """The lease, if there is a job."""

    lease: LeaseBody | None


class HeartbeatRequest(Body):
    """What the worker does."""

    progress: str = Field(max_length=PROGRESS_CHARACTERS_MAX)


class HeartbeatAnswer(Body):
    """When the lease now ends, in Unix seconds."""

    deadline: int


class CompleteRequest(Body):
    """The proof that was made."""

    proof: PointsBody


class FailRequest(Body):
    """Why none was made."""

    evidence: str = Field(max_length=EVIDENCE_CHARACTERS_MAX)


class DoneAnswer(Body):
    """That it is done."""

    done: bool = True


class Refusal(Body):
    """Why it is not done: a stable code for programs, a sentence for people."""

    code: str
    message: str


class RefusalBody(Body):
    """The one form of every failure."""

    error: Refusal


def _texts(pair: tuple[int, int]) -> tuple[str, str]:
    return str(pair[0]), str(pair[1])


def _numbers(pair: tuple[str, str]) -> tuple[int, int]:
    return int(pair[0]), int(pair[1])
