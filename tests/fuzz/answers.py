"""What other machines answer: signers, price sources, queue and workers of the farm, the exchange."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
from pydantic import ValidationError

from proofbook.client import delivery, transport
from proofbook.client.errors import BrokenPromiseError, ClientError, MalformedAnswerError
from proofbook.client.receipts import ReceiptChecker
from prover.farm import inputs, wire
from prover.farm.errors import JobInputsError
from prover.farm.job import Job, JobState, JobView, Lease, Overview
from prover.proof import Points
from sequencer.chain.receipts import Receipt, ReceiptDomain, SignedReceipt
from sequencer.crypto import public_key
from sequencer.oracle.client import RoundCollector
from sequencer.oracle.errors import EndpointError, PriceError
from sequencer.oracle.source import _number
from sequencer.oracle.wire import KeyBody, RefusalBody, ReportBody
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.traders import wallet
from sequencer.service.wire.account import ChallengeBody
from sequencer.service.wire.orders import ReceiptBody
from sequencer.service.wire.scalars import ErrorBody, Refusal
from sequencer.service.wire.stream import AnyPush, BookPush, Heartbeat, OperationAnswer, TradesPush
from tests.fuzz.target import Target, chosen

DOMAIN, TIME = 77, 1_584_008_280
SIGNERS = OracleSigners(1)
COLLECTOR = RoundCollector((), SIGNERS.keys, DOMAIN, live_markets=1)
PATHS: tuple[tuple[str | int, ...], ...] = ((), ("price",), ("data", 0, "last"), ("", -1))
FARM: tuple[type[wire.Body], ...] = (
    wire.SubmitRequest,
    wire.JobAnswer,
    wire.ResultAnswer,
    wire.ViewBody,
    wire.OverviewBody,
    wire.LeaseRequest,
    wire.LeaseAnswer,
    wire.HeartbeatRequest,
    wire.HeartbeatAnswer,
    wire.CompleteRequest,
    wire.FailRequest,
    wire.DoneAnswer,
    wire.RefusalBody,
)
ANSWERS: tuple[Any, ...] = (AnyPush, OperationAnswer, ErrorBody, ChallengeBody)
POINTS = Points((1, 2), ((1, 2), (3, 4)), (5, 6))
RECEIPTS = ReceiptDomain(31337, "0x8Cda081F4B015aFacF846493dE2847c6B76D33f6")
SIGNER = wallet("node receipts")
RECEIPT = Receipt(1, 2, 3, TIME, 5, 6, 7)


def check_report(data: bytes) -> None:
    """The answer of a signer."""
    try:
        report = COLLECTOR._checked(data, TIME)
    except EndpointError:
        return
    assert ReportBody.of(report, DOMAIN).report() == report


def check_oracle(data: bytes) -> None:
    """The other answers of a signer."""
    kind, body = chosen((RefusalBody, KeyBody, ReportBody), data)
    _check_model(kind, body)


def check_price(data: bytes) -> None:
    """The answer of a price source, looked at under one of some paths."""
    path, body = chosen(PATHS, data)
    try:
        price = _number(body, path)
    except PriceError:
        return
    assert price > 0


def check_farm(data: bytes) -> None:
    """A request or an answer of the proving farm; its kind is the first byte."""
    kind, body = chosen(FARM, data)
    match _check_model(kind, body):
        case wire.SubmitRequest(inputs=text):
            _check_inputs(text.encode())
        case wire.LeaseAnswer(lease=wire.LeaseBody() as lease):
            _check_inputs(lease.lease().job.inputs)
        case wire.CompleteRequest(proof=proof):
            assert wire.PointsBody.of(proof.points()) == proof
        case wire.ViewBody() as view:
            assert wire.ViewBody.of(view.view()) == view
        case wire.OverviewBody() as overview:
            assert wire.OverviewBody.of(overview.overview()) == overview


def check_result(data: bytes) -> None:
    """What an exchange answers to a message, and the receipt in it, as the client takes them."""
    try:
        result = delivery._decoded(msgspec.Raw(data))
        receipt = delivery._receipt(result)
    except ClientError:
        return
    _check_receipt(receipt)


def check_receipt(data: bytes) -> None:
    """A receipt that somebody shows."""
    try:
        body = transport._decoded(data, ReceiptBody)
        receipt = body.receipt()
    except (MalformedAnswerError, ValueError):
        return
    _check_receipt(receipt)


def check_answer(data: bytes) -> None:
    """What an exchange says on a stream or answers to a question; its kind is the first byte."""
    kind, text = chosen(ANSWERS, data)
    try:
        said = transport._decoded(text, kind)
    except MalformedAnswerError:
        return
    assert msgspec.json.decode(msgspec.json.encode(said), type=kind) == said


def _check_model(kind: type[Any], body: bytes) -> Any:
    try:
        said = kind.model_validate_json(body)
    except ValidationError:
        return None
    assert kind.model_validate_json(said.model_dump_json()) == said
    return said


def _check_inputs(text: bytes) -> None:
    try:
        told = inputs.decoded(text)
        assert inputs.decoded(inputs.encoded(told)) == told
        inputs.public_signals(told)
    except JobInputsError:
        return


def _check_receipt(signed: SignedReceipt) -> None:
    try:
        ReceiptChecker(RECEIPTS, SIGNER.address).check(signed, signed.receipt.message_hash, 1, 1)
    except BrokenPromiseError:
        return
    assert RECEIPTS.signer_of(signed) == SIGNER.address


def _reports() -> Iterator[bytes]:
    for report in SIGNERS.round(DOMAIN, TIME, 700_000):
        yield ReportBody.of(report, DOMAIN).model_dump_json().encode()
    yield b'{"error":{"code":"not_due","message":"later"}}'


def _oracle() -> Iterator[bytes]:
    yield b'\x00{"error":{"code":"not_due","message":"later"}}'
    x, y = (f"{part:#066x}" for part in public_key(5))
    yield b"\x01" + json.dumps({"signer": 1, "key": [x, y], "domain": "77", "period_seconds": 1}).encode()


def _prices() -> Iterator[bytes]:
    yield b"\x007278.62"
    yield b'\x01{"price":"7278.62"}'
    yield b'\x02{"data":[{"last":7278.62e0}]}'
    yield b"\x00" + b"[" * 500


def _farm() -> Iterator[bytes]:
    text = inputs.encoded({"c": 1, "r": 2, "y": 3, "x": [["4", 5], []]})
    job = Job("small-1", "small", 5, text)
    view = JobView("small-1", "small", JobState.LEASED, 5, 1, "w", "half", 1, 2, ())
    points = wire.PointsBody.of(POINTS)
    said: tuple[wire.Body, ...] = (
        wire.SubmitRequest(size="small", priority=5, inputs=text.decode()),
        wire.JobAnswer(id="small-1"),
        wire.ResultAnswer(proof=points),
        wire.ViewBody.of(view),
        wire.OverviewBody.of(Overview(9, {JobState.LEASED: 1}, (view,))),
        wire.LeaseRequest(worker="w", sizes=["small"], token="0" * 32),
        wire.LeaseAnswer(lease=wire.LeaseBody.of(Lease("0" * 32, job, 60))),
        wire.HeartbeatRequest(progress="half"),
        wire.HeartbeatAnswer(deadline=9),
        wire.CompleteRequest(proof=points),
        wire.FailRequest(evidence="killed"),
        wire.DoneAnswer(),
        wire.RefusalBody(error=wire.Refusal(code="x", message="y")),
    )
    for body in said:
        yield bytes([FARM.index(type(body))]) + body.model_dump_json().encode()


def _receipts() -> Iterator[bytes]:
    signed = RECEIPTS.sign(SIGNER, RECEIPT)
    yield msgspec.json.encode(ReceiptBody.of(signed))
    yield msgspec.json.encode(ReceiptBody.of(SignedReceipt(RECEIPT, bytes(65))))


def _results() -> Iterator[bytes]:
    refusal = Refusal(code="nonce_used", message="m", cure="c")
    yield msgspec.json.encode(ErrorBody(error=refusal))
    for receipt in _receipts():
        yield (
            b'{"account":1,"nonce":2,"kind":"cancel_all","sequence":3,"batch":4,"verdict":"cancelled",'
            b'"received_ms":5,"cancelled":[1,2],"order":null,"repeated":false,"receipt":' + receipt + b"}"
        )


def _answers() -> Iterator[bytes]:
    common = {"entry": 5, "prev": 4, "time_ms": 3, "snapshot": False, "market": "BTC-USD"}
    book = BookPush(**common, bids=[("1.0", "2.0")], asks=[], checksum=9)  # type: ignore[arg-type]
    said: tuple[tuple[int, object], ...] = (
        (0, book),
        (0, TradesPush(**common, trades=[])),  # type: ignore[arg-type]
        (0, Heartbeat(time_ms=1)),
        (1, OperationAnswer(id=1, result=msgspec.Raw(b"{}"))),
        (2, ErrorBody(error=Refusal(code="x", message="y", cure="z"))),
        (3, ChallengeBody(challenge="5", expires_ms=6)),
    )
    for place, body in said:
        yield bytes([place]) + msgspec.json.encode(body)
    yield b'\x02{"x":' + b"[" * 5_000


TARGETS = (
    Target("report", check_report, _reports),
    Target("oracle", check_oracle, _oracle),
    Target("price", check_price, _prices),
    Target("farm", check_farm, _farm),
    Target("result", check_result, _results),
    Target("receipt", check_receipt, _receipts),
    Target("answer", check_answer, _answers),
)
