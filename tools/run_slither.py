"""slither with one fault of its parser corrected: run by the Python of .tools/analysers.

Of two bases that each say `using X for *`, a contract of slither 0.11.6 keeps only the libraries of the last.
The rollup has such bases (ReentrancyGuardTransient and EIP712): slither gives up on calls of the other's
library, and leaves the whole contract out of what needs the flow of data.
"""

import sys
from typing import Any

from slither.__main__ import main
from slither.core.declarations.contract import Contract


class UsingFor(dict[Any, list[Any]]):
    """The libraries attached to each type."""

    def update(self, inherited: dict[Any, list[Any]]) -> None:
        """Add the libraries of a base to those that are there."""
        for key, libraries in inherited.items():
            self[key] = list(dict.fromkeys([*self.get(key, []), *libraries]))


construct = Contract.__init__


def constructed(self: Contract, *arguments: Any) -> None:
    """Construct a contract whose attached libraries add up."""
    construct(self, *arguments)
    self._using_for = UsingFor()


Contract.__init__ = constructed
sys.exit(main())
