"""A recorded day as a signer's source of prices."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from sequencer.oracle.errors import NoPriceError
from sequencer.oracle.source import system_clock
from sequencer.replay.bars import BAR_SECONDS, MOMENTS, Bar
from sequencer.replay.oracle import seen_price
from sequencer.replay.terms import TICKS_PER_DOLLAR


class ReplaySource:
    """The prices of recorded bars at the moments at which the replay trades them.

    A price holds until the next moment, the last close for one minute more. The clock is the file's: every
    second of it has come.

    Parameters
    ----------
    seed
        Of the small differences between signers.
    signer
        Whose view of the prices this is.
    """

    def __init__(self, bars: Sequence[Bar], seed: int, signer: int) -> None:
        self._bars, self._seed, self._signer = bars, seed, signer

    def now(self) -> int:
        """Return the last second that has a price."""
        return self._bars[-1].open_time + 2 * BAR_SECONDS - 1

    def price(self, second: int) -> Decimal:
        """Return the price at a second, in dollars.

        Raises
        ------
        NoPriceError
            Before the first bar, or later than a minute after the last.
        """
        first = self._bars[0].open_time
        if not first <= second <= self.now():
            raise NoPriceError(f"the bars have prices from {first} to {self.now()}, not at {second}")
        minute, within = divmod(second - first, BAR_SECONDS)
        closed = minute == len(self._bars)
        recorded = (
            self._bars[-1].close if closed else self._bars[minute].path()[within * MOMENTS // BAR_SECONDS]
        )
        return Decimal(seen_price(recorded, self._seed, self._signer, second)) / TICKS_PER_DOLLAR


class EndlessSource:
    """Recorded bars told from another second on, then backwards, then again; the clock is this machine's.

    No price jumps where they turn.

    Parameters
    ----------
    first
        The first recorded second.
    start
        The second in which it is told.
    """

    def __init__(
        self, source: ReplaySource, first: int, start: int, clock: Callable[[], int] = system_clock
    ) -> None:
        self._source, self._first, self._start, self._clock = source, first, start, clock

    def now(self) -> int:
        """Return the present second."""
        return self._clock()

    def price(self, second: int) -> Decimal:
        """Return the price that is told for a second.

        Raises
        ------
        NoPriceError
            Before the start.
        """
        if second < self._start:
            raise NoPriceError(f"prices are told from {self._start} on, not at {second}")
        length = self._source.now() - self._first + 1
        turns, within = divmod(second - self._start, length)
        return self._source.price(self._first + (length - 1 - within if turns % 2 else within))
