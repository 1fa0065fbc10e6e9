"""The words of calldata: c fixes every slot before r exists, y sums the present ones."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.witness import Nested
from sequencer.batch.stream import FLAG_BITS, Stream, StreamSlot, evaluate
from sequencer.crypto import FIELD_MODULUS
from sequencer.model import constants as c
from tests.circuits.harness import CircuitTester

HEADER = [1000 + word for word in range(c.HEADER_WORDS)]
OPTIONAL = 4
R = 0xDECADE << 220
ABSENT = None
WORDS = st.integers(0, 2) | st.integers(0, FIELD_MODULUS - 1)


@pytest.fixture(scope="module")
def stream() -> CircuitTester:
    return CircuitTester("Stream", (c.HEADER_WORDS + OPTIONAL, c.HEADER_WORDS))


def inputs(slots: list[StreamSlot], r: int = R) -> dict[str, Nested]:
    return {
        "r": r,
        "word": [slot or 0 for slot in slots],
        "present": [int(slot is not None) for slot in slots],
    }


def check(circuit: CircuitTester, slots: list[StreamSlot], r: int) -> None:
    expected = Stream(tuple(slots), requests=0)
    assert circuit.accepts(inputs(slots, r))
    assert circuit.witness(inputs(slots, r)) == {
        "c": expected.commitment(),
        "y": evaluate(expected.words, r),
    }


@given(
    header=st.lists(WORDS, min_size=c.HEADER_WORDS, max_size=c.HEADER_WORDS),
    body=st.lists(st.none() | WORDS, min_size=OPTIONAL, max_size=OPTIONAL),
    r=st.integers(0, 2) | st.integers(0, FIELD_MODULUS - 1),
)
@settings(max_examples=30)
def test_the_stream_is_that_of_the_sequencer(
    stream: CircuitTester, header: list[int], body: list[StreamSlot], r: int
) -> None:
    check(stream, [*header, *body], r)


def test_flags_that_fill_two_words_are_those_of_the_sequencer() -> None:
    circuit = CircuitTester("Stream", (c.HEADER_WORDS + FLAG_BITS + 1, c.HEADER_WORDS))
    body = [ABSENT if slot % 3 else slot for slot in range(FLAG_BITS)]
    check(circuit, [*HEADER, *body, 7], R)
    check(circuit, [*HEADER, *body, ABSENT], R)


@pytest.mark.parametrize("place", range(OPTIONAL))
@pytest.mark.parametrize("word", [1, -1])
def test_an_absent_slot_holds_no_word(stream: CircuitTester, place: int, word: int) -> None:
    """It would be under c and not in calldata."""
    honest = inputs([*HEADER, *[ABSENT] * OPTIONAL])
    lie = [*HEADER, *[word if slot == place else 0 for slot in range(OPTIONAL)]]
    assert stream.accepts(honest)
    assert stream.rejects(honest | {"word": lie})


def test_c_tells_where_a_word_stands_and_y_only_its_order(stream: CircuitTester) -> None:
    first = stream.witness(inputs([*HEADER, 5, ABSENT, 6, ABSENT]))
    second = stream.witness(inputs([*HEADER, ABSENT, 5, ABSENT, 6]))
    assert first["y"] == second["y"]
    assert first["c"] != second["c"]


def test_a_word_of_0_is_not_an_absent_word(stream: CircuitTester) -> None:
    with_zero = stream.witness(inputs([*HEADER, 5, 0, 6, ABSENT]))
    without = stream.witness(inputs([*HEADER, 5, ABSENT, 6, ABSENT]))
    assert with_zero["c"] != without["c"]
    assert with_zero["y"] != without["y"]


@pytest.mark.parametrize("place", [0, c.HEADER_WORDS - 1, c.HEADER_WORDS, c.HEADER_WORDS + 2])
def test_every_present_word_is_under_both(stream: CircuitTester, place: int) -> None:
    slots: list[StreamSlot] = [*HEADER, 5, ABSENT, 6, ABSENT]
    changed = [99 if slot == place else word for slot, word in enumerate(slots)]
    told, other = stream.witness(inputs(slots)), stream.witness(inputs(changed))
    assert told["c"] != other["c"]
    assert told["y"] != other["y"]


@pytest.mark.parametrize("signal", ["main.c", "main.y"])
def test_a_public_value_cannot_be_lied_about(stream: CircuitTester, signal: str) -> None:
    assert not stream.accepts_witness_with(inputs([*HEADER, 5, ABSENT, 6, ABSENT]), {signal: 1})


@pytest.mark.parametrize("place", range(1, c.HEADER_WORDS + OPTIONAL))
def test_a_sum_cannot_be_lied_about(stream: CircuitTester, place: int) -> None:
    honest = inputs([*HEADER, 5, ABSENT, 6, 7])
    assert not stream.accepts_witness_with(honest, {f"main.sum[{place}]": 1})


def test_an_absent_slot_does_not_count(stream: CircuitTester) -> None:
    """Counted as a word of 0, it would move every later word to the next power of r."""
    honest, absent = [*HEADER, 5, ABSENT, 6, ABSENT], c.HEADER_WORDS + 1
    lie = {f"main.factor[{absent}]": R}
    for place in range(absent + 1):
        words = [0 if word is ABSENT else word for word in honest[place : absent + 2]]
        lie["main.y" if place == 0 else f"main.sum[{place}]"] = evaluate(words, R)
    assert stream.accepts(inputs(honest))
    assert not stream.accepts_witness_with(inputs(honest), lie)


@pytest.mark.parametrize("place", [0, c.HEADER_WORDS, c.HEADER_WORDS + 2])
def test_another_word_than_the_one_under_c_does_not_count(stream: CircuitTester, place: int) -> None:
    slots: list[StreamSlot] = [*HEADER, 5, ABSENT, 6, ABSENT]
    words = [99 if slot == place else word for slot, word in enumerate(slots)]
    lie = {}
    for start in range(place + 1):
        told = [word for word in words[start:] if word is not None]
        lie["main.y" if start == 0 else f"main.sum[{start}]"] = evaluate(told, R)
    assert not stream.accepts_witness_with(inputs(slots), lie)
