"""The data stream and the public inputs that bind it."""

from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from sequencer.batch.stream import FLAG_BITS, Stream, chain, challenge, evaluate
from sequencer.crypto import poseidon
from sequencer.model import constants as c
from tests.batch.fixtures import random_batch
from tests.batch.venue import RICH, Venue

words = st.lists(st.integers(0, c.FIELD_MODULUS - 1), min_size=1, max_size=40)


@given(words, st.integers(0, c.FIELD_MODULUS - 1))
def test_y_is_the_polynomial_of_the_words_at_r(values: list[int], r: int) -> None:
    expected = sum(value * pow(r, power, c.FIELD_MODULUS) for power, value in enumerate(values))
    assert evaluate(values, r) == expected % c.FIELD_MODULUS


def test_r_hashes_the_words_as_the_contract_does() -> None:
    inner = keccak((5).to_bytes(32, "big") + (6).to_bytes(32, "big"))
    expected = int.from_bytes(keccak((4).to_bytes(32, "big") + inner), "big") % c.FIELD_MODULUS
    assert challenge(4, [5, 6]) == expected


def test_the_chain_takes_fifteen_words_a_link() -> None:
    first = poseidon((0, *range(15)))
    assert chain(range(15)) == first
    assert chain(range(16)) == poseidon((first, 15, *[0] * 14))


def test_c_tells_an_absent_word_from_a_zero() -> None:
    header = tuple(range(c.HEADER_WORDS))
    absent, zero = Stream((*header, None), 0), Stream((*header, 0), 0)
    assert absent.commitment() != zero.commitment()
    assert absent.words == list(header)
    assert zero.words == [*header, 0]


def test_flags_are_packed_from_the_first_slot_on() -> None:
    header = (0,) * c.HEADER_WORDS
    body = (7, *[None] * (FLAG_BITS - 1), 9)
    values = [*header, 7, *[0] * (FLAG_BITS - 1), 9]
    assert Stream((*header, *body), 0).commitment() == chain([*values, 1, 1])


def test_the_contract_is_not_sent_its_own_queue() -> None:
    venue = Venue()
    venue.deposit(1, 5)
    venue.deposit(2, 6)
    batch = venue.seal()
    queue = [word for event in batch.requests for word in event.request.words()]
    header, others = batch.words[: c.HEADER_WORDS], batch.words[c.HEADER_WORDS + len(queue) :]
    assert batch.words == header + queue + others
    assert batch.contract_words == header + others
    assert others[:2] == [event.outcome.word() for event in batch.requests]


def test_the_counts_tell_how_long_the_stream_is() -> None:
    for seed in range(4):
        batch = random_batch(seed, "reference")
        counts = batch.words[c.HEADER_COUNTS]
        assert counts >> c.COUNTS_WORDS_AT == len(batch.words)
        assert counts & 0xFFFF == len(batch.requests)


def test_only_what_changed_is_published() -> None:
    venue = Venue()
    venue.buy(1, 1, 990)
    first = venue.seal()
    # One account whose trading leaf changed, one market whose price word did.
    assert len(first.words) == c.HEADER_WORDS + 2 + 2
    venue.open()
    venue.deposit(1, 5)
    second = venue.seal()
    record = 1 | 0b10 << c.RECORD_BITMAP_AT | c.RECORD_TAG_ACCOUNT << c.RECORD_TAG_AT
    place = second.words.index(record)
    assert second.words[place + 1] == RICH + 5
