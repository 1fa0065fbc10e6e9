"""A resting order and its place in the book."""

from msgspec import Struct

from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.model.words import pack, unpack


def rank_of(side: int, price_ticks: int) -> int:
    """Return the price rank: smaller ranks come first on their side of the book, 32 bits."""
    return price_ticks if side == Side.SELL else c.RANK_MAX - price_ticks


def book_key(side: int, price_ticks: int, sequence: int) -> int:
    """Return the place of an order on its side: price rank, then sequence; 72 bits."""
    return rank_of(side, price_ticks) << c.SEQUENCE_BITS | sequence


class Order(Struct, frozen=True, gc=False):
    """A limit order that rests in the book.

    Attributes
    ----------
    price : int
        Limit price in ticks, 32 bits.
    sequence : int
        Sequence of the message that placed it, 40 bits.
    remaining : int
        Lots not yet filled, 48 bits, at least 1 while it rests.
    expiry : int
        Seconds; dead when `expiry < timestamp`.
    max_fee_ppm : int
        Largest fee rate that its owner signed.
    """

    market: int
    side: int
    price: int
    sequence: int
    account: int
    remaining: int
    expiry: int
    max_fee_ppm: int
    reduce_only: bool

    @property
    def key(self) -> int:
        """Its place on its side of the book, 72 bits."""
        return book_key(self.side, self.price, self.sequence)

    def word(self) -> int:
        """Return the packed word of a book page; market and side stand in the page's header."""
        return pack(
            (
                (self.remaining, 0, c.SIZE_BITS),
                (int(self.reduce_only), c.ORDER_REDUCE_ONLY_AT, 1),
                (self.account, c.ORDER_ACCOUNT_AT, c.ACCOUNT_BITS),
                (self.expiry, c.ORDER_EXPIRY_AT, c.TIME_BITS),
                (self.max_fee_ppm, c.ORDER_MAX_FEE_AT, c.PPM_BITS),
                (self.key, c.ORDER_KEY_AT, c.KEY_BITS),
            )
        )

    @classmethod
    def from_word(cls, market: int, side: int, word: int) -> "Order":
        """Return the order of a packed word; the inverse of `word`."""
        key = unpack(word, c.ORDER_KEY_AT, c.KEY_BITS)
        return cls(
            market=market,
            side=side,
            price=rank_of(side, key >> c.SEQUENCE_BITS),
            sequence=unpack(key, 0, c.SEQUENCE_BITS),
            account=unpack(word, c.ORDER_ACCOUNT_AT, c.ACCOUNT_BITS),
            remaining=unpack(word, 0, c.SIZE_BITS),
            expiry=unpack(word, c.ORDER_EXPIRY_AT, c.TIME_BITS),
            max_fee_ppm=unpack(word, c.ORDER_MAX_FEE_AT, c.PPM_BITS),
            reduce_only=bool(unpack(word, c.ORDER_REDUCE_ONLY_AT, 1)),
        )
