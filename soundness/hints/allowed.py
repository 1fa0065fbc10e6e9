"""The lies that are not refused, and why each of them harms nobody."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sequencer.model.codes import MessageKind, RequestKind
from sequencer.model.constants import ORDER_KEY_AT, PPM_UNIT, SEQUENCE_BITS
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


def top_of_unused(flag: str, path: str) -> Where:
    """Say yes to the nodes below the crown, in the path of a slot whose flag is 0."""

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


def without_page_read(inputs: Inputs, place: Place) -> bool:
    """Say yes to the ends of a page's run that are no ghost and no order that rests when the batch ends."""
    row = place[:1]
    if not _ends_run(inputs, place) or value_at(inputs["rowGhost"], row) == 1:
        return False
    pages, rows = inputs["pageNewWord"], inputs["rowUsed"]
    assert not isinstance(pages, int)
    assert not isinstance(rows, int)
    book = value_at(inputs["rowMarket"], row), int(row[0] >= len(rows) // 2)
    key = value_at(inputs["rowRank"], row) << SEQUENCE_BITS | value_at(inputs["rowSequence"], row)
    return not any(
        (value_at(inputs["pageNewMarket"], (page,)), value_at(inputs["pageNewSide"], (page,))) == book
        and any(word and word >> ORDER_KEY_AT == key for word in _elements(words))
        for page, words in enumerate(pages)
    )


def _ends_run(inputs: Inputs, place: Place) -> bool:
    """Say whether a row stands in a page and a neighbour in its half of the table does not."""
    pages, (row, page) = inputs["rowPage"], place
    assert not isinstance(pages, int)
    half = len(pages) // 2
    inside = {at for at in range(row // half * half, (row // half + 1) * half) if value_at(pages, (at, page))}
    return row in inside and not {row - 1, row + 1} <= inside


def without_new_page(inputs: Inputs, place: Place) -> bool:
    """Say yes to pages that a merge removed; a page that is not full must keep its header."""
    return value_at(inputs["pageIs"], place) == 0 and value_at(inputs["pageFull"], place) == 1


def where_a_ppm_is_many_units(inputs: Inputs, place: Place) -> bool:
    """Say yes to the markets in which a millionth of what the premium is divided by is more than a unit."""
    held = value_at(inputs["marketOpenInterest"], place) * value_at(inputs["marketMark"], place)
    return max(value_at(inputs["premiumWeight"], place), held) > PPM_UNIT


def empty_place(word: str) -> Where:
    """Say yes to the places of a page that hold no order."""
    return lambda inputs, place: value_at(inputs[word], place) == 0


def of_an_unsigned_message(inputs: Inputs, place: Place) -> bool:
    """Say yes to the one step of a message of an old key epoch that L1 does not force."""
    return _is_unsigned(inputs, place) and value_at(inputs["stepKind"], place[:1]) != MessageKind.BY_RULE


def of_what_nobody_signs(inputs: Inputs, place: Place) -> bool:
    """Say yes to the first step of a message of kind 3 that L1 does not force."""
    return _is_unsigned(inputs, place) and value_at(inputs["stepKind"], place[:1]) == MessageKind.BY_RULE


def _is_unsigned(inputs: Inputs, place: Place) -> bool:
    takes, kinds = inputs["stepTake"], inputs["requestKind"]
    assert not isinstance(takes, int)
    number = sum(value_at(takes, (step,)) for step in range(place[0] + 1)) - 1
    if value_at(takes, place[:1]) == 0 or (number == 0 and RequestKind.MESSAGE in _elements(kinds)):
        return False
    slots = inputs["signatureSlot"]
    assert not isinstance(slots, int)
    return not _any(slots[number])


def _elements(signal: Signal) -> list[int]:
    """Return the elements of an array of one dimension."""
    assert not isinstance(signal, int)
    return [value_at(signal, (place,)) for place in range(len(signal))]


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
    unless : tuple of str
        Names that fit a pattern and are not meant.
    """

    signals: tuple[str, ...]
    outcome: Outcome
    reason: str
    where: Where = everywhere
    unless: tuple[str, ...] = ()

    def matching(self, name: str) -> list[str]:
        """Return the patterns that a signal's name fits, if it is meant."""
        return [pattern for pattern in self.signals if fnmatchcase(name, pattern) and name not in self.unless]


_CHOSEN = "KeyEpoch Nonce Kind Market Side Ioc PostOnly ReduceOnly Expiry MaxFee Price Size Target"
_FORCED = (
    "marketUnitRest",
    "marketReturn",
    "marketVolatilityAfter",
    "marketOpenInterestAddonAfter",
    "marketTierStep",
)
"""Signals of a market that open no root."""

ALLOWED: tuple[Allowance, ...] = (
    Allowance(
        ("batchNumber", "timestamp"),
        Outcome.PUBLISHED,
        "A header word, which the contract compares with its own number or holds against its clock.",
    ),
    Allowance(
        ("logHead", "feePool", "fundingPool", "requestsBegin", "firstSequence", "market*", "venue*"),
        Outcome.PUBLISHED,
        "Opens the old state root, a header word; a part that no root opens would show as FREE.",
        unless=_FORCED,
    ),
    Allowance(
        ("premiumWeight", "premiumRate", "premiumPeriod"),
        Outcome.PUBLISHED,
        "Opens the old state root, as the markets do. The premium in ppm and the batch's period do not.",
    ),
    Allowance(
        ("premiumExcess",),
        Outcome.PUBLISHED,
        "Opens the old state root, too: a unit more may be the same premium in ppm, which is forced.",
        where_a_ppm_is_many_units,
    ),
    Allowance(
        ("feeMaker", "feeTaker", "oracleMaxAge", "oracleKey", "insuranceFloor"),
        Outcome.PUBLISHED,
        "Part of the configuration hash, a header word that the contract compares with its own.",
    ),
    Allowance(
        ("requestKind", "requestAmount", "requestData", "requestOwner"),
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
        tuple(f"step{field}" for field in _CHOSEN.split()),
        Outcome.PUBLISHED,
        "The operator may choose another message that nobody signs and that does the same, such as nothing.",
        of_what_nobody_signs,
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
        "The path of a slot out of use ends in no node that anything compares.",
        top_of_unused("accountEnabled", "accountPath"),
    ),
    Allowance(
        ("pagePath",),
        Outcome.FREE,
        "The path of a slot out of use ends in no node that anything compares.",
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
        ("rowPage",),
        Outcome.FREE,
        "A row that is no ghost and does not rest when the batch ends may be left out of a page's run.",
        without_page_read,
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
)
