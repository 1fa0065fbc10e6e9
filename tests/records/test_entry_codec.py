"""Whatever a log says, its bytes give it back, and other bytes give nothing."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sequencer.model.message import Message
from sequencer.records.entries import Decided, Entry, JournalEntry, Progressed, SettlementEntry
from sequencer.records.entry_codec import Kind, decode_entry, encode_entry, kind_of
from sequencer.store.life import BatchState
from tests.records.generated import ENTRIES, entries


@pytest.mark.parametrize("kind", ENTRIES, ids=lambda kind: kind.__name__.lower())
@given(data=st.data())
def test_an_entry_is_what_its_bytes_say(kind: type[Entry], data: st.DataObject) -> None:
    entry = data.draw(ENTRIES[kind])
    payload = encode_entry(entry)
    assert decode_entry(payload) == entry
    assert kind_of(payload).name == kind.__name__.upper()


def test_no_entry_is_left_out() -> None:
    kinds = {*get_args(JournalEntry), *get_args(SettlementEntry)}
    assert set(ENTRIES) == kinds == set(get_args(Entry))
    assert {kind.__name__.upper() for kind in kinds} == {kind.name for kind in Kind}


@given(st.sampled_from(list(Kind)), st.binary(max_size=300))
def test_any_bytes_are_one_entry_or_none(kind: Kind, rest: bytes) -> None:
    require_one_or_none(bytes([kind]) + rest)


@given(entries, st.data())
def test_a_changed_byte_makes_another_entry_or_none(entry: Entry, data: st.DataObject) -> None:
    payload = bytearray(encode_entry(entry))
    place = data.draw(st.integers(0, len(payload) - 1))
    payload[place] ^= data.draw(st.integers(1, 255))
    assert require_one_or_none(bytes(payload)) != entry


@given(entries, st.data())
def test_bytes_that_end_early_or_late_are_no_entry(entry: Entry, data: st.DataObject) -> None:
    payload = encode_entry(entry)
    for wrong in (payload[: data.draw(st.integers(0, len(payload) - 1))], payload + b"\0"):
        with pytest.raises(ValueError, match=r"missing|too many|is not a valid"):
            decode_entry(wrong)


@pytest.mark.parametrize("payload", [b"", b"\0", b"\xff"])
def test_what_begins_as_no_entry_does_has_no_kind(payload: bytes) -> None:
    for read in (kind_of, decode_entry):
        with pytest.raises(ValueError, match=r"missing|is not a valid"):
            read(payload)


@pytest.mark.parametrize("field", ["account", "nonce", "price", "size", "target", "max_fee_ppm"])
def test_a_message_that_does_not_fit_its_words_is_not_written(field: str) -> None:
    fields: dict[str, Any] = {field: 1 << 48}
    with pytest.raises(ValueError, match="does not fit"):
        encode_entry(Decided(replace(Message(1, 1, 1), **fields)))


def test_no_batch_progresses_to_being_sequenced() -> None:
    payload = encode_entry(Progressed(7, BatchState.SEQUENCED))
    with pytest.raises(ValueError, match="no batch progresses"):
        decode_entry(payload)


def require_one_or_none(payload: bytes) -> Entry | None:
    """The entry of the bytes, which are then the only ones that say it; None if there is none."""
    try:
        entry = decode_entry(payload)
    except ValueError:
        return None
    assert encode_entry(entry) == payload
    return entry
