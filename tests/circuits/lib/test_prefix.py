"""Enabled slots come first, and their numbers strictly increase."""

import itertools

import pytest

from tests.circuits.harness import CircuitTester

BITS = 8


@pytest.fixture(scope="module")
def prefix() -> CircuitTester:
    return CircuitTester("EnabledPrefix", (3,))


@pytest.fixture(scope="module")
def increasing() -> CircuitTester:
    return CircuitTester("StrictlyIncreasing", (3, BITS))


@pytest.mark.parametrize("slots", list(itertools.product((0, 1), repeat=3)))
def test_a_gap_between_enabled_slots_is_rejected(prefix: CircuitTester, slots: tuple[int, ...]) -> None:
    if slots == tuple(sorted(slots, reverse=True)):
        assert prefix.accepts({"in": slots})
        assert prefix.witness({"in": slots}) == {"count": sum(slots)}
    else:
        assert prefix.rejects({"in": slots})


@pytest.mark.parametrize("slots", [(2, 0, 0), (-1, 0, 0), (1, 2, 0), (1, 1, -1)])
def test_a_slot_that_is_neither_0_nor_1_is_rejected(prefix: CircuitTester, slots: tuple[int, ...]) -> None:
    assert prefix.rejects({"in": slots})


def test_the_count_cannot_be_lied_about(prefix: CircuitTester) -> None:
    assert not prefix.accepts_witness_with({"in": [1, 1, 0]}, {"main.count": 3})


@pytest.mark.parametrize(
    ("enabled", "values"),
    [
        ([1, 1, 1], [0, 1, 2]),
        ([1, 1, 1], [0, 254, 255]),
        ([1, 1, 0], [7, 9, 0]),
        ([1, 0, 0], [255, 0, 0]),
        ([0, 0, 0], [9, 9, 9]),
    ],
)
def test_numbers_of_enabled_slots_may_only_grow(
    increasing: CircuitTester, enabled: list[int], values: list[int]
) -> None:
    assert increasing.accepts({"enabled": enabled, "values": values})


@pytest.mark.parametrize(
    ("enabled", "values"),
    [
        ([1, 1, 0], [7, 7, 0]),
        ([1, 1, 0], [7, 6, 0]),
        ([1, 1, 1], [0, 255, 255]),
        ([1, 1, 1], [0, 255, 0]),
        ([1, 1, 0], [0, 257, 0]),
    ],
)
def test_a_repeated_or_smaller_number_is_rejected(
    increasing: CircuitTester, enabled: list[int], values: list[int]
) -> None:
    assert increasing.rejects({"enabled": enabled, "values": values})


def test_no_gap_can_be_made_up(increasing: CircuitTester) -> None:
    repeated = {"enabled": [1, 0, 0], "values": [7, 7, 0]}
    assert not increasing.accepts_witness_with(repeated, {"main.enabled[1]": 1})
