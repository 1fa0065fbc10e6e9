"""The record of a sealed batch as bytes."""

import json
import zlib
from typing import Final

from sequencer.model import constants as c
from sequencer.model.message import Message, SignedMessage
from sequencer.model.request import Request
from sequencer.state.record import BatchRecord
from sequencer.store.bytestream import ByteReader, ByteWriter
from sequencer.store.state_codec import read_fields, write_fields

_MESSAGE: Final = (
    ("account", 3),
    ("key_epoch", 2),
    ("nonce", 6),
    ("kind", 1),
    ("market", 1),
    ("side", 1),
    ("ioc", 1),
    ("post_only", 1),
    ("reduce_only", 1),
    ("expiry", 5),
    ("max_fee_ppm", 3),
    ("price", 4),
    ("size", 6),
    ("target", 5),
)


def encode_record(record: BatchRecord) -> bytes:
    """Return a batch's record as bytes."""
    writer = ByteWriter()
    writer.unsigned(record.number, 8)
    writer.blob(record.size.encode())
    writer.word(record.state_root)
    writer.words(record.contract_words)
    writer.words(record.log_leaves)
    writer.words(word for request in record.requests for word in request.words())
    writer.unsigned(len(record.messages), 2)
    for signed in record.messages:
        write_signed(writer, signed)
    writer.blob(zlib.compress(json.dumps(record.inputs).encode()))
    return writer.bytes()


def decode_record(data: bytes) -> BatchRecord:
    """Return the record of its bytes; ValueError if they are not one."""
    reader = ByteReader(data)
    record = BatchRecord(
        number=reader.unsigned(8),
        size=reader.blob().decode(),
        state_root=reader.word(),
        contract_words=reader.words(),
        log_leaves=reader.words(),
        requests=_requests(reader.words()),
        messages=tuple(read_signed(reader) for _ in range(reader.unsigned(2))),
        inputs=json.loads(zlib.decompress(reader.blob())),
    )
    reader.end()
    return record


def write_signed(writer: ByteWriter, signed: SignedMessage) -> None:
    """Append a signed message."""
    write_fields(writer, signed.message, _MESSAGE)
    for part in signed.signature:
        writer.word(part)


def read_signed(reader: ByteReader) -> SignedMessage:
    """Read what `write_signed` wrote."""
    fields = read_fields(reader, _MESSAGE)
    message = Message(
        account=fields["account"],
        key_epoch=fields["key_epoch"],
        nonce=fields["nonce"],
        kind=fields["kind"],
        market=fields["market"],
        side=fields["side"],
        ioc=bool(fields["ioc"]),
        post_only=bool(fields["post_only"]),
        reduce_only=bool(fields["reduce_only"]),
        expiry=fields["expiry"],
        max_fee_ppm=fields["max_fee_ppm"],
        price=fields["price"],
        size=fields["size"],
        target=fields["target"],
    )
    return SignedMessage(message, (reader.word(), reader.word(), reader.word()))


def _requests(words: tuple[int, ...]) -> tuple[Request, ...]:
    starts = range(0, len(words), c.REQUEST_WORDS)
    return tuple(Request.from_words(*words[start : start + c.REQUEST_WORDS]) for start in starts)
