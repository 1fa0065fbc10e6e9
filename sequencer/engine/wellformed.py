"""Whether the fields of a command have their types and fit their widths: packing them must stay injective."""

from operator import attrgetter
from typing import Final

from sequencer.engine.errors import MalformedFieldError
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind
from sequencer.model.message import Message
from sequencer.model.oracle import OracleReport
from sequencer.model.request import Request

_MESSAGE_LIMITS: Final = tuple(
    (name, 1 << bits)
    for name, bits in (
        ("account", c.ACCOUNT_BITS),
        ("key_epoch", c.KEY_EPOCH_BITS),
        ("nonce", c.NONCE_BITS),
        ("kind", 2),
        ("market", c.MARKET_BITS),
        ("side", 1),
        ("expiry", c.TIME_BITS),
        ("max_fee_ppm", c.PPM_BITS),
        ("price", c.PRICE_BITS),
        ("size", c.SIZE_BITS),
        ("target", c.SEQUENCE_BITS),
    )
)
_MESSAGE_FLAGS: Final = ("ioc", "post_only", "reduce_only")
_values_of: Final = attrgetter(*(name for name, _ in _MESSAGE_LIMITS))
_flags_of: Final = attrgetter(*_MESSAGE_FLAGS)


def check_message(message: Message) -> None:
    """Refuse a message that does not fit its two words.

    Raises
    ------
    MalformedFieldError
    """
    for (name, limit), value in zip(_MESSAGE_LIMITS, _values_of(message), strict=True):
        check_integer(name, value, limit)
    for name, flag in zip(_MESSAGE_FLAGS, _flags_of(message), strict=True):
        if flag is not True and flag is not False:
            raise MalformedFieldError(f"{name} is {flag!r}, not a boolean")


def check_signature(signature: tuple[int, int, int]) -> None:
    """Refuse anything but three field elements.

    Raises
    ------
    MalformedFieldError
    """
    if len(signature) != 3:
        raise MalformedFieldError(f"a signature has the parts R8.x, R8.y and S, not {len(signature)} of them")
    for part in signature:
        check_integer("signature", part, c.FIELD_MODULUS)


def check_report(report: OracleReport) -> None:
    """Refuse a report that does not fit its word or names no signer.

    Raises
    ------
    MalformedFieldError
    """
    check_integer("signer", report.signer, c.ORACLE_SIGNERS)
    check_integer("time", report.time, 1 << c.TIME_BITS)
    if len(report.prices) != c.MARKETS:
        raise MalformedFieldError(f"a report has {c.MARKETS} prices, not {len(report.prices)}")
    for price in report.prices:
        check_integer("price", price, 1 << c.PRICE_BITS)
    check_signature(report.signature)


def check_request(request: Request) -> None:
    """Refuse a request that the contract could not have queued.

    Raises
    ------
    MalformedFieldError
    """
    check_integer("kind", request.kind, 1 << c.KIND_BITS)
    check_integer("account", request.account, 1 << c.ACCOUNT_BITS)
    check_integer("amount", request.amount, 1 << c.AMOUNT_BITS)
    check_integer("owner", request.owner, 1 << c.OWNER_BITS)
    for word in request.data:
        check_integer("data", word, c.FIELD_MODULUS)
    if request.owner == 0:
        raise MalformedFieldError("owner is 0, which owns nothing")
    if request.kind not in tuple(RequestKind):
        raise MalformedFieldError(f"kind is {request.kind}, not one of {', '.join(map(str, RequestKind))}")
    if request.kind == RequestKind.RESTRICT:
        check_integer("restrictions", request.data[0], 1 << c.VENUE_UNINSURED_AT)
    if request.kind == RequestKind.MESSAGE:
        message = Message.from_words(*request.data)
        if message.words() != request.data or message.account != request.account:
            raise MalformedFieldError(f"data is not a message of account {request.account}")


def check_integer(name: str, value: object, limit: int) -> None:
    """Refuse anything but an integer in [0, limit).

    Raises
    ------
    MalformedFieldError
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < limit:
        raise MalformedFieldError(f"{name} is {value!r}, not an integer in [0, {limit})")
