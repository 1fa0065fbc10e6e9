"""Why the farm refuses something; one class a cause, the cure its own."""

from typing import ClassVar

from prover.errors import ProverError


class FarmError(ProverError):
    """Base of what the queue and the way to it raise on purpose.

    Attributes
    ----------
    remedy : str
        The cure, the same for every error of the class.
    """

    code = "farm"
    remedy: ClassVar[str] = "report this error"

    def __init__(self, message: str) -> None:
        super().__init__(message, self.remedy)


class UnknownJobError(FarmError):
    """The queue has no job of this id."""

    code = "unknown_job"
    remedy = "`proofbook prove status` lists the jobs; finished ones are forgotten after a while"


class JobInputsError(FarmError):
    """What should be proven cannot be the inputs of a batch."""

    code = "job_inputs"
    remedy = "give every input signal of the circuit, the public ones c, r, y included"


class PriorityError(FarmError):
    """A priority is out of its range."""

    code = "priority"
    remedy = "give a priority from 0 to 1000000; the highest goes first"


class QueueFullError(FarmError):
    """As many jobs are unfinished as the queue takes."""

    code = "queue_full"
    remedy = "start workers, or cancel what nobody waits for"


class LeaseLostError(FarmError):
    """The job is no longer the worker's: cancelled, or back in the queue after the lease ended."""

    code = "lease_lost"
    remedy = "drop the job and lease another"


class QueueUnavailableError(FarmError):
    """The queue's file cannot be read or written."""

    code = "queue_unavailable"
    remedy = "check the path, its permissions and the disk"


class ForeignQueueError(FarmError):
    """A file is no queue of this release."""

    code = "foreign_queue"
    remedy = "give the queue a directory of its own"


class QueueListenError(FarmError):
    """The address to listen at cannot be had."""

    code = "queue_listen"
    remedy = "give an address of this machine and a free port, or port 0 for any"


class QueueAddressError(FarmError):
    """What should be the queue's address is none."""

    code = "queue_address"
    remedy = "give an address such as https://queue.example:8700"


class QueueTokenError(FarmError):
    """The token's file holds nothing that can be one."""

    code = "queue_token"
    remedy = "write 32 to 200 letters and digits to the file: `openssl rand -hex 32`"


class UnauthorizedError(FarmError):
    """The caller does not show the queue's token."""

    code = "unauthorized"
    remedy = "give the file of the token with which the queue was started"


class ClusterError(FarmError):
    """No Ray cluster is there to work on."""

    code = "ray_cluster"
    remedy = "give the address that `ray start --head` printed, or `local` for this machine alone"


class MalformedRequestError(FarmError):
    """A request is not one that the queue knows."""

    code = "malformed_request"
    remedy = "use a client of the queue's release"


class QueueUnreachableError(FarmError):
    """Nothing answers at the queue's address, or it answers that it cannot work now."""

    code = "queue_unreachable"
    remedy = "check the address, and that the queue runs"


class QueueRefusedError(FarmError):
    """The answer is none that a queue gives."""

    code = "queue_refused"
    remedy = "check that the address is a queue's, of this release"
