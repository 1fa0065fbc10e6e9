"""Python's search for cycles, which stops everything while it looks at every object."""

import gc
from typing import Final

# Messages leave no cycles behind, only failed requests do: a look at the young objects is due after so many
# of them, one at all objects 2,000 looks later.
_THRESHOLDS: Final = (50_000, 20, 100)


def collect_rarely() -> None:
    """Leave what the start has made alone for good, and look for cycles among the rest rarely."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
