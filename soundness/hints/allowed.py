"""The lies that are not refused, and why each of them harms nobody."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sequencer.state.record import Signal
from soundness.hints.inputs import Inputs, Place, value_at
from soundness.hints.trial import Outcome

Where = Callable[[Inputs, Place], bool]


def everywhere(_inputs: Inputs, _place: Place) -> bool:
    """Say yes to every element."""
    return True


def when(flag: str, state: int) -> Where:
    """Say yes to the slots whose flag has this state."""
    return lambda inputs, place: value_at(inputs[flag], place[:1]) == state


def nothing_opened(flag: str) -> Where:
    """Say yes where no slot of a table is enabled."""
    return lambda inputs, _place: not _any(inputs[flag])


def top_of_unused(flag: str, path: str) -> Where:
    """Say yes to the nodes below the root, in the path of a slot whose flag is 0."""

    def is_top(inputs: Inputs, place: Place) -> bool:
        paths = inputs[path]
        assert not isinstance(paths, int)
        levels = paths[place[0]]
        assert not isinstance(levels, int)
        return value_at(inputs[flag], place[:1]) == 0 and place[1] == len(levels) - 1

    return is_top


def without_order(inputs: Inputs, place: Place) -> bool:
    """Say yes to sentinels, ghosts and orders that never rested: no account of an order is 0."""
    return value_at(inputs["rowUsed"], place) == 1 and value_at(inputs["rowAccount"], place) == 0


def without_new_page(inputs: Inputs, place: Place) -> bool:
    """Say yes to pages that a merge removed; a page that is not full must keep its header."""
    return value_at(inputs["pageIs"], place) == 0 and value_at(inputs["pageFull"], place) == 1


def empty_place(word: str) -> Where:
    """Say yes to the places of a page that hold no order."""
    return lambda inputs, place: value_at(inputs[word], place) == 0


def unsigned(inputs: Inputs, place: Place) -> bool:
    """Say yes to messages that need no signature, by their number in the log."""
    slots = inputs["signatureSlot"]
    assert not isinstance(slots, int)
    return not _any(slots[place[0]])


def of_an_unsigned_message(inputs: Inputs, place: Place) -> bool:
    """Say yes to the steps of messages that need no signature."""
    takes = inputs["stepTake"]
    assert not isinstance(takes, int)
    number = sum(value_at(takes, (step,)) for step in range(place[0] + 1)) - 1
    return number >= 0 and unsigned(inputs, (number,))


def _any(signal: Signal) -> bool:
    return signal != 0 if isinstance(signal, int) else any(_any(item) for item in signal)


@dataclass(frozen=True)
class Allowance:
    """Lies about some signals that may have an outcome other than being refused.

    Attributes
    ----------
    signals : tuple of str
        Names, or patterns of names as a shell has them.
    where : callable
        Which elements of which batches are meant.
    """

    signals: tuple[str, ...]
    outcome: Outcome
    reason: str
    where: Where = everywhere

    def matching(self, name: str) -> list[str]:
        """Return the patterns that a signal's name fits."""
        return [pattern for pattern in self.signals if fnmatchcase(name, pattern)]


ALLOWED: tuple[Allowance, ...] = (
    Allowance(
        ("batchNumber", "timestamp"),
        Outcome.PUBLISHED,
        "A header word, which the contract compares with its own number or holds against its clock.",
    ),
    Allowance(
        ("logHead", "feePool", "requestsBegin", "firstSequence", "market*"),
        Outcome.PUBLISHED,
        "Opens the old state root, a header word; a part that no root opens would show as FREE.",
    ),
    Allowance(
        ("accountRoot",),
        Outcome.PUBLISHED,
        "Opens the old state root; without an open account no path leads to it.",
        nothing_opened("accountEnabled"),
    ),
    Allowance(
        ("pageRoot",),
        Outcome.PUBLISHED,
        "Opens the old state root; without an open page no path leads to it.",
        nothing_opened("pageEnabled"),
    ),
    Allowance(
        ("feeMaker", "feeTaker", "oracleMaxAge", "oracleKey"),
        Outcome.PUBLISHED,
        "Part of the configuration hash, a header word that the contract fixed at deployment.",
    ),
    Allowance(
        ("requestAmount", "requestKey", "requestOwner"),
        Outcome.PUBLISHED,
        "A queue word, which the contract takes from its own storage.",
        when("requestEnabled", 1),
    ),
    Allowance(
        ("step*",),
        Outcome.PUBLISHED,
        "The message needs no signature and does nothing; receipts answer for its hash in the log root.",
        of_an_unsigned_message,
    ),
    Allowance(
        ("accountId",),
        Outcome.FREE,
        "A slot out of use has the id that matches no message instead.",
        when("accountEnabled", 0),
    ),
    Allowance(
        ("accountPath",),
        Outcome.FREE,
        "The path of a slot out of use ends in no root that anything compares.",
        top_of_unused("accountEnabled", "accountPath"),
    ),
    Allowance(
        ("pagePath",),
        Outcome.FREE,
        "The path of a slot out of use ends in no root that anything compares.",
        top_of_unused("pageEnabled", "pagePath"),
    ),
    Allowance(
        ("pageIndex", "pageFull"),
        Outcome.FREE,
        "A slot out of use has neither a page before nor after: nothing is opened, written or passed on.",
        when("pageEnabled", 0),
    ),
    Allowance(
        ("pageNewMarket", "pageNewSide", "pageNewLow", "pageNewHigh"),
        Outcome.FREE,
        "The page left the tree: its leaf is 0, its fences tile nothing, and a row in it finds no order.",
        without_new_page,
    ),
    Allowance(
        ("rowMarket", "rowRank", "rowSequence", "rowAccount", "rowExpiry", "rowMaxFee", "rowReduceOnly"),
        Outcome.FREE,
        "No step selects a row out of use, and no page names it.",
        when("rowUsed", 0),
    ),
    Allowance(
        ("rowAccount", "rowExpiry", "rowMaxFee", "rowReduceOnly"),
        Outcome.FREE,
        "The row stands for a place in the book without an order: nothing is read from it but the place.",
        without_order,
    ),
    Allowance(
        ("pageOldRow",),
        Outcome.FREE,
        "Whether an order has a row means nothing where there is no order.",
        empty_place("pageOldWord"),
    ),
    Allowance(
        ("pageNewRow",),
        Outcome.FREE,
        "Whether an order has a row means nothing where there is no order.",
        empty_place("pageNewWord"),
    ),
    Allowance(
        ("signatureR8", "signatureS"),
        Outcome.FREE,
        "Nobody signs here: the check is switched off by the flag that the steps computed.",
        unsigned,
    ),
)
