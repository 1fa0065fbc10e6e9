"""Stable codes: kinds, verdicts and outcomes. Numbers never change meaning and are never reused."""

from enum import IntEnum


class Side(IntEnum):
    """Side of an order; the sign of what a fill adds to the position is `1 - 2 * side`."""

    BUY = 0
    SELL = 1

    @property
    def opposite(self) -> "Side":
        """The side that a taker of this side looks at."""
        return Side(1 - self)


class MarketKind(IntEnum):
    """Kind of a market; 0 is a slot without a market."""

    NONE = 0
    PERPETUAL = 1


class MarketStatus(IntEnum):
    """Whether a market takes orders; it takes cancels whenever it exists."""

    NONE = 0
    OPEN = 1
    HALTED = 2
    REDUCE_ONLY = 3
    SETTLED = 4


class MessageKind(IntEnum):
    """Kind of a message; `BY_RULE` is that of liquidations and unwindings, others of it get `KIND`."""

    ORDER = 0
    CANCEL = 1
    CANCEL_ALL = 2
    BY_RULE = 3


class RequestKind(IntEnum):
    """Kind of an L1 request; 7 is none. A liquidation that L1 demands is a forced message."""

    DEPOSIT = 1
    REGISTER_KEY = 2
    WITHDRAW = 3
    MESSAGE = 4
    RESTRICT = 5
    CHANGE = 6


class RequestStatus(IntEnum):
    """Outcome of an L1 request, published with the batch."""

    DONE = 0
    REFUSED = 1


class Verdict(IntEnum):
    """What became of a message, or why a resting order was removed; each is computed by the circuit.

    Codes below 32 belong to the message, codes from 32 on to the resting order (maker) that it met.
    """

    ACCEPTED = 0
    KEY_EPOCH = 1
    NONCE = 2
    EXPIRED = 3
    KIND = 4
    MARKET = 5
    BOUNDS = 6
    MAX_FEE = 7
    PRICE_BAND = 8
    FILL_LIMIT = 9
    POST_ONLY = 10
    SELF_TRADE = 11
    REDUCE_ONLY = 12
    MARGIN = 13
    IOC_REMAINDER = 14
    BOOK_FULL = 15
    NOT_FOUND = 16
    CANCELLED = 17
    HALTED = 18
    NOT_DUE = 19
    MAKER_EXPIRED = 32
    MAKER_CANCELLED = 33
    MAKER_FEE = 34
    MAKER_REDUCE_ONLY = 35
    MAKER_BOUNDS = 36
    MAKER_MARGIN = 37
