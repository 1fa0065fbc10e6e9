"""Records as bytes: JSON arrays of their fields; of msgspec's forms JSON alone holds field elements."""

from typing import Any, Final, TypeVar

import msgspec

from sequencer.history.types import (
    BatchProgress,
    Candle,
    Fill,
    FundingRate,
    MessageRecord,
    OrderRecord,
    Record,
    Trade,
    Transfer,
)

AnyRecord = TypeVar("AnyRecord", bound=Record)

KINDS: Final[tuple[type[Record], ...]] = (
    BatchProgress,
    Candle,
    Fill,
    FundingRate,
    MessageRecord,
    OrderRecord,
    Trade,
    Transfer,
)
"""What is kept as bytes."""
_ENCODER: Final = msgspec.json.Encoder()
_DECODERS: Final[dict[type, msgspec.json.Decoder[Any]]] = {kind: msgspec.json.Decoder(kind) for kind in KINDS}


def encode(record: Record) -> bytes:
    """Return a record as bytes."""
    return _ENCODER.encode(record)


def decode(kind: type[AnyRecord], data: bytes) -> AnyRecord:
    """Return the record that `encode` was given.

    Raises
    ------
    ValueError
        If the bytes are not exactly what `encode` makes of such a record.
    """
    try:
        record: AnyRecord = _DECODERS[kind].decode(data)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
    if encode(record) != data:
        raise ValueError(f"no {kind.__name__} is written like that")
    return record
