"""Where a signer's prices come from."""

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final, Protocol

import httpx
from pydantic_core import from_json

from sequencer.model import constants as c
from sequencer.oracle import errors

ANSWER_BYTES_MAX: Final = 1 << 16
_DIGITS_MAX: Final = 40
_EXPONENT_MAX: Final = 40
_NUMBER: Final = re.compile(r"[0-9]{1,40}(\.[0-9]{1,40})?")


class PriceSource(Protocol):
    """The price of one market."""

    def now(self) -> int:
        """Return the last second for which the source may be asked."""

    def price(self, second: int) -> Decimal:
        """Return the price at a second, in the quote of the market.

        Raises
        ------
        PriceError
        """


@dataclass(frozen=True, slots=True)
class QuotedMarket:
    """A live market as a signer sees it: the size of its tick in the quote, and a source."""

    tick_size: Decimal
    source: PriceSource

    def ticks(self, second: int) -> int:
        """Return the price at a second in whole ticks, a half to the even one.

        Raises
        ------
        PriceError
        """
        price = self.source.price(second)
        ticks = round(Fraction(price) / Fraction(self.tick_size))
        if not 1 <= ticks < 1 << c.PRICE_BITS:
            raise errors.PriceRangeError(f"{price} is {ticks} ticks of {self.tick_size}")
        return ticks


def system_clock() -> int:
    """Return the present second."""
    return int(time.time())


@dataclass(frozen=True, slots=True)
class HttpSource:
    """A price that a server tells: a number, or the text of one, inside a JSON answer.

    Such a server knows the price of now, so a round is signed when it is due or not at all.

    Attributes
    ----------
    path : sequence of str and int
        Keys and indices that lead to the number; empty if it is the whole answer.
    timeout_seconds : int
        Within which the whole answer must be here.
    late_seconds : int
        How far the clock may be past the second of a round when its price is here.
    """

    url: str
    path: Sequence[str | int]
    timeout_seconds: int
    late_seconds: int
    now: Callable[[], int] = system_clock

    def price(self, second: int) -> Decimal:
        """Fetch the price.

        Raises
        ------
        PriceError
            Its message never has the address in it, which may hold a key.
        """
        self._check_time(second)
        body = self._fetched()
        self._check_time(second)
        return _number(body, self.path)

    def _check_time(self, second: int) -> None:
        late = self.now() - second
        if late > self.late_seconds:
            raise errors.LatePriceError(f"second {second} was {late} seconds ago")

    def _fetched(self) -> bytes:
        deadline = time.monotonic() + self.timeout_seconds
        body = bytearray()
        try:
            with (
                httpx.Client(timeout=self.timeout_seconds, trust_env=False) as client,
                client.stream("GET", self.url, headers={"Accept-Encoding": "identity"}) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    raise errors.SourceUnreachableError(f"it answers with status {response.status_code}")
                for part in response.iter_raw():
                    body += part
                    if len(body) > ANSWER_BYTES_MAX:
                        raise errors.MalformedPriceError(f"it answers more than {ANSWER_BYTES_MAX} bytes")
                    if time.monotonic() > deadline:
                        raise errors.SourceUnreachableError("its answer takes too long")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise errors.SourceUnreachableError(f"no answer ({type(error).__name__})") from error
        return bytes(body)


def _number(body: bytes, path: Sequence[str | int]) -> Decimal:
    """Return the positive number at a path of a JSON text, without the detour over floats."""
    try:
        # `json` reads exact decimals but follows any nesting into the end of the stack; this one does not.
        from_json(body, allow_inf_nan=False)
        found = json.loads(body, parse_float=Decimal, parse_int=Decimal)
        for key in path:
            found = _inside(found, key)
        number = Decimal(found) if isinstance(found, str) and _NUMBER.fullmatch(found) else found
    except (ValueError, LookupError, InvalidOperation) as error:
        raise errors.MalformedPriceError(f"there is no number at {list(path)}") from error
    if not isinstance(number, Decimal) or number <= 0:
        raise errors.MalformedPriceError(f"there is no positive number at {list(path)}")
    if len(number.as_tuple().digits) > _DIGITS_MAX or abs(number.adjusted()) > _EXPONENT_MAX:
        raise errors.MalformedPriceError(f"the number at {list(path)} has too many digits")
    return number


def _inside(found: Any, key: str | int) -> Any:
    """Return what an object has under a name, or an array at a place."""
    match found, key:
        case (dict(), str()) | (list(), int()):
            return found[key]
        case _:
            raise LookupError(key)
