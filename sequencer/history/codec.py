"""Records as bytes: canonical JSON, which alone of msgspec's forms holds field elements."""

from typing import Any, Final, TypeVar

import msgspec

from sequencer.history.types import (
    BatchProgress,
    Candle,
    Fill,
    FundingRate,
    MessageRecord,
    OrderRecord,
    Trade,
    Transfer,
)

Record = TypeVar("Record")

_KINDS: Final = (BatchProgress, Candle, Fill, FundingRate, MessageRecord, OrderRecord, Trade, Transfer)
_DECODERS: Final[dict[type, msgspec.json.Decoder[Any]]] = {
    kind: msgspec.json.Decoder(kind) for kind in _KINDS
}


def encode(record: object) -> bytes:
    """Return a record as bytes."""
    return msgspec.json.encode(record)


def decode(kind: type[Record], data: bytes) -> Record:
    """Return the record that `encode` was given.

    Raises
    ------
    ValueError
        If the bytes are not exactly what `encode` makes of such a record.
    """
    try:
        record: Record = _DECODERS[kind].decode(data)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
    if encode(record) != data:
        raise ValueError(f"no {kind.__name__} is written like that")
    return record
