"""Writes circom's `.r1cs` and `.wtns` files by hand, so that the native readers meet bytes not their own.

The circuit of the tests values one position: `equity = price * size + collateral`, with the equity a public
output and the price a public input; the size squared is a wire of its own.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PRIME = 21888242871839275222246405745257275088548364400416034343698204186575808495617
FIELD_BYTES = 32

ONE, EQUITY, PRICE, COLLATERAL, SIZE, NOTIONAL, SIZE_SQUARED = range(7)

LinearCombination = Mapping[int, int]


@dataclass(frozen=True)
class Constraint:
    """The wires and coefficients of `a * b = c`."""

    a: LinearCombination
    b: LinearCombination
    c: LinearCombination


NOTIONAL_CONSTRAINT, SQUARE_CONSTRAINT, EQUITY_CONSTRAINT = range(3)
POSITION_CIRCUIT = (
    Constraint({PRICE: 1}, {SIZE: 1}, {NOTIONAL: 1}),
    Constraint({SIZE: 1}, {SIZE: -1}, {SIZE_SQUARED: -1}),
    Constraint({NOTIONAL: 1, COLLATERAL: 1}, {ONE: 1}, {EQUITY: 1}),
)


def position_witness(price: int, size: int, collateral: int) -> list[int]:
    """Return the value of every wire of the position circuit."""
    notional = price * size
    return [1, notional + collateral, price, collateral, size, notional, size * size]


def r1cs_bytes(constraints: Sequence[Constraint] = POSITION_CIRCUIT, prime: int = PRIME) -> bytes:
    """Return a constraint system over the position circuit's seven wires."""
    wires, public_outputs, public_inputs, private_inputs, labels = 7, 1, 1, 2, 7
    header = _prime(prime) + struct.pack(
        "<IIIIQI", wires, public_outputs, public_inputs, private_inputs, labels, len(constraints)
    )
    body = b"".join(_linear_combination(terms) for each in constraints for terms in (each.a, each.b, each.c))
    wire_labels = struct.pack(f"<{wires}Q", *range(wires))
    return container(b"r1cs", 1, {1: header, 2: body, 3: wire_labels})


def wtns_bytes(values: Sequence[int], prime: int = PRIME) -> bytes:
    """Return a witness file."""
    header = _prime(prime) + struct.pack("<I", len(values))
    body = b"".join(_field(value) for value in values)
    return container(b"wtns", 2, {1: header, 2: body})


def container(kind: bytes, version: int, sections: Mapping[int, bytes]) -> bytes:
    """Return the container that all of circom's and snarkjs's files share."""
    head = kind + struct.pack("<II", version, len(sections))
    return head + b"".join(struct.pack("<IQ", number, len(data)) + data for number, data in sections.items())


def section_offsets(file: bytes) -> dict[int, tuple[int, int]]:
    """Return each section's (offset, length) in a container."""
    offsets: dict[int, tuple[int, int]] = {}
    position = 12
    while position < len(file):
        number, length = struct.unpack_from("<IQ", file, position)
        offsets[number] = (position + 12, length)
        position += 12 + length
    return offsets


def _prime(prime: int) -> bytes:
    return struct.pack("<I", FIELD_BYTES) + prime.to_bytes(FIELD_BYTES, "little")


def _field(value: int) -> bytes:
    return (value % PRIME).to_bytes(FIELD_BYTES, "little")


def _linear_combination(terms: LinearCombination) -> bytes:
    entries = (struct.pack("<I", wire) + _field(coefficient) for wire, coefficient in terms.items())
    return struct.pack("<I", len(terms)) + b"".join(entries)
