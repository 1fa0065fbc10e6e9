"""The sizes in which the batch circuit is compiled (circuits/sizes.json)."""

import json
from pathlib import Path
from typing import Literal

from msgspec import Struct

from sequencer.model import constants as c

SIZES_FILE = Path(__file__).resolve().parents[2] / "circuits" / "sizes.json"


class BatchSize(Struct, frozen=True):
    """What fits one batch.

    Attributes
    ----------
    steps : int
        Micro-steps, T.
    accounts, pages : int
        Slots of accounts and of book pages, A and J.
    rows : int
        Orders touched or passed, O: the first half bids, the other asks.
    messages, requests : int
        K and R.
    signatures : {"batched", "single"}
        Whether the circuit checks all signatures by one combination, or one by one.
    """

    name: str
    steps: int
    accounts: int
    pages: int
    rows: int
    messages: int
    requests: int
    signatures: Literal["batched", "single"] = "batched"

    @property
    def half(self) -> int:
        """Rows of one half."""
        return self.rows // 2

    @property
    def sure_requests(self) -> int:
        """Requests that fit a batch whatever they are, at least one.

        Each may be of another account, and the last a liquidation that meets as many makers as a message can,
        looks at one more and may need the insurance fund.
        """
        return max(1, min(self.requests, self.accounts - c.MAX_OUTCOMES - 2))


def batch_size(name: str) -> BatchSize:
    """Return the size with this name.

    Raises
    ------
    KeyError
        If the circuits have no such size.
    """
    return BatchSize(name=name, **json.loads(SIZES_FILE.read_text())[name])
