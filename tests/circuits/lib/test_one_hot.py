"""Selectors: Boolean places, and what they select."""

import itertools

import pytest

from prover.witness import Nested
from tests.circuits.harness import CircuitTester


@pytest.fixture(scope="module")
def selector() -> CircuitTester:
    return CircuitTester("Selector", (3,))


@pytest.fixture(scope="module")
def select() -> CircuitTester:
    return CircuitTester("Select", (3,))


@pytest.fixture(scope="module")
def lookup() -> CircuitTester:
    return CircuitTester("Lookup", (3,))


@pytest.fixture(scope="module")
def select_one() -> CircuitTester:
    return CircuitTester("SelectOne", (3,))


@pytest.fixture(scope="module")
def place_one() -> CircuitTester:
    return CircuitTester("PlaceOne", (3,))


@pytest.mark.parametrize("places", list(itertools.product((0, 1), repeat=3)))
def test_a_selector_tells_how_many_places_are_set_and_which(
    selector: CircuitTester, places: tuple[int, ...]
) -> None:
    assert selector.accepts({"in": places})
    index = sum(place for place, chosen in enumerate(places) if chosen)
    assert selector.witness({"in": places}) == {"sum": sum(places), "index": index}


@pytest.mark.parametrize("places", [(2, -1, 0), (0, 2, -1), (-1, 0, 2), (0, 0, 2)])
def test_a_place_that_is_neither_0_nor_1_is_rejected(
    selector: CircuitTester, places: tuple[int, ...]
) -> None:
    assert selector.rejects({"in": places})


@pytest.mark.parametrize("signal", ["main.sum", "main.index"])
def test_what_a_selector_tells_cannot_be_lied_about(selector: CircuitTester, signal: str) -> None:
    assert not selector.accepts_witness_with({"in": [0, 1, 0]}, {signal: 2})


@pytest.mark.parametrize(
    ("places", "selected"), [((0, 0, 0), 0), ((1, 0, 0), 5), ((0, 1, 0), -7), ((0, 0, 1), 11)]
)
def test_the_value_in_the_set_place_is_selected(
    select: CircuitTester, places: tuple[int, ...], selected: int
) -> None:
    inputs = {"selector": places, "values": [5, -7, 11]}
    assert select.accepts_witness_with(inputs, {"main.out": selected})
    assert not select.accepts_witness_with(inputs, {"main.out": selected + 1})


@pytest.mark.parametrize("place", range(3))
def test_no_selected_value_can_be_made_up(select: CircuitTester, place: int) -> None:
    """Of n products n - 1 are wires; the other one is the output less these."""
    inputs = {"selector": [0, 0, 0], "values": [5, 6, 7]}
    assert not select.accepts_witness_with(inputs, {f"main.products[{place}]": 1, "main.out": 1})


@pytest.mark.parametrize("place", range(3))
def test_a_key_is_looked_up_in_its_place_alone(lookup: CircuitTester, place: int) -> None:
    keys = [4, 7, 9]
    inputs: dict[str, Nested] = {"keys": keys, "key": keys[place], "enabled": 1}
    right = tuple(int(each == place) for each in range(3))
    assert lookup.witness(inputs | {"in": right}) == {"index": place}
    for wrong in {*itertools.product((-1, 0, 1, 2), repeat=3)} - {right}:
        assert lookup.rejects(inputs | {"in": wrong})


@pytest.mark.parametrize("key", [7, 5])
def test_nothing_is_looked_up_when_it_is_not_enabled(lookup: CircuitTester, key: int) -> None:
    inputs: dict[str, Nested] = {"keys": [4, 7, 9], "key": key, "enabled": 0}
    assert lookup.accepts(inputs | {"in": (0, 0, 0)})
    for wrong in {*itertools.product((-1, 0, 1), repeat=3)} - {(0, 0, 0)}:
        assert lookup.rejects(inputs | {"in": wrong})


def test_a_key_that_is_not_there_is_not_looked_up(lookup: CircuitTester) -> None:
    for places in itertools.product((-1, 0, 1), repeat=3):
        assert lookup.rejects({"keys": [4, 7, 7], "key": 5, "enabled": 1, "in": places})


@pytest.mark.parametrize("place", range(3))
def test_the_one_set_place_is_selected_and_filled(
    select_one: CircuitTester, place_one: CircuitTester, place: int
) -> None:
    selector = [int(each == place) for each in range(3)]
    selected: dict[str, Nested] = {"selector": selector, "values": [5, 7, 11]}
    assert select_one.witness(selected) == {"out": [5, 7, 11][place]}
    assert not select_one.accepts_witness_with(selected, {"main.out": 6})
    placed: dict[str, Nested] = {"selector": selector, "in": 9}
    assert place_one.witness(placed) == {"out": [9 * each for each in selector]}
    assert not place_one.accepts_witness_with(placed, {"main.out[0]": 3})
    assert not place_one.accepts_witness_with(placed, {"main.out[2]": 3})
