"""The entries of the two logs as bytes: a kind, then the fields in the order in which they are declared."""

from enum import IntEnum
from typing import Final

from sequencer.model import constants as c
from sequencer.model.message import Message, SignedMessage
from sequencer.model.request import Request
from sequencer.records.entries import (
    Armed,
    Closed,
    Confirmed,
    Consumed,
    Decided,
    Disarmed,
    Entry,
    Opened,
    Progressed,
    Refused,
    Sequenced,
    Unwound,
)
from sequencer.records.opening_codec import read_opening, write_opening
from sequencer.store.bytestream import ByteReader, ByteWriter
from sequencer.store.life import BatchState

_KIND_BYTES: Final = 1
_NUMBER_BYTES: Final = 8
_TIME_MS_BYTES: Final = 8
_ACCOUNT_BYTES: Final = 3
_STATE_BYTES: Final = 1
_HASH_BYTES: Final = 32
# The two words of a message.
_FIRST_BITS: Final = c.MESSAGE_MAX_FEE_AT + c.PPM_BITS
_FIRST_BYTES: Final = 20
_SECOND_BYTES: Final = 15


class Kind(IntEnum):
    """What an entry is: its first byte."""

    OPENED = 1
    CONSUMED = 2
    SEQUENCED = 3
    DECIDED = 4
    CLOSED = 5
    ARMED = 6
    DISARMED = 7
    PROGRESSED = 8
    UNWOUND = 9
    REFUSED = 10
    CONFIRMED = 11


def kind_of(payload: bytes) -> Kind:
    """Return the kind of an entry without decoding the rest; ValueError if no entry begins so."""
    return Kind(int.from_bytes(payload[:_KIND_BYTES], "big"))


def encode_entry(entry: Entry) -> bytes:
    """Return an entry as bytes.

    Raises
    ------
    ValueError, OverflowError
        If a field does not fit its width.
    """
    writer = ByteWriter()
    match entry:
        case Sequenced(signed, received_ms):
            writer.unsigned(Kind.SEQUENCED, _KIND_BYTES)
            _write_signed(writer, signed)
            writer.unsigned(received_ms, _TIME_MS_BYTES)
        case Opened(batch, opening):
            _write_numbered(writer, Kind.OPENED, batch)
            write_opening(writer, opening)
        case Consumed(request):
            _write_request(writer, Kind.CONSUMED, request)
        case Decided(message):
            writer.unsigned(Kind.DECIDED, _KIND_BYTES)
            _write_message(writer, message)
        case Closed(batch):
            _write_numbered(writer, Kind.CLOSED, batch)
        case Armed(signed, fire_at_ms):
            writer.unsigned(Kind.ARMED, _KIND_BYTES)
            _write_signed(writer, signed)
            writer.unsigned(fire_at_ms, _TIME_MS_BYTES)
        case Disarmed(account):
            writer.unsigned(Kind.DISARMED, _KIND_BYTES)
            writer.unsigned(account, _ACCOUNT_BYTES)
        case Progressed(batch, state, transaction):
            _write_numbered(writer, Kind.PROGRESSED, batch)
            writer.unsigned(state, _STATE_BYTES)
            writer.blob(transaction)
        case Unwound(to_batch, cause):
            _write_numbered(writer, Kind.UNWOUND, to_batch)
            writer.blob(cause.encode())
        case Refused(signed, code):
            writer.unsigned(Kind.REFUSED, _KIND_BYTES)
            _write_signed(writer, signed)
            writer.blob(code.encode())
        case Confirmed(request):
            _write_request(writer, Kind.CONFIRMED, request)
    return writer.bytes()


def decode_entry(payload: bytes) -> Entry:
    """Return the entry of its bytes; ValueError if they are of none."""
    reader = ByteReader(payload)
    entry = _read(Kind(reader.unsigned(_KIND_BYTES)), reader)
    reader.end()
    return entry


def _read(kind: Kind, reader: ByteReader) -> Entry:
    match kind:
        case Kind.SEQUENCED:
            return Sequenced(_read_signed(reader), reader.unsigned(_TIME_MS_BYTES))
        case Kind.OPENED:
            return Opened(reader.unsigned(_NUMBER_BYTES), read_opening(reader))
        case Kind.CONSUMED:
            return Consumed(_read_request(reader))
        case Kind.DECIDED:
            return Decided(_read_message(reader))
        case Kind.CLOSED:
            return Closed(reader.unsigned(_NUMBER_BYTES))
        case Kind.ARMED:
            return Armed(_read_signed(reader), reader.unsigned(_TIME_MS_BYTES))
        case Kind.DISARMED:
            return Disarmed(_read_account(reader))
        case Kind.PROGRESSED:
            return _read_progress(reader)
        case Kind.UNWOUND:
            return Unwound(reader.unsigned(_NUMBER_BYTES), reader.blob().decode())
        case Kind.REFUSED:
            return Refused(_read_signed(reader), reader.blob().decode())
        case Kind.CONFIRMED:
            return Confirmed(_read_request(reader))


def _write_numbered(writer: ByteWriter, kind: Kind, number: int) -> None:
    writer.unsigned(kind, _KIND_BYTES)
    writer.unsigned(number, _NUMBER_BYTES)


def _write_message(writer: ByteWriter, message: Message) -> None:
    first, second = message.words()
    writer.unsigned(first, _FIRST_BYTES)
    writer.unsigned(second, _SECOND_BYTES)


def _read_message(reader: ByteReader) -> Message:
    first, second = reader.unsigned(_FIRST_BYTES), reader.unsigned(_SECOND_BYTES)
    if first >> _FIRST_BITS:
        raise ValueError("a message has bits beyond its fields")
    return Message.from_words(first, second)


def _write_signed(writer: ByteWriter, signed: SignedMessage) -> None:
    _write_message(writer, signed.message)
    for part in signed.signature:
        writer.word(part)


def _read_signed(reader: ByteReader) -> SignedMessage:
    return SignedMessage(_read_message(reader), (reader.word(), reader.word(), reader.word()))


def _write_request(writer: ByteWriter, kind: Kind, request: Request) -> None:
    writer.unsigned(kind, _KIND_BYTES)
    for word in request.words():
        writer.word(word)


def _read_request(reader: ByteReader) -> Request:
    words = reader.word(), reader.word(), reader.word()
    request = Request.from_words(*words)
    if request.words() != words:
        raise ValueError("a request has bits beyond its fields")
    return request


def _read_account(reader: ByteReader) -> int:
    account = reader.unsigned(_ACCOUNT_BYTES)
    if account >> c.ACCOUNT_BITS:
        raise ValueError(f"{account} is no account")
    return account


def _read_progress(reader: ByteReader) -> Progressed:
    batch = reader.unsigned(_NUMBER_BYTES)
    state, transaction = BatchState(reader.unsigned(_STATE_BYTES)), reader.blob()
    if state is BatchState.SEQUENCED or len(transaction) not in (0, _HASH_BYTES):
        raise ValueError(f"no batch progresses to {state.name} by {len(transaction)} bytes")
    return Progressed(batch, state, transaction)
