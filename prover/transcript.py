"""Who contributed to a ceremony, read from its files (.ptau section 7, .zkey section 10, snarkjs).

What snarkjs prints is not read: a contributor chooses a name that is printed, and could imitate any line.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prover.binfile import read_section, read_sections
from prover.errors import ArtifactError

_G1, _G2 = 64, 128
# What stands before a contribution's type: of phase 1 five points, the public key, two hashes; of phase 2
# four points and a hash. A phase-2 section begins with the hash of the circuit.
_PHASE_1_FIXED: Final = 3 * _G1 + 2 * _G2 + (6 * _G1 + 3 * _G2) + 216 + 64
_PHASE_2_FIXED: Final = 3 * _G1 + _G2 + 64
_PHASE_1_SECTION: Final = 7
_PHASE_2_SECTION: Final = 10
_CIRCUIT_HASH: Final = 64
_WORD: Final = struct.Struct("<I")
_BEACON: Final = 1
_NAME, _ITERATIONS, _BEACON_HASH = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Contribution:
    """One contribution to a phase.

    Attributes
    ----------
    name : str
        What the contributor calls itself.
    beacon : str
        The public value in hexadecimal that the contribution was made from; empty if from a secret.
    """

    name: str
    beacon: str


def powers_contributions(path: Path) -> list[Contribution]:
    """Return the contributions to powers of tau, in order; ArtifactError if the file is none of them."""
    return _read(path, b"ptau", _PHASE_1_SECTION, 0, _PHASE_1_FIXED)


def key_contributions(path: Path) -> list[Contribution]:
    """Return the contributions to a proving key, in order; ArtifactError if the file is none."""
    return _read(path, b"zkey", _PHASE_2_SECTION, _CIRCUIT_HASH, _PHASE_2_FIXED)


def _read(path: Path, magic: bytes, number: int, begin: int, fixed: int) -> list[Contribution]:
    cure = "take the file from the ceremony again"
    sections = read_sections(path, magic, cure)
    try:
        return list(_contributions(read_section(path, sections[number]), begin, fixed))
    except (KeyError, struct.error, IndexError) as error:
        raise ArtifactError("the transcript of the ceremony cannot be read", cure, path) from error


def _contributions(content: bytes, at: int, fixed: int) -> Iterator[Contribution]:
    (count,) = _WORD.unpack_from(content, at)
    at += _WORD.size
    for _ in range(count):
        (kind,) = _WORD.unpack_from(content, at + fixed)
        (length,) = _WORD.unpack_from(content, at + fixed + _WORD.size)
        at += fixed + 2 * _WORD.size
        fields = _fields(content[at : at + length])
        name = fields.get(_NAME, b"").decode(errors="replace")
        yield Contribution(name, fields.get(_BEACON_HASH, b"").hex() if kind == _BEACON else "")
        at += length


def _fields(parameters: bytes) -> dict[int, bytes]:
    """Return the parameters by their number; each but the iterations says its length."""
    fields: dict[int, bytes] = {}
    at = 0
    while at < len(parameters):
        number = parameters[at]
        length = 1 if number == _ITERATIONS else parameters[at + 1]
        at += 1 if number == _ITERATIONS else 2
        fields[number] = parameters[at : at + length]
        at += length
    return fields
