"""The scalars of bodies, with their bounds."""

from typing import Annotated, Any, Final, Literal, get_args

from msgspec import Meta, Struct

from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.service.wire.numbers import FIELD_DIGITS_MAX, NUMBER_LENGTH_MAX

SYMBOL_LENGTH_MAX: Final = 32
TOKEN_LENGTH_MAX: Final = 64
CURSOR_MAX: Final = (1 << 63) - 1


def _below(bits: int) -> Any:
    return Meta(ge=0, le=(1 << bits) - 1)


Account = Annotated[int, _below(c.ACCOUNT_BITS)]
KeyEpoch = Annotated[int, _below(c.KEY_EPOCH_BITS)]
Nonce = Annotated[int, _below(c.NONCE_BITS)]
Sequence = Annotated[int, _below(c.SEQUENCE_BITS)]
Seconds = Annotated[int, _below(c.TIME_BITS)]
Milliseconds = Annotated[int, Meta(ge=0, le=CURSOR_MAX)]
Ppm = Annotated[int, _below(c.PPM_BITS)]
Entry = Annotated[int, Meta(ge=0, le=CURSOR_MAX)]
Symbol = Annotated[str, Meta(min_length=1, max_length=SYMBOL_LENGTH_MAX)]
TokenText = Annotated[str, Meta(min_length=1, max_length=TOKEN_LENGTH_MAX)]

# Their form is checked where they are read: the refusal says what is wrong with which number.
PriceText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=NUMBER_LENGTH_MAX,
        description="a decimal number, exact",
        examples=["7278.62"],
        extra_json_schema={"pattern": r"^(0|[1-9][0-9]*)(\.[0-9]+)?$"},
    ),
]
SizeText = PriceText
FieldText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=FIELD_DIGITS_MAX,
        description="a field element in decimal",
        extra_json_schema={"pattern": r"^(0|[1-9][0-9]*)$"},
    ),
]
SignatureText = tuple[FieldText, FieldText, FieldText]
SideText = Literal["buy", "sell"]

_SIDES: Final[tuple[SideText, ...]] = get_args(SideText)
_OF_TEXT: Final = {text: Side(place) for place, text in enumerate(_SIDES)}


def side_text(side: int) -> SideText:
    """Return how bodies call a side."""
    return _SIDES[side]


def side_of(text: SideText) -> Side:
    """Return the side that a body names."""
    return _OF_TEXT[text]


class Body(Struct, frozen=True, kw_only=True, gc=False):
    """What the server says: a client takes fields that it does not know for later ones."""


class Request(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What a client says: nothing in it may go unread."""


class Refusal(Body, frozen=True, kw_only=True):
    """Why something was refused: a stable code for programs, sentences for people."""

    code: str
    message: str
    cure: str


class ErrorBody(Body, frozen=True, kw_only=True):
    """The one form of every failure."""

    error: Refusal
