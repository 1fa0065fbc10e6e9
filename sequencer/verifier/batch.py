"""The check of one batch: everything that the contract should have checked, and the proof itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from prover.proof import Points
from sequencer.batch.stream import challenge, evaluate
from sequencer.model import constants as c
from sequencer.model.header import BatchHeader
from sequencer.model.request import Outcome, Request
from sequencer.model.words import unpack
from sequencer.verifier.errors import (
    BatchProofError,
    BatchWordsError,
    LogError,
    OutcomeError,
    SuccessionError,
    shown,
)

ProofCheck = Callable[[Points, tuple[int, ...]], bool]
"""Whether a proof holds for the public signals c, r, y."""

MAX_TIMESTAMP_LAG_SECONDS: Final = 3600
MAX_TIMESTAMP_LEAD_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class FinalBatch:
    """A batch as its transaction sent it and as its log names it.

    Attributes
    ----------
    words : tuple of int
        The operator's words: the data stream without the queue words.
    logged : mapping of str to int
        Arguments of `BatchFinalized`.
    block_time : int
        Seconds; of the block that carries it.
    """

    words: tuple[int, ...]
    commitment: int
    points: Points
    logged: dict[str, int]
    block_time: int


@dataclass(frozen=True, slots=True)
class Expected:
    """What the batches before and the constructor leave to the next batch, by the names of the header."""

    domain: int
    configuration_hash: int
    batch_number: int
    old_state_root: int
    first_sequence: int
    requests_begin: int


def read_header(batch: FinalBatch) -> BatchHeader:
    """Return the batch's header; BatchWordsError if there is none."""
    try:
        return BatchHeader.from_words(batch.words)
    except ValueError as error:
        raise BatchWordsError(f"batch {batch.logged['batchNumber']}: {error}") from error


def check_succession(header: BatchHeader, expected: Expected) -> None:
    """Refuse a batch that does not continue the state."""
    for name in Expected.__dataclass_fields__:
        found, wanted = getattr(header, name), getattr(expected, name)
        if found != wanted:
            what = f"{name.replace('_', ' ')} of batch {expected.batch_number}"
            raise SuccessionError(f"the {what} is {shown(found)}, not {shown(wanted)}")


def check_time(header: BatchHeader, last: int, block_time: int) -> None:
    """Refuse a timestamp that is not newer than the last one's or far from the chain's clock."""
    if not last < header.timestamp:
        raise SuccessionError(
            f"batch {header.batch_number} is of {header.timestamp}, no later than {last}, the one before"
        )
    lag = block_time - header.timestamp
    if not -MAX_TIMESTAMP_LEAD_SECONDS <= lag <= MAX_TIMESTAMP_LAG_SECONDS:
        raise SuccessionError(
            f"batch {header.batch_number} is {lag} seconds behind the block that carries it"
        )


def check_log(header: BatchHeader, logged: dict[str, int]) -> None:
    """Refuse a log that says something else than the batch."""
    published = {
        "batchNumber": header.batch_number,
        "stateRoot": header.new_state_root,
        "exitRoot": header.new_exit_root,
        "epochHash": header.epoch_hash,
        "logRoot": header.log_root,
        "firstSequence": header.first_sequence,
        "messages": header.messages,
        "timestamp": header.timestamp,
    }
    for name, value in published.items():
        if logged[name] != value:
            raise LogError(
                f"the log of batch {header.batch_number} has another {name}: {shown(logged[name])}"
            )


def full_stream(header: BatchHeader, batch: FinalBatch, requests: Sequence[Request]) -> list[int]:
    """Return the data stream: the operator's words, with those of the queue in their place.

    Raises
    ------
    BatchWordsError
        If it is not as long as the header says, or a word is no field element.
    """
    queue = [word for request in requests for word in request.words()]
    stream = [*batch.words[: c.HEADER_WORDS], *queue, *batch.words[c.HEADER_WORDS :]]
    if header.words != len(stream):
        raise BatchWordsError(
            f"batch {header.batch_number} has {len(stream)} words, it counts {header.words}"
        )
    for place, word in enumerate((*stream, batch.commitment)):
        if not word < c.FIELD_MODULUS:
            raise BatchWordsError(f"batch {header.batch_number}: word {place} is no field element")
    return stream


def check_proof(number: int, batch: FinalBatch, stream: Sequence[int], check: ProofCheck) -> None:
    """Refuse a batch whose proof does not hold for (c, r, y) of its stream."""
    r = challenge(batch.commitment, stream)
    if not check(batch.points, (batch.commitment, r, evaluate(stream, r))):
        raise BatchProofError(f"the proof of batch {number} does not hold for its words and the queue's")


def read_outcomes(batch: FinalBatch, requests: Sequence[Request]) -> list[Outcome]:
    """Return what became of the consumed requests; OutcomeError if one is paid more than it named."""
    outcomes = []
    for word, request in zip(batch.words[c.HEADER_WORDS :], requests, strict=False):
        outcome = Outcome(unpack(word, 0, c.STATUS_BITS), word >> c.OUTCOME_PAID_AT)
        if outcome.paid > request.amount:
            raise OutcomeError(
                f"batch {batch.logged['batchNumber']} pays {outcome.paid} for a request of {request.amount}"
            )
        outcomes.append(outcome)
    return outcomes
