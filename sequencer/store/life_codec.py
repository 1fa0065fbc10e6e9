"""The life of a batch as bytes."""

from typing import Final

from sequencer.store.bytestream import ByteReader, ByteWriter
from sequencer.store.life import BatchLife, BatchState, Inclusion, SignedTransaction
from sequencer.store.state_codec import read_fields, write_fields

_SENT: Final = (("nonce", 8), ("max_fee", 16), ("priority_fee", 16), ("height", 8))
_INCLUSION: Final = (("block_number", 8), ("gas_used", 8))


def encode_life(life: BatchLife) -> bytes:
    """Return the life of a batch as bytes."""
    writer = ByteWriter()
    writer.unsigned(life.number, 8)
    writer.unsigned(life.state, 1)
    writer.words(life.proof)
    writer.unsigned(len(life.sent), 2)
    for sent in life.sent:
        writer.blob(sent.raw)
        writer.blob(sent.hash)
        write_fields(writer, sent, _SENT)
        writer.unsigned(sent.cancels, 1)
    writer.unsigned(life.is_rebuilt, 1)
    writer.unsigned(life.inclusion is not None, 1)
    if life.inclusion is not None:
        writer.blob(life.inclusion.transaction_hash)
        writer.blob(life.inclusion.block_hash)
        write_fields(writer, life.inclusion, _INCLUSION)
    return writer.bytes()


def decode_life(data: bytes) -> BatchLife:
    """Return the life of its bytes; ValueError if they are not one."""
    reader = ByteReader(data)
    life = BatchLife(
        number=reader.unsigned(8),
        state=BatchState(reader.unsigned(1)),
        proof=reader.words(),
        sent=tuple(_read_sent(reader) for _ in range(reader.unsigned(2))),
        is_rebuilt=bool(reader.unsigned(1)),
        inclusion=_read_inclusion(reader) if reader.unsigned(1) else None,
    )
    reader.end()
    return life


def _read_sent(reader: ByteReader) -> SignedTransaction:
    raw, hash_ = reader.blob(), reader.blob()
    fields = read_fields(reader, _SENT)
    return SignedTransaction(raw, hash_, **fields, cancels=bool(reader.unsigned(1)))


def _read_inclusion(reader: ByteReader) -> Inclusion:
    transaction_hash, block_hash = reader.blob(), reader.blob()
    return Inclusion(transaction_hash, block_hash, **read_fields(reader, _INCLUSION))
