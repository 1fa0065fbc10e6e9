"""The node that holds the premiums commits to each of them."""

from typing import Any

import pytest
from msgspec.structs import fields, replace

from sequencer.crypto.reference import poseidon
from sequencer.model import constants as c
from sequencer.model.premium import NO_PREMIUMS, Premium, premium_root
from sequencer.model.words import to_field

PREMIUMS = tuple(Premium(-slot - 1, 10 + slot, 20 - slot) for slot in range(c.MARKETS))


def test_the_root_is_that_of_the_specification() -> None:
    words = [-1, 10, 20, -2, 11, 19, -3, 12, 18, -4, 13, 17, 55_000]
    assert premium_root(PREMIUMS, 55_000) == poseidon([to_field(word) for word in words])
    assert premium_root(NO_PREMIUMS, 0) == poseidon([0] * 13)


@pytest.mark.parametrize("slot", range(c.MARKETS))
@pytest.mark.parametrize("name", [field.name for field in fields(Premium)])
def test_it_covers_every_field_of_every_slot(slot: int, name: str) -> None:
    changed: dict[str, Any] = {name: getattr(PREMIUMS[slot], name) + 1}
    other = [*PREMIUMS]
    other[slot] = replace(other[slot], **changed)
    assert premium_root(other, 7) != premium_root(PREMIUMS, 7)


def test_it_covers_the_period() -> None:
    assert premium_root(PREMIUMS, 7) != premium_root(PREMIUMS, 8)
