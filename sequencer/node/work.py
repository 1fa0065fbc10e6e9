"""What one request asks of the node, and where its answers go."""

import asyncio
from collections.abc import Sequence

from sequencer.model.errors import ProofbookError
from sequencer.model.message import SignedMessage
from sequencer.node.answers import Answer

Result = Answer | ProofbookError
"""What became of a message."""


class Work:
    """Messages to be sequenced in their order.

    Parameters
    ----------
    messages
        One at least.
    is_replacement
        Whether the second message is sequenced only if the first cancelled an order.

    Attributes
    ----------
    answered : Future of list of Result
        Done once every message has its result.
    """

    def __init__(self, messages: Sequence[SignedMessage], *, is_replacement: bool) -> None:
        self.messages, self.is_replacement = messages, is_replacement
        self.answered: asyncio.Future[list[Result]] = asyncio.get_running_loop().create_future()
        self._results: dict[int, Result] = {}

    def put(self, place: int, result: Result) -> None:
        """Note what became of a message."""
        self._results[place] = result
        if len(self._results) == len(self.messages) and not self.answered.done():
            self.answered.set_result([result for _, result in sorted(self._results.items())])

    def fail(self, error: ProofbookError) -> None:
        """Give up: nobody can tell what becomes of the messages."""
        if not self.answered.done():
            self.answered.set_exception(error)
