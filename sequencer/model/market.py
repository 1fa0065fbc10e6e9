"""A market and its parameters."""

from collections.abc import Sequence
from dataclasses import dataclass

from sequencer.crypto import poseidon
from sequencer.model import constants as c
from sequencer.model.codes import MarketKind, MarketStatus, Side
from sequencer.model.words import pack, unpack


@dataclass(frozen=True, slots=True)
class MarketParameters:
    """What trading in a market needs.

    Attributes
    ----------
    quote_per_tick_lot : int
        Quote units (1e-6) of one lot at a price of one tick, 20 bits; fixed while the market lives.
    initial_ppm, maintenance_ppm : int
        Margin rates of the position's value at mark; maintenance <= initial < 2^20.
    band_ppm : int
        Largest distance of a limit price from the mark.
    min_size, max_position : int
        Lots; max_position x 2^32 x quote_per_tick_lot <= 2^60.
    max_move_ppm : int
        Largest move of the mark from one batch to the next; beyond it, the market halts.
    halt_seconds : int
        How long it halts.
    liquidation_fee_ppm : int
        What an account that is liquidated through the book pays of the notional; at least the largest rebate.
    """

    quote_per_tick_lot: int = 0
    initial_ppm: int = 0
    maintenance_ppm: int = 0
    band_ppm: int = 0
    min_size: int = 0
    max_position: int = 0
    max_move_ppm: int = 0
    halt_seconds: int = 0
    liquidation_fee_ppm: int = 0

    def check(self) -> None:
        """Refuse parameters under which a sum could leave its range.

        Raises
        ------
        ValueError
            Naming the bound that is broken.
        """
        if not 1 <= self.min_size <= self.max_position:
            raise ValueError("min_size must lie in [1, max_position]")
        if not 1 <= self.quote_per_tick_lot < 1 << c.PPM_BITS:
            raise ValueError("quote_per_tick_lot must lie in [1, 2^20)")
        if not 0 < self.maintenance_ppm <= self.initial_ppm < 1 << c.PPM_BITS:
            raise ValueError("margin rates must satisfy 0 < maintenance <= initial < 2^20 ppm")
        if not 0 < self.band_ppm < 1 << c.PPM_BITS:
            raise ValueError("band_ppm must lie in (0, 2^20)")
        if not 0 < self.max_move_ppm < 1 << c.PPM_BITS:
            raise ValueError("max_move_ppm must lie in (0, 2^20)")
        if not 0 < self.halt_seconds < 1 << c.HALT_BITS:
            raise ValueError("halt_seconds must lie in (0, 2^20)")
        if not 0 <= self.liquidation_fee_ppm < 1 << c.PPM_BITS:
            raise ValueError("liquidation_fee_ppm must lie in [0, 2^20)")
        if (self.max_position << c.PRICE_BITS) * self.quote_per_tick_lot > c.NOTIONAL_BOUND:
            raise ValueError("max_position x 2^32 x quote_per_tick_lot must not exceed 2^60")

    def word(self) -> int:
        """Return the parameters in one word: w3 of the leaf."""
        return pack(
            (
                (self.quote_per_tick_lot, 0, c.PPM_BITS),
                (self.initial_ppm, c.MARKET_INITIAL_AT, c.PPM_BITS),
                (self.maintenance_ppm, c.MARKET_MAINTENANCE_AT, c.PPM_BITS),
                (self.band_ppm, c.MARKET_BAND_AT, c.PPM_BITS),
                (self.min_size, c.MARKET_MIN_SIZE_AT, c.SIZE_BITS),
                (self.max_position, c.MARKET_MAX_POSITION_AT, c.SIZE_BITS),
                (self.max_move_ppm, c.MARKET_MAX_MOVE_AT, c.PPM_BITS),
                (self.halt_seconds, c.MARKET_HALT_SECONDS_AT, c.HALT_BITS),
                (self.liquidation_fee_ppm, c.MARKET_LIQUIDATION_FEE_AT, c.PPM_BITS),
            )
        )

    @classmethod
    def from_word(cls, word: int) -> "MarketParameters":
        """Return the parameters of their word; the inverse of `word`."""
        return cls(
            quote_per_tick_lot=unpack(word, 0, c.PPM_BITS),
            initial_ppm=unpack(word, c.MARKET_INITIAL_AT, c.PPM_BITS),
            maintenance_ppm=unpack(word, c.MARKET_MAINTENANCE_AT, c.PPM_BITS),
            band_ppm=unpack(word, c.MARKET_BAND_AT, c.PPM_BITS),
            min_size=unpack(word, c.MARKET_MIN_SIZE_AT, c.SIZE_BITS),
            max_position=unpack(word, c.MARKET_MAX_POSITION_AT, c.SIZE_BITS),
            max_move_ppm=unpack(word, c.MARKET_MAX_MOVE_AT, c.PPM_BITS),
            halt_seconds=unpack(word, c.MARKET_HALT_SECONDS_AT, c.HALT_BITS),
            liquidation_fee_ppm=unpack(word, c.MARKET_LIQUIDATION_FEE_AT, c.PPM_BITS),
        )


