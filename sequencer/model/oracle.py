"""Oracle reports: one signer's prices of one round."""

from msgspec import Struct

from sequencer.crypto import poseidon
from sequencer.model import constants as c
from sequencer.model.words import pack


class OracleReport(Struct, frozen=True, gc=False):
    """Prices of every market by one signer.

    Attributes
    ----------
    signer : int
        Index of the signer's key in the configuration.
    time : int
        Seconds; the round's time, the same for every signer of the round.
    prices : tuple of int
        Ticks, one a market, at least 1 in a live market.
    signature : tuple of (int, int, int)
        EdDSA-Poseidon signature of `hash(domain)`.
    """

    signer: int
    time: int
    prices: tuple[int, ...]
    signature: tuple[int, int, int] = (0, 0, 0)

    def word(self) -> int:
        """Return time and prices in one word: what is signed."""
        prices = ((p, c.TIME_BITS + c.PRICE_BITS * i, c.PRICE_BITS) for i, p in enumerate(self.prices))
        return pack(((self.time, 0, c.TIME_BITS), *prices))

    def signer_word(self) -> int:
        """Return `word` with the signer's index: what the oracle hash commits to."""
        return self.word() | self.signer << c.ORACLE_SIGNER_AT

    def hash(self, domain: int) -> int:
        """Return what the oracle signs; the tag keeps it apart from every message."""
        return poseidon((domain, c.ORACLE_TAG, self.word()))
