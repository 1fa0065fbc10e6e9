"""Checking answers: every one is read, a sample of receipts is verified."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from bench.load.modes import Mode
from bench.load.venue import MARKETS, RECEIPT_KEY, RECEIPTS
from bench.workload import DOMAIN
from sequencer.service.wire.messages import SignedBody, to_signed
from sequencer.service.wire.orders import MessageResult

SAMPLE_EVERY: Final = 100
"""Of so many requests the answer of one is kept, and the receipts in it verified."""


class _Refusal(msgspec.Struct):
    code: str


class _Result(msgspec.Struct):
    """What is read of each result."""

    account: int = 0
    nonce: int = 0
    verdict: str = ""
    error: _Refusal | None = None


class _Results(msgspec.Struct):
    results: list[_Result] = []
    error: _Refusal | None = None


class _Operation(msgspec.Struct):
    id: int = -1
    result: _Results | None = None
    error: _Refusal | None = None


class _Kept(msgspec.Struct):
    results: list[msgspec.Raw]


class _KeptOperation(msgspec.Struct):
    result: _Kept


_SINGLE: Final = msgspec.json.Decoder(_Result)
_BATCH: Final = msgspec.json.Decoder(_Results)
_STREAM: Final = msgspec.json.Decoder(_Operation)
_SENT: Final[msgspec.json.Decoder[SignedBody]] = msgspec.json.Decoder(SignedBody)


@dataclass(slots=True)
class Tally:
    """What the messages came to.

    Attributes
    ----------
    verdicts, errors : Counter of str
        Messages that were taken, by verdict; those that were not, by code.
    """

    mode: Mode
    verdicts: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    _samples: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        return self.verdicts.total()

    def count(self, expected: int, body: bytes) -> int:
        """Count an answer and return the number of its request; over HTTP it is the one that is expected.

        Who answers with too few or too many results has given none.
        """
        number, results, error = self._read(expected, body)
        size = self.mode.framing.chunk
        if error is None and len(results) != size:
            error = _Refusal("wrong_number_of_results")
        if error is not None:
            self.errors[error.code] += size
            return number
        for result in results:
            if result.error is not None:
                self.errors[result.error.code] += 1
            else:
                self.verdicts[result.verdict] += 1
        if number % SAMPLE_EVERY == 0:
            self._samples.append((number, body))
        return number

    def lose(self, code: str, requests: int) -> None:
        """Count requests that have no answer."""
        if requests:
            self.errors[code] += requests * self.mode.framing.chunk

    def verify_samples(self, chunks: list[list[bytes]]) -> int:
        """Return how many receipts were verified: they are of the messages that were sent."""
        verified = 0
        for number, body in self._samples:
            for sent, raw in zip(chunks[number], self._raw_results(body), strict=True):
                if b'"error":' not in bytes(raw):
                    verify_receipt(sent, bytes(raw))
                    verified += 1
        return verified

    def _read(self, expected: int, body: bytes) -> tuple[int, list[_Result], _Refusal | None]:
        try:
            if self.mode.is_stream:
                operation = _STREAM.decode(body)
                results = operation.result or _Results()
                return operation.id, results.results, operation.error
            if self.mode.framing.chunk > 1:
                batch = _BATCH.decode(body)
                return expected, batch.results, batch.error
            return expected, [_SINGLE.decode(body)], None
        except msgspec.DecodeError:
            return expected, [], _Refusal("malformed_answer")

    def _raw_results(self, body: bytes) -> list[Any]:
        if self.mode.is_stream:
            return list(msgspec.json.decode(body, type=_KeptOperation).result.results)
        if self.mode.framing.chunk > 1:
            return list(msgspec.json.decode(body, type=_Kept).results)
        return [body]


def verify_receipt(sent: bytes, answer: bytes) -> None:
    """Fail unless an answer has a good receipt for the message that was sent."""
    message = to_signed(_SENT.decode(sent), MARKETS).message
    result = msgspec.json.decode(answer, type=MessageResult)
    signed = result.receipt.receipt()
    if (result.account, result.nonce) != (message.account, message.nonce):
        raise AssertionError(f"the answer to {message} is of nonce {result.nonce} of {result.account}")
    if (signed.receipt.sequence, signed.receipt.message_hash) != (result.sequence, message.hash(DOMAIN)):
        raise AssertionError(f"the receipt of {message} is of another message")
    if RECEIPTS.signer_of(signed) != RECEIPT_KEY.address:
        raise AssertionError(f"the receipt of {message} is not of the operator")
