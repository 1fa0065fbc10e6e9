"""A client's book: what the specification asks of one, and nothing of the server's code."""

from decimal import Decimal
from typing import Any
from zlib import crc32


class ClientBook:
    """Levels by price; takes a snapshot, then pushes, and says whether it may be believed."""

    def __init__(self) -> None:
        self.bids: dict[str, str] = {}
        self.asks: dict[str, str] = {}
        self.entry = 0

    def take(self, push: dict[str, Any]) -> None:
        """Apply a push; an assertion fails where one was missed or the book differs from the venue's."""
        if push["snapshot"]:
            self.bids, self.asks = {}, {}
        else:
            assert push["prev"] == self.entry
        for side, changes in ((self.bids, push["bids"]), (self.asks, push["asks"])):
            for price, size in changes:
                if size == "0":
                    side.pop(price, None)
                else:
                    side[price] = size
        self.entry = push["entry"]
        assert self.checksum() == push["checksum"]

    def levels(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Both sides, best first."""
        bids = sorted(self.bids.items(), key=lambda level: -Decimal(level[0]))
        return bids, sorted(self.asks.items(), key=lambda level: Decimal(level[0]))

    def checksum(self) -> int:
        bids, asks = self.levels()
        return crc32("|".join(f"{price}:{size}" for price, size in bids[:10] + asks[:10]).encode())
