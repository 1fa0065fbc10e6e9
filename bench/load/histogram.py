"""A histogram of latencies with bounded relative error, after HdrHistogram: any value, constant memory."""

from typing import Final

_SUB_BITS: Final = 8
_SUB_BUCKETS: Final = 1 << _SUB_BITS


class Histogram:
    """Counts of whole numbers from 0 up; below 512 exact, above to one part in 256.

    Attributes
    ----------
    count, maximum : int
    """

    def __init__(self) -> None:
        self.count = self.maximum = 0
        self._counts: dict[int, int] = {}

    def record(self, value: int) -> None:
        value = max(value, 0)
        bucket = _bucket(value)
        self._counts[bucket] = self._counts.get(bucket, 0) + 1
        self.count += 1
        self.maximum = max(self.maximum, value)

    def percentile(self, share: float) -> int:
        """Return a value that at least `share` percent of the values do not exceed; 0 of nothing."""
        needed = max(1, -(-self.count * round(share * 1_000) // 100_000))
        seen = 0
        for bucket in sorted(self._counts):
            seen += self._counts[bucket]
            if seen >= needed:
                return min(_highest(bucket), self.maximum)
        return 0


def _bucket(value: int) -> int:
    """Return the number of a value's bucket: its power of two, and where it lies between two of them."""
    shift = max(value.bit_length() - _SUB_BITS - 1, 0)
    return (shift << (_SUB_BITS + 1)) | (value >> shift)


def _highest(bucket: int) -> int:
    shift, at = bucket >> (_SUB_BITS + 1), bucket & (2 * _SUB_BUCKETS - 1)
    return ((at + 1) << shift) - 1
