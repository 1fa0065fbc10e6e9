"""An account: what it owns (exit leaf) and what it needs to trade (trading leaf)."""

from msgspec import Struct

from sequencer.crypto import poseidon
from sequencer.model import constants as c
from sequencer.model.words import from_field, pack, to_field

NO_POSITIONS = (0,) * c.MARKETS


def position_word(size: int, index: int) -> int:
    """Return the word of a position: signed lots, and above them the index at which it was settled."""
    return to_field(size + (index << c.POSITION_INDEX_AT))


def from_position_word(word: int) -> tuple[int, int]:
    """Return size and index; the inverse of `position_word`."""
    value, half = from_field(word), 1 << c.POSITION_INDEX_AT - 1
    index = (value + half) >> c.POSITION_INDEX_AT
    return value - (index << c.POSITION_INDEX_AT), index


class Account(Struct, frozen=True, gc=False):
    """One leaf of the account tree. An account exists iff `owner` is not 0.

    Attributes
    ----------
    owner : int
        L1 address, 160 bits; set at creation, never changed.
    collateral : int
        Quote in 1e-6 units, signed, |collateral| <= 2^62.
    positions : tuple of int
        Signed size in lots of each market, |size| < 2^48.
    indices : tuple of int
        Of each position the index of its side when it was last settled (`Market.index`), 0 without one.
    key : tuple of (int, int)
        Trading key on Baby Jubjub.
    key_epoch : int
        16 bits; 0 is the default key, which authenticates nothing.
    nonce : int
        Highest nonce consumed, 48 bits.
    tier : int
        Fee tier, below `TIERS`.
    dead_below : int
        Orders with a smaller sequence are dead, 40 bits.
    orders : int
        Orders in the book, dead ones included.
    open_notional : int
        Sum of remaining x limit price x quote_per_tick_lot over the live orders, below 2^61.
    """

    owner: int = 0
    collateral: int = 0
    positions: tuple[int, ...] = NO_POSITIONS
    indices: tuple[int, ...] = NO_POSITIONS
    key: tuple[int, int] = c.DEFAULT_KEY
    key_epoch: int = 0
    nonce: int = 0
    tier: int = 0
    dead_below: int = 0
    orders: int = 0
    open_notional: int = 0

    @property
    def exists(self) -> bool:
        """Whether L1 ever opened this account."""
        return self.owner != 0

    def position_words(self) -> tuple[int, ...]:
        """Return size + 2^64 x index of each market, as field elements."""
        return tuple(map(position_word, self.positions, self.indices))

    def trading_word(self) -> int:
        """Return nonce, key epoch, tier, watermark and order count in one word."""
        return pack(
            (
                (self.nonce, 0, c.NONCE_BITS),
                (self.key_epoch, c.TRADING_KEY_EPOCH_AT, c.KEY_EPOCH_BITS),
                (self.tier, c.TRADING_TIER_AT, c.TIER_BITS),
                (self.dead_below, c.TRADING_DEAD_BELOW_AT, c.SEQUENCE_BITS),
                (self.orders, c.TRADING_ORDERS_AT, c.ORDERS_BITS),
            )
        )

    def exit_leaf(self) -> int:
        """Return Poseidon(owner, collateral, positions): what an exit pays out."""
        return poseidon((self.owner, to_field(self.collateral), *self.position_words()))

    def trading_leaf(self) -> int:
        """Return Poseidon(key, trading word, open notional): opaque in calldata."""
        return poseidon((*self.key, self.trading_word(), self.open_notional))

    def leaf(self) -> int:
        """Return the leaf of the account tree, 0 for an account that does not exist."""
        return poseidon((self.exit_leaf(), self.trading_leaf())) if self.exists else 0
