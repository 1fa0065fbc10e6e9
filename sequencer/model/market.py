"""A market and its parameters."""

from collections.abc import Sequence

from msgspec import Struct

from sequencer.crypto import poseidon
from sequencer.model import constants as c
from sequencer.model.codes import MarketKind, MarketStatus, Side
from sequencer.model.words import from_field, pack, to_field, unpack


class MarketParameters(Struct, frozen=True, gc=False):
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
    interest_ppm : int
        What longs pay shorts of a position's value in 8 hours while orders trade near the mark, below 2^14.
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
    interest_ppm: int = 0

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
        if not 0 <= self.interest_ppm < 1 << c.INTEREST_BITS:
            raise ValueError("interest_ppm must lie in [0, 2^14)")
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
                (self.interest_ppm, c.MARKET_INTEREST_AT, c.INTEREST_BITS),
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
            interest_ppm=unpack(word, c.MARKET_INTEREST_AT, c.INTEREST_BITS),
        )


def live_markets(words: Sequence[int]) -> tuple[MarketParameters, ...]:
    """Return the parameters of the first slots up to the last with a market, from one word a slot."""
    live = max((slot for slot, word in enumerate(words, start=1) if word), default=0)
    return tuple(MarketParameters.from_word(word) for word in words[:live])


class Market(Struct, frozen=True, gc=False):
    """One of the `MARKETS` market leaves.

    Attributes
    ----------
    mark : int
        Mark price in ticks; median of the last oracle round.
    oracle_time : int
        Seconds; time of the last oracle round.
    bid_orders, ask_orders : int
        Orders in the book, dead ones included.
    long_index, short_index : int
        What a lot of the side has owed since genesis, signed, in 1 / `INDEX_UNIT` of a quote unit.
    open_interest : int
        Sum of the long positions in lots, 48 bits.
    halted_until : int
        Seconds; end of the last halt, 0 if there was none.
    reduced_until : int
        Seconds; until then an open market takes only orders that reduce; 0 if no shortfall was charged.
    sampled_mark : int
        Ticks; the mark of the last sample of volatility, 0 before the first.
    volatility_ppm : int
        Moving average of what the mark moved from sample to sample, below 2^20.
    volatility_addon_ppm, open_interest_addon_ppm, congestion_addon_ppm : int
        What volatility adds to both margin rates of the parameters, and open interest and congestion to the
        initial one.
    tier_ppm : int
        By how much a position's initial margin rate grows for each 2^`TIER_UNIT_BITS` quote units a tick.
    fund_since : int
        Seconds; since when the insurance fund has had a position here, 0 without one; `SETTLED_SINCE` in a
        settled market.
    """

    kind: int = MarketKind.NONE
    status: int = MarketStatus.NONE
    mark: int = 0
    oracle_time: int = 0
    bid_orders: int = 0
    ask_orders: int = 0
    long_index: int = 0
    short_index: int = 0
    open_interest: int = 0
    parameters: MarketParameters = MarketParameters()
    halted_until: int = 0
    reduced_until: int = 0
    sampled_mark: int = 0
    volatility_ppm: int = 0
    volatility_addon_ppm: int = 0
    open_interest_addon_ppm: int = 0
    congestion_addon_ppm: int = 0
    tier_ppm: int = 0
    fund_since: int = 0

    @property
    def exists(self) -> bool:
        """Whether the slot holds a market."""
        return self.kind != MarketKind.NONE

    @property
    def is_open(self) -> bool:
        """Whether it takes orders."""
        return self.exists and self.status != MarketStatus.HALTED

    @property
    def is_reduce_only(self) -> bool:
        """Whether it takes only orders with that flag."""
        return self.status in (MarketStatus.REDUCE_ONLY, MarketStatus.SETTLED)

    @property
    def is_settled(self) -> bool:
        """Whether its mark stands still, so that its positions are worth what they are for ever."""
        return self.fund_since == c.SETTLED_SINCE

    @property
    def initial_ppm(self) -> int:
        """The initial margin rate in force."""
        if self.is_settled:
            return c.SETTLED_PPM
        addons = self.volatility_addon_ppm + self.open_interest_addon_ppm + self.congestion_addon_ppm
        return self.parameters.initial_ppm + addons

    @property
    def held_ppm(self) -> int:
        """What a withdrawal leaves behind: the initial rate without congestion, all of it in a halt.

        In a settled market it is what maintenance would be: a debt found later is charged to those who won.
        """
        if self.is_settled:
            return self.parameters.maintenance_ppm + self.volatility_addon_ppm
        if self.status == MarketStatus.HALTED:
            return c.FULL_MARGIN_PPM
        return self.parameters.initial_ppm + self.volatility_addon_ppm + self.open_interest_addon_ppm

    @property
    def reserve_ppm(self) -> int:
        """The initial margin rate with what volatility adds alone: what resting orders reserve."""
        return self.parameters.initial_ppm + self.volatility_addon_ppm

    @property
    def maintenance_ppm(self) -> int:
        """The maintenance margin rate in force."""
        if self.is_settled:
            return c.SETTLED_PPM
        return self.parameters.maintenance_ppm + self.volatility_addon_ppm

    @property
    def liquidation_fee_ppm(self) -> int:
        """The fee of a liquidation in force: none where the mark stands still."""
        return 0 if self.is_settled else self.parameters.liquidation_fee_ppm

    @property
    def tier_step(self) -> int:
        """What a position needs beyond its initial rate, in 1e-6 of a quote unit a lot squared."""
        if self.is_settled:
            return 0
        steps = self.mark * self.parameters.quote_per_tick_lot**2 * self.tier_ppm
        return -(-steps >> c.TIER_UNIT_BITS)

    def value(self, size: int) -> int:
        """Return what signed lots are worth at the mark, in quote units."""
        return size * self.mark * self.parameters.quote_per_tick_lot

    def initial_margin(self, size: int) -> int:
        """Return what signed lots need to be opened, in 1e-6 of a quote unit."""
        return self.value(abs(size)) * self.initial_ppm + size * size * self.tier_step

    def held_margin(self, size: int) -> int:
        """Return what a withdrawal leaves behind for signed lots, in 1e-6 of a quote unit."""
        return self.value(abs(size)) * self.held_ppm + size * size * self.tier_step

    def maintenance_margin(self, size: int) -> int:
        """Return what signed lots need to be kept, in 1e-6 of a quote unit."""
        return self.value(abs(size)) * self.maintenance_ppm

    def index(self, size: int) -> int:
        """Return the index that holds for a position of signed lots; 0 for none."""
        if size == 0:
            return 0
        return self.long_index if size > 0 else self.short_index

    def side_orders(self, side: int) -> int:
        """Return the orders of one side, dead ones included."""
        return self.bid_orders if side == Side.BUY else self.ask_orders

    def price_word(self) -> int:
        """Return kind, status, mark, oracle time, order counts and two ends of time: w0 of the leaf."""
        return pack(
            (
                (self.kind, 0, c.KIND_BITS),
                (self.status, c.MARKET_STATUS_AT, c.STATUS_BITS),
                (self.mark, c.MARKET_MARK_AT, c.PRICE_BITS),
                (self.oracle_time, c.MARKET_ORACLE_TIME_AT, c.TIME_BITS),
                (self.bid_orders, c.MARKET_BID_ORDERS_AT, c.ORDERS_BITS),
                (self.ask_orders, c.MARKET_ASK_ORDERS_AT, c.ORDERS_BITS),
                (self.halted_until, c.MARKET_HALTED_UNTIL_AT, c.TIME_BITS),
                (self.reduced_until, c.MARKET_REDUCED_UNTIL_AT, c.TIME_BITS),
            )
        )

    def risk_word(self) -> int:
        """Return open interest, volatility, what raises margins, and the fund's time: w4 of the leaf."""
        return pack(
            (
                (self.open_interest, 0, c.SIZE_BITS),
                (self.sampled_mark, c.RISK_SAMPLED_MARK_AT, c.PRICE_BITS),
                (self.volatility_ppm, c.RISK_VOLATILITY_AT, c.PPM_BITS),
                (self.volatility_addon_ppm, c.RISK_VOLATILITY_ADDON_AT, c.PPM_BITS),
                (self.open_interest_addon_ppm, c.RISK_OPEN_INTEREST_ADDON_AT, c.PPM_BITS),
                (self.congestion_addon_ppm, c.RISK_CONGESTION_ADDON_AT, c.PPM_BITS),
                (self.tier_ppm, c.RISK_TIER_AT, c.PPM_BITS),
                (self.fund_since, c.RISK_FUND_SINCE_AT, c.TIME_BITS),
            )
        )

    def words(self) -> tuple[int, ...]:
        """Return the words of the leaf, w0 to w4; zeros for a slot without a market."""
        if not self.exists:
            return (0,) * c.MARKET_WORDS
        return (
            self.price_word(),
            to_field(self.long_index),
            to_field(self.short_index),
            self.parameters.word(),
            self.risk_word(),
        )

    @classmethod
    def from_words(cls, words: Sequence[int]) -> "Market":
        """Return the market of its words; the inverse of `words`."""
        price, longs, shorts, parameters, risk = words
        return cls(
            kind=unpack(price, 0, c.KIND_BITS),
            status=unpack(price, c.MARKET_STATUS_AT, c.STATUS_BITS),
            mark=unpack(price, c.MARKET_MARK_AT, c.PRICE_BITS),
            oracle_time=unpack(price, c.MARKET_ORACLE_TIME_AT, c.TIME_BITS),
            bid_orders=unpack(price, c.MARKET_BID_ORDERS_AT, c.ORDERS_BITS),
            ask_orders=unpack(price, c.MARKET_ASK_ORDERS_AT, c.ORDERS_BITS),
            halted_until=unpack(price, c.MARKET_HALTED_UNTIL_AT, c.TIME_BITS),
            reduced_until=unpack(price, c.MARKET_REDUCED_UNTIL_AT, c.TIME_BITS),
            long_index=from_field(longs),
            short_index=from_field(shorts),
            open_interest=unpack(risk, 0, c.SIZE_BITS),
            sampled_mark=unpack(risk, c.RISK_SAMPLED_MARK_AT, c.PRICE_BITS),
            volatility_ppm=unpack(risk, c.RISK_VOLATILITY_AT, c.PPM_BITS),
            volatility_addon_ppm=unpack(risk, c.RISK_VOLATILITY_ADDON_AT, c.PPM_BITS),
            open_interest_addon_ppm=unpack(risk, c.RISK_OPEN_INTEREST_ADDON_AT, c.PPM_BITS),
            congestion_addon_ppm=unpack(risk, c.RISK_CONGESTION_ADDON_AT, c.PPM_BITS),
            tier_ppm=unpack(risk, c.RISK_TIER_AT, c.PPM_BITS),
            fund_since=unpack(risk, c.RISK_FUND_SINCE_AT, c.TIME_BITS),
            parameters=MarketParameters.from_word(parameters),
        )

    def leaf(self) -> int:
        """Return the leaf of the market tree, 0 for a slot without a market."""
        return poseidon(self.words()) if self.exists else 0
