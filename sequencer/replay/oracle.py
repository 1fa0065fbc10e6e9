"""Five oracle signers, who see nearly the same price."""

from random import Random
from typing import Final

from eth_utils.crypto import keccak

from sequencer.crypto import SUBGROUP_ORDER, public_key, sign
from sequencer.model import constants as c
from sequencer.model.oracle import OracleReport
from sequencer.replay.terms import MARKET

DIFFERENCE_TICKS: Final = 20
"""How far a signer's price lies from the replayed one at most; the mark is the median of three."""


class OracleSigners:
    """The signers and their keys; everything follows from the seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(f"proofbook oracle {seed}")
        self._secrets = [_secret(seed, signer) for signer in range(c.ORACLE_SIGNERS)]

    @property
    def keys(self) -> list[tuple[int, int]]:
        """The signers' public keys, in the order of the configuration."""
        return [public_key(secret) for secret in self._secrets]

    def round(self, domain: int, time: int, price_ticks: int) -> tuple[OracleReport, ...]:
        """Let every signer publish its price; return the quorum that arrives first, by signer."""
        published = [
            self._report(domain, signer, time, self._seen_price(price_ticks))
            for signer in range(c.ORACLE_SIGNERS)
        ]
        first = sorted(self._random.sample(range(c.ORACLE_SIGNERS), c.ORACLE_QUORUM))
        return tuple(published[signer] for signer in first)

    def _seen_price(self, price_ticks: int) -> int:
        return max(1, price_ticks + self._random.randint(-DIFFERENCE_TICKS, DIFFERENCE_TICKS))

    def _report(self, domain: int, signer: int, time: int, price_ticks: int) -> OracleReport:
        prices = tuple(price_ticks if slot == MARKET else 0 for slot in range(c.MARKETS))
        unsigned = OracleReport(signer, time, prices)
        signature = sign(self._secrets[signer], unsigned.hash(domain))
        return OracleReport(signer, time, prices, signature)


def _secret(seed: int, signer: int) -> int:
    digest = keccak(text=f"proofbook oracle signer {signer} of seed {seed}")
    return 1 + int.from_bytes(digest, "big") % (SUBGROUP_ORDER - 1)
