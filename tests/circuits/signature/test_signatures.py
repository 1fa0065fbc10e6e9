"""EdDSA-Poseidon, checked at once or one by one: no other scalar, point, key or message passes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sequencer.batch.combination import Signed
from sequencer.crypto import FIELD_MODULUS, SUBGROUP_ORDER, eighth, montgomery, public_key, sign, verify
from sequencer.crypto.reference.babyjubjub import Point, multiply
from sequencer.model import constants as c
from tests.circuits.harness import CircuitTester
from tests.circuits.signature.cases import (
    KEYS,
    MESSAGES,
    OFF_CURVE,
    ORDER_FOUR,
    ORDER_TWO,
    SECRETS,
    UNSIGNED_SLOT,
    Key,
    honest,
    inputs,
    plus,
    signed,
    signed_with_nonce,
    with_scalar,
)


class Check:
    """`Signatures` for two slots and two keys."""

    def __init__(self, batched: bool) -> None:
        self.batched = batched
        self.circuit = CircuitTester("Signatures", (int(batched), 2, 2))

    def accepts(self, slots: list[Signed], keys: tuple[Key, ...] = KEYS) -> bool:
        return self.circuit.accepts(inputs(slots, keys, batched=self.batched))

    def rejects(self, slots: list[Signed], keys: tuple[Key, ...] = KEYS) -> bool:
        return self.circuit.rejects(inputs(slots, keys, batched=self.batched))


@pytest.fixture(scope="module", params=[True, False], ids=["batched", "single"])
def check(request: pytest.FixtureRequest) -> Check:
    return Check(request.param)


@pytest.fixture(scope="module")
def batched() -> Check:
    return Check(True)


# ---- What is accepted


@pytest.mark.parametrize("owners", [(0, 1), (1, 0), (0, 0), (1, 1)])
def test_signatures_of_any_keys_are_accepted(check: Check, owners: tuple[int, int]) -> None:
    assert check.accepts(honest(owners))


@pytest.mark.parametrize("message", [0, 1, FIELD_MODULUS - 1])
@pytest.mark.parametrize("secret", [1, 2, SUBGROUP_ORDER - 1])
def test_any_message_of_any_key_can_be_signed(check: Check, secret: int, message: int) -> None:
    slot = Signed(0, message, sign(secret, message))
    assert check.accepts([slot, UNSIGNED_SLOT], (public_key(secret), KEYS[1]))


def test_a_slot_that_signs_nothing_needs_no_key(check: Check) -> None:
    assert check.accepts([UNSIGNED_SLOT, UNSIGNED_SLOT])
    assert check.accepts([UNSIGNED_SLOT, signed(0, MESSAGES[0])])
    assert check.accepts([replace(UNSIGNED_SLOT, message=5), signed(1, MESSAGES[0])])


def test_keys_without_an_account_are_the_default_key(check: Check) -> None:
    assert check.accepts([signed(0, 1), UNSIGNED_SLOT], (KEYS[0], c.DEFAULT_KEY))
    assert check.accepts([UNSIGNED_SLOT, UNSIGNED_SLOT], (c.DEFAULT_KEY, c.DEFAULT_KEY))


# ---- Points that coincide: honest signatures pass, whatever their points are


def test_two_accounts_may_have_one_key(check: Check) -> None:
    keys = (KEYS[0], KEYS[0])
    slots = [signed(0, MESSAGES[0]), replace(signed(0, MESSAGES[1]), owner=1)]
    assert check.accepts(slots, keys)
    assert check.accepts([slots[0], UNSIGNED_SLOT], keys)


def test_one_signature_may_stand_twice(check: Check) -> None:
    assert check.accepts([signed(0, 5), signed(0, 5)])


@pytest.mark.parametrize("second", [1, -1, 2, 3, -3])
def test_one_nonce_may_serve_two_messages(check: Check, second: int) -> None:
    """The trader gives away the secret, which is no business of the circuit."""
    slots = [signed_with_nonce(0, MESSAGES[0], 77), signed_with_nonce(0, MESSAGES[1], 77 * second)]
    assert check.accepts(slots)


@pytest.mark.parametrize("multiple", [8, -8, 16, 24, -24])
def test_r8_may_be_a_multiple_of_the_key(check: Check, multiple: int) -> None:
    slot = signed_with_nonce(0, MESSAGES[0], multiple * SECRETS[0])
    assert verify(KEYS[0], slot.message, slot.signature)
    assert check.accepts([slot, UNSIGNED_SLOT])
    assert check.accepts([signed(1, 5), slot])


@pytest.mark.parametrize("nonce", [1, 2, 3, SUBGROUP_ORDER - 1])
def test_r8_may_be_a_multiple_of_the_base_point(check: Check, nonce: int) -> None:
    assert check.accepts([signed_with_nonce(0, MESSAGES[0], nonce), UNSIGNED_SLOT])


# ---- Forgeries


@pytest.mark.parametrize("slot", [0, 1])
def test_a_signature_of_another_message_is_rejected(check: Check, slot: int) -> None:
    slots = honest()
    slots[slot] = replace(slots[slot], message=slots[slot].message + 1)
    assert check.rejects(slots)


@pytest.mark.parametrize("slot", [0, 1])
def test_a_signature_by_another_key_is_rejected(check: Check, slot: int) -> None:
    slots = honest()
    slots[slot] = replace(slots[slot], owner=1 - slot)
    assert check.rejects(slots)
    negated = (FIELD_MODULUS - KEYS[0][0], KEYS[0][1])
    assert check.rejects(honest((0, 0)), (negated, KEYS[1]))
    assert check.rejects(honest((0, 0)), (c.DEFAULT_KEY, KEYS[1]))


@pytest.mark.parametrize("slot", [0, 1])
def test_another_scalar_is_rejected(check: Check, slot: int) -> None:
    for change in (1, -1):
        slots = honest()
        slots[slot] = with_scalar(slots[slot], slots[slot].signature[2] + change)
        assert check.rejects(slots)


@pytest.mark.parametrize("change", [1, 1 << 126, SUBGROUP_ORDER // 2])
@pytest.mark.parametrize("owners", [(0, 0), (0, 1)])
def test_two_false_scalars_do_not_make_up_for_each_other(
    check: Check, owners: tuple[int, int], change: int
) -> None:
    for signs in ((1, -1), (1, 1)):
        slots = [
            with_scalar(slot, (slot.signature[2] + sign * change) % SUBGROUP_ORDER)
            for slot, sign in zip(honest(owners), signs, strict=True)
        ]
        assert check.rejects(slots)


def test_swapped_signatures_are_rejected(check: Check) -> None:
    for owners in ((0, 0), (0, 1)):
        first, second = honest(owners)
        swapped = [
            replace(first, signature=second.signature),
            replace(second, signature=first.signature),
        ]
        assert check.rejects(swapped)
        scalars = [
            with_scalar(first, second.signature[2]),
            with_scalar(second, first.signature[2]),
        ]
        assert check.rejects(scalars)


def test_a_negated_signature_is_rejected(check: Check) -> None:
    x, y, s = signed(0, 1).signature
    for scalar in (s, SUBGROUP_ORDER - s):
        assert check.rejects([Signed(0, 1, (FIELD_MODULUS - x, y, scalar)), UNSIGNED_SLOT])


def test_a_signature_has_one_scalar(check: Check) -> None:
    """s + l satisfies the equation too and fits 251 bits for a small s: there would be two encodings."""
    message = next(m for m in range(1_000) if sign(SECRETS[0], m).s + SUBGROUP_ORDER < 1 << 251)
    slot = signed(0, message)
    assert check.accepts([slot, UNSIGNED_SLOT])
    assert check.rejects([with_scalar(slot, slot.signature[2] + SUBGROUP_ORDER), UNSIGNED_SLOT])


def test_a_signature_with_the_identity_as_r8_is_not_expressible(check: Check) -> None:
    """Of all eight points with 8 Q = 0 two have no Montgomery form; the others have no third double."""
    slot = signed_with_nonce(0, MESSAGES[0], 0)
    given = inputs([with_scalar(UNSIGNED_SLOT, 1), UNSIGNED_SLOT], batched=check.batched)
    for q in ((0, 0), montgomery(ORDER_FOUR)):
        lie = {"owner": [[1, 0], [0, 0]], "s": [slot.signature[2], 1], "q": [q, given["q"][1]]}
        assert check.circuit.rejects(given | {"message": [MESSAGES[0], 0]} | lie)


# ---- A slot without a key


def test_where_nothing_is_signed_nothing_can_be_made_up(batched: Check) -> None:
    """Its equation, S Base8 = R8, must hold like every other."""
    genuine = signed(0, MESSAGES[0])
    assert batched.rejects([replace(genuine, owner=None), UNSIGNED_SLOT])
    for change in (1, -1, 77):
        false = with_scalar(genuine, (genuine.signature[2] + change) % SUBGROUP_ORDER)
        for balance in (1 + change, 1 - change):
            idle = with_scalar(UNSIGNED_SLOT, balance % SUBGROUP_ORDER)
            assert batched.rejects([false, idle])
            assert batched.rejects([idle, false])


def test_a_slot_without_a_key_does_not_help_a_forgery(check: Check) -> None:
    assert check.rejects([replace(UNSIGNED_SLOT, owner=0), UNSIGNED_SLOT])
    forged = replace(signed(0, MESSAGES[0]), message=MESSAGES[1])
    assert check.rejects([forged, UNSIGNED_SLOT])


# ---- Torsion


@pytest.mark.parametrize("torsion", [ORDER_TWO, ORDER_FOUR])
def test_the_hint_may_have_a_part_of_small_order(check: Check, torsion: Key) -> None:
    """8 (Q + T) = 8 Q: the same signature, by another of the eight Q it has."""
    slots = honest()
    given = inputs(slots, batched=check.batched)
    quotients = [plus(eighth(*slot.signature[:2]), torsion) for slot in slots]
    assert check.circuit.accepts(given | {"q": [montgomery(q) for q in quotients]})


@pytest.mark.parametrize("torsion", [ORDER_TWO, ORDER_FOUR])
def test_a_key_with_a_part_of_small_order_signs_as_in_circomlib(check: Check, torsion: Key) -> None:
    key = plus(KEYS[0], torsion)
    slot = signed_with_nonce(0, MESSAGES[0], 77, key)
    assert verify(key, slot.message, slot.signature)
    assert check.accepts([slot, UNSIGNED_SLOT], (key, KEYS[1]))
    assert check.rejects([signed(0, MESSAGES[0]), UNSIGNED_SLOT], (key, KEYS[1]))
    assert check.rejects([slot, UNSIGNED_SLOT])


@pytest.mark.parametrize("torsion", [ORDER_TWO, ORDER_FOUR])
def test_r8_with_a_part_of_small_order_has_no_hint(torsion: Key) -> None:
    """R8 = 8 Q is in the subgroup: a signature with another R8, which circomlib refuses, cannot be put in."""
    slot = signed(0, MESSAGES[0])
    with pytest.raises(ValueError, match="not in the prime subgroup"):
        eighth(*plus((slot.signature[0], slot.signature[1]), torsion))


# ---- Points that are none


def test_a_hint_off_the_curve_is_rejected(check: Check) -> None:
    given = inputs(honest(), batched=check.batched)
    for q in (OFF_CURVE, (0, 1), (0, 0), (FIELD_MODULUS - 1, 1)):
        for slot in (0, 1):
            lie = [q if place == slot else of for place, of in enumerate(given["q"])]
            assert check.circuit.rejects(given | {"q": lie})


@pytest.mark.parametrize("key", [OFF_CURVE, (5, FIELD_MODULUS - 1), (5, 1), (0, 5), (0, 0)])
def test_a_key_off_the_curve_has_no_witness_used_or_not(check: Check, key: Key) -> None:
    given = inputs([signed(0, 1), UNSIGNED_SLOT], batched=check.batched)
    assert check.circuit.accepts(given)
    assert check.circuit.rejects(given | {"key": [KEYS[0], key]})
    assert check.circuit.rejects(given | {"key": [key, KEYS[1]]})


@pytest.mark.parametrize("key", [(0, 1), ORDER_TWO, ORDER_FOUR])
def test_a_key_of_small_order_signs_nothing(check: Check, key: Key) -> None:
    """For it R8 = S Base8 would be a signature of any message."""
    x, y = public_key(5)
    assert not verify(key, 1, (x, y, 5))
    assert check.rejects([Signed(0, 1, (x, y, 5)), UNSIGNED_SLOT], (key, KEYS[1]))


@pytest.mark.parametrize("key", [(0, 1), ORDER_TWO, ORDER_FOUR])
def test_a_key_of_small_order_has_no_witness_even_unused(batched: Check, key: Key) -> None:
    assert batched.rejects([signed(0, 1), UNSIGNED_SLOT], (KEYS[0], key))


# ---- The referee


@settings(max_examples=12)
@given(data=st.data())
def test_what_is_accepted_is_what_circomlib_accepts(check: Check, data: st.DataObject) -> None:
    """Sequencer and circuit agree on signatures that have some parts of another one."""
    own, other = signed(0, data.draw(st.integers(0, 3))), signed(1, data.draw(st.integers(0, 3)))
    take = data.draw(st.tuples(*[st.booleans()] * 3))
    r8 = (other if take[0] else own).signature[:2]
    s = (other if take[1] else own).signature[2] + data.draw(st.sampled_from((0, 0, 1)))
    slot = Signed(0, (other if take[2] else own).message, (*r8, s))
    holds = verify(KEYS[0], slot.message, slot.signature)
    assert (check.accepts if holds else check.rejects)([slot, UNSIGNED_SLOT])


def test_the_points_of_small_order_are_what_they_are_called() -> None:
    for point, order in ((ORDER_TWO, 2), (ORDER_FOUR, 4)):
        assert (
            multiply(order, Point(*point)).affine() == (0, 1) != multiply(order // 2, Point(*point)).affine()
        )
