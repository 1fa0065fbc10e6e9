"""The base of every error that Proofbook raises on purpose."""

from typing import ClassVar


class ProofbookError(Exception):
    """A refusal that a caller can act on; there is one subclass a cause.

    Attributes
    ----------
    code : str
        Stable name of the cause, for programs.
    cure : str
        What to do about it, for people.
    message : str
        What was wrong this time, with the values that were.
    """

    code: ClassVar[str]
    cure: ClassVar[str]

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}; {self.cure}"
