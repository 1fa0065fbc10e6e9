"""A lie about any one input of an honest batch is refused by a constraint.

Inputs of slots that are not in use are left out: nothing reads them. The lies are single, so a word of
calldata is caught by the commitment at the latest; which constraint catches what, the templates' tests tell.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from prover import Prover, open_prover
from prover.errors import WitnessRejectedError
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.signals import Inputs
from sequencer.model.constants import FIELD_MODULUS, ORDER_KEY_AT, SEQUENCE_BITS
from sequencer.state.record import Signal
from tests.batch.fixtures import demo_like_batches

Place = tuple[int, ...]
ENABLED_BY = {
    "account": "accountEnabled",
    "page": "pageEnabled",
    "row": "rowUsed",
    "request": "requestEnabled",
}
ALWAYS_BOUND = {"accountEnabled", "pageEnabled", "rowUsed", "requestEnabled"}
ORDER_FIELDS = {"rowAccount", "rowExpiry", "rowMaxFee", "rowReduceOnly"}
LIES_PER_SIGNAL = 1
SEEDS = (3, 11)


@pytest.fixture(scope="module")
def small() -> Prover:
    return open_prover("small", "native")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lie_about_one_input_is_refused(small: Prover, seed: int) -> None:
    batch = busiest(demo_like_batches(seed, 4))
    random = Random(seed)
    believed = []
    for name in batch.inputs:
        places = [place for place in places_of(batch.inputs[name]) if is_used(batch.inputs, name, place)]
        for place in random.sample(places, min(LIES_PER_SIGNAL, len(places))):
            if accepts(small, lied(batch.inputs, name, place)):
                believed.append((name, place))
    assert not believed


def busiest(batches: list[SealedBatch]) -> SealedBatch:
    return max(batches, key=lambda batch: (len(batch.trades), len(batch.requests), len(batch.messages)))


def accepts(prover: Prover, inputs: Inputs) -> bool:
    try:
        prover.check(inputs)
    except WitnessRejectedError:
        return False
    return True


def places_of(value: object, prefix: Place = ()) -> Iterator[Place]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from places_of(item, (*prefix, index))
    else:
        yield prefix


def is_used(inputs: Inputs, name: str, place: Place) -> bool:
    """Whether something reads the input at this place of this batch."""
    if name in ALWAYS_BOUND:
        return True
    if name.startswith("signature"):
        slots = at(inputs["signatureSlot"], place[:1])
        assert isinstance(slots, list)
        return any(slots)
    if name.startswith("pageOld") or name.startswith("pageNew"):
        there = "pageWas" if name.startswith("pageOld") else "pageIs"
        return at(inputs[there], place[:1]) == 1 and not is_empty_place(inputs, name, place)
    for part, flag in ENABLED_BY.items():
        if name.startswith(part):
            idle = name in ORDER_FIELDS and is_orderless(inputs, place)
            idle |= name == "rowPage" and is_pageless(inputs, place[:1])
            return at(inputs[flag], place[:1]) == 1 and not idle
    return True


def is_empty_place(inputs: Inputs, name: str, place: Place) -> bool:
    """A page's place without an order has no row to speak of."""
    return name.endswith("Row") and at(inputs[name.replace("Row", "Word")], place) == 0


def is_orderless(inputs: Inputs, place: Place) -> bool:
    """A sentinel, a ghost or a row whose order never rested has no owner, expiry or fee."""
    if at(inputs["rowSentinel"], place) or at(inputs["rowGhost"], place):
        return True
    return not (at(inputs["rowRemaining"], place) or ends_in_a_page(inputs, place))


def is_pageless(inputs: Inputs, place: Place) -> bool:
    """A row that neither rests after the batch nor is a ghost has no page to speak of."""
    return not (at(inputs["rowGhost"], place) or ends_in_a_page(inputs, place))


def ends_in_a_page(inputs: Any, place: Place) -> bool:
    """Whether a new page holds an order of the row's key."""
    (row,) = place
    book = inputs["rowMarket"][row], int(row >= len(inputs["rowUsed"]) // 2)
    key = inputs["rowRank"][row] << SEQUENCE_BITS | inputs["rowSequence"][row]
    books = zip(inputs["pageNewMarket"], inputs["pageNewSide"], strict=True)
    return any(
        word and of_book == book and word >> ORDER_KEY_AT == key
        for of_book, words in zip(books, inputs["pageNewWord"], strict=True)
        for word in words
    )


def at(value: object, place: Place) -> object:
    for index in place:
        assert isinstance(value, list)
        value = value[index]
    return value


def lied(inputs: Inputs, name: str, place: Place) -> Inputs:
    """The inputs with one more than the truth at one place."""
    changed = replaced(inputs[name], place)
    return {**inputs, name: changed}


def replaced(value: Signal, place: Place) -> Signal:
    if not place:
        assert isinstance(value, int)
        return (value + 1) % FIELD_MODULUS
    assert isinstance(value, list)
    return [replaced(item, place[1:]) if index == place[0] else item for index, item in enumerate(value)]
