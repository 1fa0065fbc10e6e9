"""Token buckets: how much a client may still do, at the time that the caller says."""

import ipaddress
import math
from collections import Counter, OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from sequencer.service.errors import RateLimitedError
from sequencer.service.settings import Rate

_NETWORK_BITS: Final = 64
_ADDRESSES_KEPT: Final = 4_096


class Allowance(NamedTuple):
    """What a bucket has after a request: what the headers say."""

    limit: int
    remaining: int
    reset_seconds: int

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return the headers that tell it."""
        return [
            (b"ratelimit-limit", b"%d" % self.limit),
            (b"ratelimit-remaining", b"%d" % self.remaining),
            (b"ratelimit-reset", b"%d" % self.reset_seconds),
        ]


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Limiter:
    """The buckets of all clients of one kind; those that nobody has used for longest are forgotten first.

    Parameters
    ----------
    buckets_max
        A client that is forgotten begins with a full bucket again.
    """

    def __init__(self, rate: Rate, buckets_max: int) -> None:
        self._rate, self._buckets_max = rate, buckets_max
        self._buckets: OrderedDict[Hashable, _Bucket] = OrderedDict()

    def require(self, client: Hashable, amount: int, now: float) -> None:
        """Refuse a client whose bucket does not hold so much; nothing is taken.

        An amount beyond the burst needs a full bucket.

        Parameters
        ----------
        now
            Seconds of a clock that never goes back.

        Raises
        ------
        RateLimitedError
        """
        self._require(self._bucket(client, now), amount)

    def charge(self, client: Hashable, amount: int, now: float) -> Allowance:
        """Take from a bucket, which may come to owe, and return what it has."""
        bucket = self._bucket(client, now)
        bucket.tokens -= amount
        return self._allowance(bucket)

    def take(self, client: Hashable, amount: int, now: float) -> Allowance:
        """Do what `require` and `charge` do, with their errors."""
        bucket = self._bucket(client, now)
        self._require(bucket, amount)
        bucket.tokens -= amount
        return self._allowance(bucket)

    def allowance(self, client: Hashable, now: float) -> Allowance:
        """Return what a bucket has."""
        return self._allowance(self._bucket(client, now))

    def _require(self, bucket: _Bucket, amount: int) -> None:
        missing = min(amount, self._rate.burst) - bucket.tokens
        if missing > 0:
            seconds = max(1, math.ceil(missing / self._rate.per_second))
            raise RateLimitedError(
                f"{self._rate.per_second:g} a second, bursts of {self._rate.burst}", seconds
            )

    def _allowance(self, bucket: _Bucket) -> Allowance:
        missing = self._rate.burst - bucket.tokens
        reset = math.ceil(missing / self._rate.per_second)
        return Allowance(self._rate.burst, max(0, math.floor(bucket.tokens)), reset)

    def _bucket(self, client: Hashable, now: float) -> _Bucket:
        bucket = self._buckets.get(client)
        if bucket is None:
            if len(self._buckets) >= self._buckets_max:
                self._buckets.popitem(last=False)
            bucket = self._buckets[client] = _Bucket(float(self._rate.burst), now)
            return bucket
        self._buckets.move_to_end(client)
        bucket.tokens = min(self._rate.burst, bucket.tokens + (now - bucket.at) * self._rate.per_second)
        bucket.at = now
        return bucket


class Occupancy:
    """How many of a thing each client has, at most `each`."""

    def __init__(self, each: int) -> None:
        self._each = each
        self._held: Counter[Hashable] = Counter()

    def enter(self, client: Hashable) -> bool:
        """Count one more, unless the client has as many as may be; tell whether it was counted."""
        if self._held[client] >= self._each:
            return False
        self._held[client] += 1
        return True

    def leave(self, client: Hashable) -> None:
        """Count one less."""
        self._held[client] -= 1
        if not self._held[client]:
            del self._held[client]


@lru_cache(_ADDRESSES_KEPT)
def client_of(address: str) -> str:
    """Return whom an address counts as: one IPv6 network of 64 bits is one client."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((parsed, _NETWORK_BITS), strict=False))
    return address