def live_markets(words: Sequence[int]) -> tuple[MarketParameters, ...]:
    """Return the parameters of the first slots up to the last with a market, from one word a slot."""
    live = max((slot for slot, word in enumerate(words, start=1) if word), default=0)
    return tuple(MarketParameters.from_word(word) for word in words[:live])


@dataclass(frozen=True, slots=True)
class Market:
    """One of the `MARKETS` market leaves.

    Attributes
    ----------
    mark : int
        Mark price in ticks; median of the last oracle round.
    oracle_time : int
        Seconds; time of the last oracle round.
    bid_orders, ask_orders : int
        Orders in the book, dead ones included.
    funding_pool : int
        Quote units; 0 until funding exists.
    open_interest : int
        Sum of the long positions in lots, 48 bits.
    halted_until : int
        Seconds; end of the last halt, 0 if there was none.
    """

    kind: int = MarketKind.NONE
    status: int = MarketStatus.NONE
    mark: int = 0
    oracle_time: int = 0
    bid_orders: int = 0
    ask_orders: int = 0
    funding_pool: int = 0
    open_interest: int = 0
    parameters: MarketParameters = MarketParameters()
    halted_until: int = 0

    @property
    def exists(self) -> bool:
        """Whether the slot holds a market."""
        return self.kind != MarketKind.NONE

    @property
    def is_open(self) -> bool:
        """Whether it takes orders."""
        return self.exists and self.status == MarketStatus.OPEN

    def value(self, size: int) -> int:
        """Return what signed lots are worth at the mark, in quote units."""
        return size * self.mark * self.parameters.quote_per_tick_lot

    def side_orders(self, side: int) -> int:
        """Return the orders of one side, dead ones included."""
        return self.bid_orders if side == Side.BUY else self.ask_orders

    def price_word(self) -> int:
        """Return kind, status, mark, oracle time, order counts and the end of the halt: w0 of the leaf."""
        return pack(
            (
                (self.kind, 0, c.KIND_BITS),
                (self.status, c.MARKET_STATUS_AT, c.STATUS_BITS),
                (self.mark, c.MARKET_MARK_AT, c.PRICE_BITS),
                (self.oracle_time, c.MARKET_ORACLE_TIME_AT, c.TIME_BITS),
                (self.bid_orders, c.MARKET_BID_ORDERS_AT, c.ORDERS_BITS),
                (self.ask_orders, c.MARKET_ASK_ORDERS_AT, c.ORDERS_BITS),
                (self.halted_until, c.MARKET_HALTED_UNTIL_AT, c.TIME_BITS),
            )
        )

    def index_word(self) -> int:
        """Return the cumulative indices of longs and shorts: w1 of the leaf, 0 until funding exists."""
        return 0

    def interest_word(self) -> int:
        """Return funding pool and open interest: w2 of the leaf."""
        return pack(
            (
                (self.funding_pool, 0, c.AMOUNT_BITS),
                (self.open_interest, c.MARKET_OPEN_INTEREST_AT, c.SIZE_BITS),
            )
        )

    def words(self) -> tuple[int, int, int, int]:
        """Return the four words of the leaf; zeros for a slot without a market."""
        if not self.exists:
            return 0, 0, 0, 0
        return self.price_word(), self.index_word(), self.interest_word(), self.parameters.word()

    @classmethod
    def from_words(cls, words: Sequence[int]) -> "Market":
        """Return the market of its four words; the inverse of `words`."""
        price, _, interest, parameters = words
        return cls(
            kind=unpack(price, 0, c.KIND_BITS),
            status=unpack(price, c.MARKET_STATUS_AT, c.STATUS_BITS),
            mark=unpack(price, c.MARKET_MARK_AT, c.PRICE_BITS),
            oracle_time=unpack(price, c.MARKET_ORACLE_TIME_AT, c.TIME_BITS),
            bid_orders=unpack(price, c.MARKET_BID_ORDERS_AT, c.ORDERS_BITS),
            ask_orders=unpack(price, c.MARKET_ASK_ORDERS_AT, c.ORDERS_BITS),
            halted_until=unpack(price, c.MARKET_HALTED_UNTIL_AT, c.TIME_BITS),
            funding_pool=unpack(interest, 0, c.AMOUNT_BITS),
            open_interest=unpack(interest, c.MARKET_OPEN_INTEREST_AT, c.SIZE_BITS),
            parameters=MarketParameters.from_word(parameters),
        )

    def leaf(self) -> int:
        """Return the leaf of the market tree, 0 for a slot without a market."""
        return poseidon(self.words()) if self.exists else 0
