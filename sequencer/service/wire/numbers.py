"""Decimal text and the integers that the engine counts in: exact both ways, never a float."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Final

from sequencer.model import constants as c
from sequencer.service.wire.errors import (
    MalformedNumberError,
    NumberRangeError,
    OffLotError,
    OffTickError,
    UnknownMarketError,
)

NUMBER_LENGTH_MAX: Final = 48
FIELD_DIGITS_MAX: Final = 77
_QUOTE_UNITS: Final = 1_000_000
_TEXTS_KEPT: Final = 4_096


class Grid:
    """The multiples of a step, by their count. Prices and sizes come again and again: the last ones are kept.

    Parameters
    ----------
    step
        Greater than 0.

    Attributes
    ----------
    count : callable
        Returns how many steps a decimal text is, None if it lies between two multiples;
        MalformedNumberError if it is no plain decimal number.
    text : callable
        Returns the decimal text of so many steps, always with the same number of decimals.
    """

    def __init__(self, step: Decimal) -> None:
        exponent = step.normalize().as_tuple().exponent
        assert isinstance(exponent, int), "the step is a number"
        assert step > 0, "the step is positive"
        self.step = step
        self._digits = max(-exponent, 0)
        self._scale = 10**self._digits
        self._unit = int(step.scaleb(self._digits))
        self._form = f"%d.%0{self._digits}d"
        self.count: Callable[[str], int | None] = lru_cache(_TEXTS_KEPT)(self._count)
        self.text: Callable[[int], str] = lru_cache(_TEXTS_KEPT)(self._text)

    def _count(self, text: str) -> int | None:
        whole, point, fraction = text.partition(".")
        digits = whole + fraction
        has_form = (not point or fraction) and whole and (whole[0] != "0" or len(whole) == 1)
        if len(text) > NUMBER_LENGTH_MAX or not has_form or not _are_digits(digits):
            raise MalformedNumberError(f"{text[:NUMBER_LENGTH_MAX]!r} is no decimal number")
        missing = self._digits - len(fraction)
        if missing < 0:
            if digits[missing:].strip("0"):
                return None
            digits, missing = digits[:missing], 0
        count, rest = divmod(int(digits) * 10**missing, self._unit)
        return None if rest else count

    def _text(self, count: int) -> str:
        if count < 0:
            return f"-{self._text(-count)}"
        if not self._digits:
            return str(count * self._unit)
        whole, fraction = divmod(count * self._unit, self._scale)
        return self._form % (whole, fraction)


_MONEY: Final = Grid(Decimal(1) / _QUOTE_UNITS)


def quote_text(units: int) -> str:
    """Return quote units (1e-6) as decimal text: 250127730534 is "250127.730534"."""
    return _MONEY.text(units)


def quote_units(text: str) -> int:
    """Return decimal text in quote units; NumberRangeError for a share of one, or 2^62 and more."""
    count = _MONEY.count(text)
    if count is None or count >= c.COLLATERAL_BOUND:
        raise NumberRangeError(f"{text} is no whole number of units below {quote_text(c.COLLATERAL_BOUND)}")
    return count


def field_element(text: str) -> int:
    """Return the field element of a decimal text.

    Raises
    ------
    MalformedNumberError, NumberRangeError
        If it is no such number, or not below the modulus.
    """
    if len(text) > FIELD_DIGITS_MAX or not _are_digits(text) or (text[0] == "0" and len(text) > 1):
        raise MalformedNumberError(f"{text[:FIELD_DIGITS_MAX]!r} is no field element")
    value = int(text)
    if value >= c.FIELD_MODULUS:
        raise NumberRangeError("a field element is not below the modulus")
    return value


@lru_cache(_TEXTS_KEPT)
def field_text(element: int) -> str:
    """Return a field element as decimal text; the last ones are kept: hashes are told more than once."""
    return str(element)


def _are_digits(text: str) -> bool:
    """Tell whether a text has digits alone, and some."""
    # Of bytes it is told ten times faster than of text, which knows the digits of all scripts.
    return text.isascii() and text.encode().isdigit()


@dataclass(frozen=True, slots=True)
class Units:
    """How a market writes prices and sizes.

    Attributes
    ----------
    prices, sizes : Grid
        Of ticks and of lots.
    quote_per_tick_lot : int
        Quote units of one lot at a price of one tick.
    """

    symbol: str
    slot: int
    prices: Grid
    sizes: Grid
    quote_per_tick_lot: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "quote_per_tick_lot", int(self.prices.step * self.sizes.step * _QUOTE_UNITS))

    @classmethod
    def of(cls, symbol: str, slot: int, tick_size: Decimal, lot_size: Decimal) -> "Units":
        """Return the units of a listing."""
        return cls(symbol, slot, Grid(tick_size), Grid(lot_size))

    def ticks(self, text: str) -> int:
        """Return a price in ticks; OffTickError, NumberRangeError, MalformedNumberError."""
        ticks = self.prices.count(text)
        if ticks is None:
            raise OffTickError(f"{text} is no multiple of {self.prices.step:f}")
        if ticks >= 1 << c.PRICE_BITS:
            raise NumberRangeError(f"the price {text} has more than {c.PRICE_BITS} bits of ticks")
        return ticks

    def lots(self, text: str) -> int:
        """Return a size in lots; OffLotError, NumberRangeError, MalformedNumberError."""
        lots = self.sizes.count(text)
        if lots is None:
            raise OffLotError(f"{text} is no multiple of {self.sizes.step:f}")
        if lots >= 1 << c.SIZE_BITS:
            raise NumberRangeError(f"the size {text} has more than {c.SIZE_BITS} bits of lots")
        return lots

    def price(self, ticks: int) -> str:
        """Return a price as text."""
        return self.prices.text(ticks)

    def size(self, lots: int) -> str:
        """Return a size as text, signed as it is."""
        return self.sizes.text(lots)


class Markets:
    """The units of all markets, by symbol and by slot."""

    def __init__(self, markets: Iterable[Units]) -> None:
        self._by_slot = {units.slot: units for units in sorted(markets, key=lambda each: each.slot)}
        self._by_symbol = {units.symbol: units for units in self._by_slot.values()}

    def __iter__(self) -> Iterator[Units]:
        return iter(self._by_slot.values())

    def named(self, symbol: str) -> Units:
        """Return a market by its symbol; UnknownMarketError if there is none."""
        units = self._by_symbol.get(symbol)
        if units is None:
            raise UnknownMarketError(f"there is no market {symbol[:NUMBER_LENGTH_MAX]!r}")
        return units

    def of_slot(self, slot: int) -> Units:
        """Return the market of a slot."""
        return self._by_slot[slot]
