"""Signed messages whose batch was undone: they wait here until another batch has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import plyvel  # type: ignore[import-untyped]

from sequencer.model.message import SignedMessage
from sequencer.store.bytestream import ByteReader, ByteWriter
from sequencer.store.database import Writer, entries, numbered
from sequencer.store.record_codec import read_signed, write_signed

_RETURNED: Final = b"returned/"
_REFUSED: Final = b"refused/"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A returned message that the new state does not admit, and the code of the cause."""

    signed: SignedMessage
    code: str


class ReturnedMessages:
    """The queue of returned messages, and those that were refused in the end."""

    def __init__(self, database: plyvel.DB) -> None:
        self._database = database

    def waiting(self) -> list[SignedMessage]:
        """Return the messages in the order in which they were sequenced."""
        return [_decode_signed(data) for _, data in self._entries(_RETURNED)]

    def refused(self) -> list[Refusal]:
        """Return all refusals, oldest first."""
        return [_decode_refusal(data) for _, data in self._entries(_REFUSED)]

    def put_back(self, write: Writer, messages: Sequence[SignedMessage]) -> None:
        """Queue the messages of batches that are undone: they came before all that wait."""
        queue = [*messages, *self.waiting()]
        for number, _ in self._entries(_RETURNED):
            write.delete(numbered(_RETURNED, number))
        for number, signed in enumerate(queue):
            write.put(numbered(_RETURNED, number), _encode_signed(signed))

    def take(self, write: Writer, messages: Sequence[SignedMessage], refused: Sequence[Refusal]) -> None:
        """Remove what a batch that is committed has or has refused."""
        gone = {_encode_signed(signed) for signed in messages}
        gone |= {_encode_signed(refusal.signed) for refusal in refused}
        for number, data in self._entries(_RETURNED):
            if data in gone:
                write.delete(numbered(_RETURNED, number))
        first = len(self._entries(_REFUSED))
        for number, refusal in enumerate(refused, start=first):
            write.put(numbered(_REFUSED, number), _encode_refusal(refusal))

    def _entries(self, prefix: bytes) -> list[tuple[int, bytes]]:
        return entries(self._database, prefix)


def _encode_signed(signed: SignedMessage) -> bytes:
    writer = ByteWriter()
    write_signed(writer, signed)
    return writer.bytes()


def _decode_signed(data: bytes) -> SignedMessage:
    reader = ByteReader(data)
    signed = read_signed(reader)
    reader.end()
    return signed


def _encode_refusal(refusal: Refusal) -> bytes:
    writer = ByteWriter()
    write_signed(writer, refusal.signed)
    writer.blob(refusal.code.encode())
    return writer.bytes()


def _decode_refusal(data: bytes) -> Refusal:
    reader = ByteReader(data)
    refusal = Refusal(read_signed(reader), reader.blob().decode())
    reader.end()
    return refusal
