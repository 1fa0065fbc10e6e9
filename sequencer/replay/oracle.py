"""The five oracle signers of a replay: their keys, and how little they disagree."""

from random import Random
from typing import Final

from eth_utils.crypto import keccak

from sequencer.crypto import SUBGROUP_ORDER, public_key
from sequencer.model import constants as c
from sequencer.model.oracle import OracleReport
from sequencer.oracle.quorum import nearest_quorum
from sequencer.oracle.signer import signed
from sequencer.replay.terms import MARKET

DIFFERENCE_TICKS: Final = 20
"""How far a signer's price lies from the recorded one at most; the mark is the median of three."""


class OracleSigners:
    """The signers' keys, which follow from the seed, and rounds at any price for tests and benchmarks."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.secrets = [_secret(seed, signer) for signer in range(c.ORACLE_SIGNERS)]

    @property
    def keys(self) -> list[tuple[int, int]]:
        """The signers' public keys, in the order of the configuration."""
        return [public_key(secret) for secret in self.secrets]

    def round(self, domain: int, time: int, price_ticks: int) -> tuple[OracleReport, ...]:
        """Return the quorum that a collector takes when every signer has reported."""
        published = []
        for signer, secret in enumerate(self.secrets):
            seen = seen_price(price_ticks, self._seed, signer, time)
            prices = tuple(seen if slot == MARKET else 0 for slot in range(c.MARKETS))
            published.append(signed(OracleReport(signer, time, prices), secret, domain))
        return nearest_quorum(published, live_markets=MARKET + 1)


def seen_price(price_ticks: int, seed: int, signer: int, time: int) -> int:
    """Return what a signer sees of a price, the same whenever it looks."""
    difference = Random(f"proofbook oracle signer {signer} of seed {seed} at {time}")
    return max(1, price_ticks + difference.randint(-DIFFERENCE_TICKS, DIFFERENCE_TICKS))


def _secret(seed: int, signer: int) -> int:
    digest = keccak(text=f"proofbook oracle signer {signer} of seed {seed}")
    return 1 + int.from_bytes(digest, "big") % (SUBGROUP_ORDER - 1)
