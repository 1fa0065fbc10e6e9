"""Python's search for cycles, which stops everything while it looks at every object."""

import gc
from typing import Final

# Messages leave no cycles behind, only failed requests do. A look at young objects takes a few milliseconds
# and is due after so many of them; one at those that outlived it after 100 looks, one at all after 10,000.
_THRESHOLDS: Final = (10_000, 100, 100)


def collect_rarely() -> None:
    """Leave what the start has made alone for good, and look for cycles among the rest rarely."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
