"""The message that a trader signs, and those that nobody signs: rules decide what they may do."""

from collections.abc import Sequence

from msgspec import Struct

from sequencer.crypto import poseidon, poseidon_many
from sequencer.model import constants as c
from sequencer.model.codes import MessageKind, Side
from sequencer.model.words import pack, unpack


class Message(Struct, frozen=True, gc=False):
    """An order, a cancel or a cancel-all, every field under the signature; or what nobody signs.

    Attributes
    ----------
    account : int
        20 bits.
    key_epoch : int
        Epoch of the key that signs, 16 bits.
    nonce : int
        48 bits; strictly increasing per account, gaps allowed.
    expiry : int
        Seconds; the message is void when `expiry < timestamp`.
    max_fee_ppm : int
        Largest taker fee rate accepted.
    price, size : int
        Ticks (u32) and lots (u48). A cancel names its order by (market, side, price, target).
    target : int
        Sequence of the order to cancel, 40 bits; 0 otherwise.
    """

    account: int
    key_epoch: int
    nonce: int
    kind: int = MessageKind.ORDER
    market: int = 0
    side: int = 0
    ioc: bool = False
    post_only: bool = False
    reduce_only: bool = False
    expiry: int = c.NEVER_EXPIRES
    max_fee_ppm: int = 0
    price: int = 0
    size: int = 0
    target: int = 0

    @classmethod
    def liquidation(cls, account: int, market: int, side: int, size: int) -> "Message":
        """Return the message that liquidates `size` lots of an account by trading on `side`.

        The other fields have one value each; the limit is one that every order crosses.
        """
        return cls._unsigned(account, market, side, size, 0 if side == Side.SELL else c.RANK_MAX)

    @classmethod
    def unwinding(cls, market: int, side: int, size: int, price: int) -> "Message":
        """Return the message by which the insurance fund trades `size` lots away, at the limit `price`."""
        return cls._unsigned(c.INSURANCE_ACCOUNT, market, side, size, price)

    @property
    def is_liquidation(self) -> bool:
        """Whether it liquidates an account (docs/spec/liquidation.md).

        Of kind 3 whatever is neither a liquidation nor an unwinding is of no kind at all.
        """
        expected = Message.liquidation(self.account, self.market, self.side, self.size)
        return self.account != c.INSURANCE_ACCOUNT and self == expected

    @property
    def is_unwinding(self) -> bool:
        """Whether it unwinds the insurance fund."""
        return self == Message.unwinding(self.market, self.side, self.size, self.price)

    @property
    def is_unsigned(self) -> bool:
        """Whether nobody signs it: the state decides what it may do."""
        return self.kind == MessageKind.BY_RULE and (self.is_liquidation or self.is_unwinding)

    @classmethod
    def _unsigned(cls, account: int, market: int, side: int, size: int, price: int) -> "Message":
        return cls(
            account=account,
            key_epoch=0,
            nonce=0,
            kind=MessageKind.BY_RULE,
            market=market,
            side=side,
            expiry=0,
            price=price,
            size=size,
        )

    def words(self) -> tuple[int, int]:
        """Return the two words that the signature covers.

        Raises
        ------
        ValueError
            If a field does not fit its width.
        """
        first = pack(
            (
                (self.account, 0, c.ACCOUNT_BITS),
                (self.key_epoch, c.MESSAGE_KEY_EPOCH_AT, c.KEY_EPOCH_BITS),
                (self.nonce, c.MESSAGE_NONCE_AT, c.NONCE_BITS),
                (self.kind, c.MESSAGE_KIND_AT, 2),
                (self.market, c.MESSAGE_MARKET_AT, c.MARKET_BITS),
                (self.side, c.MESSAGE_SIDE_AT, 1),
                (int(self.ioc), c.MESSAGE_IOC_AT, 1),
                (int(self.post_only), c.MESSAGE_POST_ONLY_AT, 1),
                (int(self.reduce_only), c.MESSAGE_REDUCE_ONLY_AT, 1),
                (self.expiry, c.MESSAGE_EXPIRY_AT, c.TIME_BITS),
                (self.max_fee_ppm, c.MESSAGE_MAX_FEE_AT, c.PPM_BITS),
            )
        )
        second = pack(
            (
                (self.price, 0, c.PRICE_BITS),
                (self.size, c.MESSAGE_SIZE_AT, c.SIZE_BITS),
                (self.target, c.MESSAGE_TARGET_AT, c.SEQUENCE_BITS),
            )
        )
        return first, second

    @classmethod
    def from_words(cls, first: int, second: int) -> "Message":
        """Return the message of its words, the inverse of `words`; bits beyond the fields do not count."""
        return cls(
            account=unpack(first, 0, c.ACCOUNT_BITS),
            key_epoch=unpack(first, c.MESSAGE_KEY_EPOCH_AT, c.KEY_EPOCH_BITS),
            nonce=unpack(first, c.MESSAGE_NONCE_AT, c.NONCE_BITS),
            kind=unpack(first, c.MESSAGE_KIND_AT, 2),
            market=unpack(first, c.MESSAGE_MARKET_AT, c.MARKET_BITS),
            side=unpack(first, c.MESSAGE_SIDE_AT, 1),
            ioc=bool(unpack(first, c.MESSAGE_IOC_AT, 1)),
            post_only=bool(unpack(first, c.MESSAGE_POST_ONLY_AT, 1)),
            reduce_only=bool(unpack(first, c.MESSAGE_REDUCE_ONLY_AT, 1)),
            expiry=unpack(first, c.MESSAGE_EXPIRY_AT, c.TIME_BITS),
            max_fee_ppm=unpack(first, c.MESSAGE_MAX_FEE_AT, c.PPM_BITS),
            price=unpack(second, 0, c.PRICE_BITS),
            size=unpack(second, c.MESSAGE_SIZE_AT, c.SIZE_BITS),
            target=unpack(second, c.MESSAGE_TARGET_AT, c.SEQUENCE_BITS),
        )

    def hash(self, domain: int) -> int:
        """Return what is signed and what the log commits to: Poseidon(domain, words)."""
        return poseidon((domain, *self.words()))


def message_hashes(messages: Sequence[Message], domain: int) -> list[int]:
    """Return the hash of each message, computed by all cores without holding the interpreter."""
    return poseidon_many([(domain, *message.words()) for message in messages])


class SignedMessage(Struct, frozen=True, gc=False):
    """A message with its EdDSA-Poseidon signature (R8.x, R8.y, S)."""

    message: Message
    signature: tuple[int, int, int]
