"""The parts of the load generator, and small loads on the real service."""

import struct
from random import Random

import msgspec
import pytest
from msgspec.structs import replace

from bench.load.fanout import measure_fanout
from bench.load.flow import Flow, Framing
from bench.load.frames import CLOSE, TEXT, FrameReader, client_frame
from bench.load.histogram import Histogram
from bench.load.modes import MODES, SINGLES
from bench.load.runs import Load, run_load
from bench.load.search import PRECISION, highest
from bench.load.soak import growth
from bench.load.tally import Tally, verify_receipt

PATIENT = Load(per_second=20.0, seconds=4.0, patience_seconds=60.0)


def test_a_percentile_is_at_most_one_part_in_256_above_the_true_one() -> None:
    random, histogram = Random(1), Histogram()
    values = sorted(round(random.lognormvariate(8, 2)) for _ in range(20_000))
    for value in values:
        histogram.record(value)
    for share in (50, 99, 99.9, 100):
        true = values[-(-len(values) * round(share * 10) // 1_000) - 1]
        assert true <= histogram.percentile(share) <= true + true // 256
    assert (histogram.count, histogram.maximum) == (len(values), values[-1])


def test_a_histogram_of_nothing_is_zero() -> None:
    assert Histogram().percentile(99) == 0


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_frames_are_read_whole_however_they_arrive(size: int) -> None:
    payload = b"x" * size
    if size < 126:
        length = bytes([size])
    else:
        length = struct.pack("!BH", 126, size) if size < 65_536 else struct.pack("!BQ", 127, size)
    stream = (bytes([0x80 | TEXT]) + length + payload) * 2 + bytes([0x80 | CLOSE, 2]) + b"\x0f\xa8"
    for part in (1, 7, len(stream)):
        reader = FrameReader()
        step = max(part, len(stream) // 1_000)
        parts = [stream[at : at + step] for at in range(0, len(stream), step)]
        found = [frame for each in parts for frame in reader.feed(each)]
        assert found == [(TEXT, payload), (TEXT, payload), (CLOSE, b"\x0f\xa8")]


def test_a_frame_of_a_client_has_a_mask_that_changes_nothing() -> None:
    assert client_frame(TEXT, b"abc") == bytes([0x81, 0x83, 0, 0, 0, 0]) + b"abc"


@pytest.mark.parametrize("capacity", [3.0, 999.0, 1_000.0, 51_234.0])
def test_the_search_finds_what_a_server_can_do(capacity: float) -> None:
    found = highest(lambda rate: rate <= capacity, first=1_000.0)
    assert capacity / PRECISION <= found <= capacity


def test_growth_is_the_slope_after_the_warm_up() -> None:
    samples = [(float(at), 100.0 + max(0, 30 - at) * 7 + at / 20) for at in range(100)]
    assert growth(samples) == pytest.approx(3.0)


def test_an_answer_with_too_few_results_is_none() -> None:
    tally = Tally(MODES["batch"])
    tally.count(1, b'{"results":[{"verdict":"accepted"}]}')
    assert tally.errors == {"wrong_number_of_results": 100}
    assert tally.accepted == 0


def test_refusals_are_counted_by_their_code() -> None:
    tally = Tally(MODES["single"])
    tally.count(1, b'{"error":{"code":"overloaded","message":"","cure":""}}')
    tally.count(2, b'{"account":1,"nonce":1,"verdict":"accepted"}')
    tally.count(3, b"nonsense")
    assert tally.errors == {"overloaded": 1, "malformed_answer": 1}
    assert tally.verdicts == {"accepted": 1}


def test_a_stream_is_the_same_however_often_it_is_extended() -> None:
    at_once, in_parts = Flow(Framing(10, 4)), Flow(Framing(10, 4))
    at_once.extend(6)
    in_parts.extend(2)
    in_parts.extend(6)
    assert at_once.chunks == in_parts.chunks
    assert [len(chunk) for chunk in at_once.chunks] == [10] * 6


def test_lanes_share_no_account() -> None:
    flow = Flow(Framing(10, 2))
    flow.extend(8)
    even, odd = (
        {msgspec.json.decode(text)["account"] for chunk in flow.chunks[lane::2] for text in chunk}
        for lane in (0, 1)
    )
    assert even
    assert odd
    assert not even & odd


@pytest.mark.parametrize(("name", "chunk"), [("single", 1), ("batch", 5), ("stream", 5)])
def test_the_service_takes_all_that_was_signed_ahead_and_cancels_find_their_orders(
    name: str, chunk: int
) -> None:
    mode = replace(MODES[name], framing=Framing(chunk, lanes=4), connections=4)
    figures = run_load("service", mode, Flow(mode.framing), PATIENT)
    assert figures.errors == {}
    assert sum(figures.verdicts.values()) == figures.messages == 100
    assert figures.verdicts["cancelled"] > 0
    assert "not_found" not in figures.verdicts
    assert figures.receipts > 0


def test_the_bare_endpoint_takes_the_same_messages() -> None:
    mode = MODES["single"]
    figures = run_load("baseline", mode, Flow(mode.framing), PATIENT)
    assert figures.verdicts == {"accepted": 100}


def test_every_subscriber_has_every_change() -> None:
    figures = measure_fanout(4, Flow(SINGLES), PATIENT)
    assert figures.subscribers == 4
    assert figures.changes > 0


def test_a_receipt_of_another_message_is_found_out() -> None:
    flow = Flow(SINGLES)
    flow.extend(2)
    sent = msgspec.json.decode(flow.chunks[0][0])
    answer = {
        "account": sent["account"],
        "nonce": sent["nonce"] + 1,
        "kind": "order",
        "sequence": 1,
        "batch": 1,
        "verdict": "accepted",
        "received_ms": 0,
        "cancelled": [],
        "repeated": False,
        "receipt": {
            "batch_number": 1,
            "sequence": 1,
            "message_hash": "1",
            "due_by": 1,
            "epoch_hash": "1",
            "requests_end": 1,
            "queue_hash": "1",
            "signature": "0x" + "00" * 65,
        },
    }
    with pytest.raises(AssertionError, match="is of nonce"):
        verify_receipt(flow.chunks[0][0], msgspec.json.encode(answer))
    with pytest.raises(AssertionError, match="of another message"):
        verify_receipt(flow.chunks[0][0], msgspec.json.encode(answer | {"nonce": sent["nonce"]}))
