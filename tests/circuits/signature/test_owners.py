"""A message's signature is looked for under the key of its own account."""

import pytest

from tests.circuits.harness import CircuitTester


@pytest.fixture(scope="module")
def owners() -> CircuitTester:
    return CircuitTester("MessageOwners", (2, 3))


@pytest.mark.parametrize("signer", [(1, 2), (2, 1), (3, 3), (0, 2), (1, 0), (0, 0)])
def test_the_owner_is_the_slot_of_the_signer(owners: CircuitTester, signer: tuple[int, int]) -> None:
    owner = [[int(place + 1 == slot) for place in range(3)] for slot in signer]
    assert owners.accepts({"signer": signer, "owner": owner})


@pytest.mark.parametrize("message", [0, 1])
@pytest.mark.parametrize("lie", [[0, 1, 0], [0, 0, 0]])
def test_another_owner_or_none_is_rejected(owners: CircuitTester, message: int, lie: list[int]) -> None:
    """No slot is selected for a message that needs no signature."""
    owner = [lie if place == message else [1, 0, 0] for place in (0, 1)]
    assert owners.rejects({"signer": [1, 1], "owner": owner})


def test_a_message_that_needs_no_signature_has_no_owner(owners: CircuitTester) -> None:
    assert owners.rejects({"signer": [0, 2], "owner": [[1, 0, 0], [0, 1, 0]]})


def test_two_slots_do_not_sign_as_a_third_one(owners: CircuitTester) -> None:
    """Slots 0 and 1 have the places 0 + 1, and two of them are set: signer 3, by the sum of two keys."""
    assert owners.rejects({"signer": [3, 0], "owner": [[1, 1, 0], [0, 0, 0]]})


def test_a_selector_that_is_not_boolean_is_rejected(owners: CircuitTester) -> None:
    """Slot 1 less slot 0 is signer 1, with none selected in sum."""
    assert owners.rejects({"signer": [1, 0], "owner": [[-1, 1, 0], [0, 0, 0]]})
