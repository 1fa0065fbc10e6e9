"""What a body says and cannot mean; one class a cause."""

from sequencer.model.errors import ProofbookError


class WireError(ProofbookError):
    """A body, or a part of it, cannot be understood."""


class MalformedBodyError(WireError):
    """The body is not JSON of the documented form."""

    code = "malformed_body"
    cure = "send JSON with the documented fields and types, and no others"


class MalformedNumberError(WireError):
    """A number is not written as numbers are."""

    code = "malformed_number"
    cure = "write decimal digits with at most one point: no sign, exponent, spaces or leading zeros"


class OffTickError(WireError):
    """A price lies between two ticks."""

    code = "off_tick"
    cure = "give a multiple of the market's tick_size"


class OffLotError(WireError):
    """A size is no whole number of lots."""

    code = "off_lot"
    cure = "give a multiple of the market's lot_size"


class NumberRangeError(WireError):
    """A number is larger than any that can be signed."""

    code = "number_range"
    cure = "give a smaller number"


class UnknownMarketError(WireError):
    """There is no market of this symbol."""

    code = "unknown_market"
    cure = "name one of the symbols that GET /v1/markets lists"
