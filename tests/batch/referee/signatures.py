"""Signatures (claim 6): each holds by itself; the check's hints are those of docs/spec/signatures.md."""

from typing import Any

from sequencer.crypto import FIELD_MODULUS, SUBGROUP_ORDER, poseidon, poseidon_permutation, public_key, verify
from sequencer.crypto.reference.babyjubjub import Point, add, is_on_curve
from tests.batch.referee.signals import Inputs, require, selected, signed, zero
from tests.batch.referee.step import Taken
from tests.batch.referee.tables import Slot

Key = tuple[int, int]
MASK = (1 << 85) - 1


def check_signatures(
    inputs: Inputs, slots: list[Slot], taken: list[Taken], reports: list[tuple[Key, int]], unsigned: int
) -> None:
    """Messages but the first `unsigned` by their accounts' keys, then the three oracle reports by theirs."""
    count = len(inputs["signatureSlot"])
    require(len(taken) <= count, "every message has a place in the log")
    keys = [slot.key for slot in slots] + [key for key, _ in reports]
    messages = [message.hash for message in taken] + [0] * (count - len(taken))
    owners: list[int | None] = []
    for k, selector in enumerate(inputs["signatureSlot"]):
        if unsigned <= k < len(taken) and taken[k].authenticated:
            owners.append(selected(selector, "signer"))
            require(owners[k] == taken[k].slot, "the signer is the message's account")
        else:
            zero(selector, "a message without a signature")
            owners.append(None)
    owners += range(len(slots), len(keys))
    messages += [message for _, message in reports]
    signatures = [_signature(inputs, k) for k in range(len(messages))]
    for owner, message, signature in zip(owners, messages, signatures, strict=True):
        if owner is None:
            s = signature[2]
            require(0 < s < SUBGROUP_ORDER and public_key(s) == signature[:2], "S Base8 = R8 without a key")
        else:
            require(verify(keys[owner], message, signature), "the message is signed")
    if "signatureBit" in inputs:
        _check_scalars(inputs, keys, owners, messages, signatures)


def _signature(inputs: Inputs, k: int) -> tuple[int, int, int]:
    """(8 Q, S) of a Q in Montgomery form."""
    u, v = inputs["signatureQ"][k]
    require(v != 0 and u != FIELD_MODULUS - 1, "Q has an Edwards form")
    x = u * pow(v, -1, FIELD_MODULUS) % FIELD_MODULUS
    y = (u - 1) * pow(u + 1, -1, FIELD_MODULUS) % FIELD_MODULUS
    require(is_on_curve(x, y), "Q is a point")
    point = Point(x, y)
    for _ in range(3):
        point = add(point, point)
    return (*point.affine(), inputs["signatureS"][k])


def _check_scalars(
    inputs: Inputs,
    keys: list[Key],
    owners: list[int | None],
    messages: list[int],
    signatures: list[tuple[int, int, int]],
) -> None:
    hashes = [
        poseidon((*signature[:2], *((0, 0) if owner is None else keys[owner]), message))
        for owner, message, signature in zip(owners, messages, signatures, strict=True)
    ]
    words = [word for h, signature in zip(hashes, signatures, strict=True) for word in (h, signature[2])]
    start, z = _coefficients([*words, *(coordinate for key in keys for coordinate in key)], len(hashes))
    limbs = [[0, 0, 0] for _ in range(len(keys) + 1)]
    for i, owner in enumerate(owners):
        for k in range(3):
            limbs[-1][k] += z[i] * _limb(signatures[i][2], k)
            if owner is not None:
                limbs[owner][k] += z[i] * _limb(hashes[i], k)
    for m in range(3):
        power = pow(2, 252 + 85 * m, SUBGROUP_ORDER)
        for k in range(3):
            limbs[-1][k] += _limb(start, m) * _limb(power, k)
    for j, number in enumerate(limbs):
        _check_reduction(inputs, j, number, is_base=j == len(keys))


def _coefficients(words: list[int], count: int) -> tuple[int, list[int]]:
    seed = 0
    for at in range(0, len(words), 15):
        link = words[at : at + 15]
        seed = poseidon((seed, *link, *[0] * (15 - len(link))))
    left, drawn = 1 + (count + 1) // 2, list[int]()
    while left > 0:
        width = min(16, left)
        drawn += poseidon_permutation([1 + len(drawn) // 16, seed, *[0] * (width - 1)])[1:]
        left -= width
    ones = (1 << 126) - 1
    z = [2 * (drawn[1 + i // 2] >> 126 * (i % 2) & ones) - ones for i in range(count)]
    return drawn[0] & (1 << 246) - 1, z


def _check_reduction(inputs: Inputs, j: int, limbs: list[int], *, is_base: bool) -> None:
    """Row by row: limbs = q l + e with the carries that the prover gives."""
    bits: list[Any] = inputs["signatureBit"][j]
    require(all(bit in (0, 1) for bit in bits), "a scalar is given in bits")
    scalar = sum((bit if is_base else 2 * bit - 1) << place for place, bit in enumerate(bits))
    low, high = inputs["signatureQuotient"][j][0], signed(inputs["signatureQuotient"][j][1], 51, "quotient")
    require(0 <= low <= MASK, "the quotient's low limb has 85 bits")
    first, second = (signed(element, 132, "carry") for element in inputs["signatureCarry"][j])
    number = sum(limb << 85 * k for k, limb in enumerate(limbs))
    require(number - (low + (high << 85)) * SUBGROUP_ORDER == scalar, "a scalar is congruent modulo l")
    e = [
        sum((bit if is_base else 2 * bit - 1) << k for k, bit in enumerate(bits[at : at + 85]))
        for at in (0, 85)
    ]
    require(limbs[0] - low * _limb(SUBGROUP_ORDER, 0) - e[0] == first << 85, "the first carry")
    row = limbs[1] - low * _limb(SUBGROUP_ORDER, 1) - high * _limb(SUBGROUP_ORDER, 0) - e[1]
    require(row + first == second << 85, "the second carry")


def _limb(number: int, place: int) -> int:
    return number >> 85 * place & MASK
