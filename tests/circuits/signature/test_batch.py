"""The hints of the one check: nothing of it is the prover's choice."""

from typing import Any

import pytest

from sequencer.batch.combination import Coefficients, Signed, coefficients, scalars
from sequencer.batch.stream import chain
from sequencer.crypto import FIELD_MODULUS, SUBGROUP_ORDER, public_key
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester
from tests.circuits.signature.cases import KEYS, UNSIGNED_SLOT, Key, honest, inputs, signed, with_scalar


@pytest.fixture(scope="module")
def batch() -> CircuitTester:
    return CircuitTester("SignatureBatch", (2, 2))


def seed_of(slots: list[Signed], keys: tuple[Key, ...] = KEYS) -> int:
    """Written down a second time: h and S of each slot, then the keys."""
    words = [word for slot in slots for word in (slot.challenge(keys), slot.signature[2])]
    return chain(words + [coordinate for key in keys for coordinate in key])


def with_coefficients(
    slots: list[Signed], drawn: Coefficients, keys: tuple[Key, ...] = KEYS
) -> dict[str, Any]:
    """Hints for coefficients that the prover would like."""
    rows = scalars(drawn, slots, [slot.challenge(keys) for slot in slots], len(keys))
    return inputs(
        slots,
        keys,
        batched=True,
        bit=[row.bits for row in rows],
        quotient=[row.quotient for row in rows],
        carry=[row.carries for row in rows],
    )


def place(hints: dict[str, Any], name: str, row: int, column: int, change: int) -> dict[str, Any]:
    table = [list(values) for values in hints[name]]
    table[row][column] = to_field(table[row][column] + change)
    return {**hints, name: table}


def test_the_seed_is_over_every_h_s_and_key(batch: CircuitTester) -> None:
    slots = honest()
    assert batch.accepts(with_coefficients(slots, coefficients(seed_of(slots), 2)))


def test_other_coefficients_are_rejected(batch: CircuitTester) -> None:
    slots = honest()
    right = coefficients(seed_of(slots), 2)
    (first, second), start = right.z, right.start
    for wrong in (
        coefficients(seed_of(slots) + 1, 2),
        Coefficients(start + 1, (first, second)),
        Coefficients(start, (second, first)),
        Coefficients(start, (first, second + 2)),
        Coefficients(start, (1, 1)),
        Coefficients(1, (1, 1)),
    ):
        assert batch.rejects(with_coefficients(slots, wrong))


@pytest.mark.parametrize("owners", [(0, 0), (0, 1)])
def test_a_forgery_for_known_coefficients_meets_others(batch: CircuitTester, owners: tuple[int, int]) -> None:
    """With z known before S, S + z_2 and S' - z_1 leave the sum as it is; but S is in the seed."""
    slots = honest(owners)
    drawn = coefficients(seed_of(slots), 2)
    forged = [
        with_scalar(slots[0], (slots[0].signature[2] + drawn.z[1]) % SUBGROUP_ORDER),
        with_scalar(slots[1], (slots[1].signature[2] - drawn.z[0]) % SUBGROUP_ORDER),
    ]
    total, forged_total = (
        sum(z * slot.signature[2] for z, slot in zip(drawn.z, each, strict=True)) % SUBGROUP_ORDER
        for each in (slots, forged)
    )
    assert total == forged_total
    assert batch.rejects(with_coefficients(forged, drawn))
    assert batch.rejects(inputs(forged, batched=True))


def test_an_unused_key_cannot_be_changed_afterwards(batch: CircuitTester) -> None:
    """It adds l times itself, nothing; but the partial sums meet it, so it is fixed before the start."""
    slots = [signed(0, 5), UNSIGNED_SLOT]
    before = (KEYS[0], public_key(4))
    drawn = coefficients(seed_of(slots, before), 2)
    assert batch.accepts(with_coefficients(slots, drawn, before))
    assert batch.rejects(with_coefficients(slots, drawn, KEYS))
    assert batch.accepts(inputs(slots, batched=True))


@pytest.mark.parametrize("row", range(3))
def test_the_hints_of_a_scalar_are_forced(batch: CircuitTester, row: int) -> None:
    hints = inputs(honest(), batched=True)
    for column in (0, 1, 84, 85, 170, 251):
        bit = hints["bit"][row][column]
        assert batch.rejects(place(hints, "bit", row, column, 1 - 2 * bit))
    for name in ("quotient", "carry"):
        for column in (0, 1):
            for change in (1, -1, 1 << 85):
                assert batch.rejects(place(hints, name, row, column, change))


WIRES = [
    "term[0].r8Edwards[0]",
    "combination.r8[1][1]",
    "coefficients.z[0]",
    "scalars.hLimb[0][0]",
    "scalars.sLimb[1][1]",
    "scalars.zh[0][2]",
    "scalars.zs[1][0]",
    "scalars.owned[0][0][0]",
    "montgomery[0][1]",
    "start[0]",
    "left[0]",
]


@pytest.mark.parametrize("wire", WIRES)
def test_no_wire_can_be_lied_about(batch: CircuitTester, wire: str) -> None:
    assert not batch.accepts_witness_with(inputs(honest(), batched=True), {f"main.{wire}": FIELD_MODULUS - 2})
