"""A witness: the value of every wire, and its file format (.wtns, iden3)."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prover.binfile import FIELD_BYTES, PRIME, read_section, read_sections
from prover.errors import ArtifactError
from sequencer.model.constants import FIELD_MODULUS

_HEADER_SECTION: Final = 1
_VALUES_SECTION: Final = 2
_HEADER: Final = struct.Struct("<I32sI")
_FILE_HEAD: Final = struct.Struct("<4sIIIQ")
_VALUES_HEAD: Final = struct.Struct("<IQ")
_VERSION: Final = 2
_CURE: Final = "calculate the witness again"


@dataclass(frozen=True, slots=True)
class Witness:
    """Values of the wires 0, 1, ..; wire 0 is 1, then the public ones.

    Attributes
    ----------
    values : bytes
        32 bytes a wire, little-endian, each below p.
    """

    values: bytes

    def __len__(self) -> int:
        return len(self.values) // FIELD_BYTES

    def __getitem__(self, wire: int) -> int:
        at = range(len(self))[wire] * FIELD_BYTES
        return int.from_bytes(self.values[at : at + FIELD_BYTES], "little")

    def public(self, count: int) -> tuple[int, ...]:
        """Return the `count` public signals, outputs first."""
        return tuple(self[wire] for wire in range(1, count + 1))

    def replaced(self, wires: Mapping[int, int]) -> "Witness":
        """Return a copy in which some wires have other values, taken modulo p."""
        values = bytearray(self.values)
        for wire, value in wires.items():
            at = range(len(self))[wire] * FIELD_BYTES
            values[at : at + FIELD_BYTES] = (value % FIELD_MODULUS).to_bytes(FIELD_BYTES, "little")
        return Witness(bytes(values))

    def write(self, path: Path) -> None:
        """Write the witness as a .wtns file."""
        with path.open("wb") as file:
            file.write(_FILE_HEAD.pack(b"wtns", _VERSION, 2, _HEADER_SECTION, _HEADER.size))
            file.write(_HEADER.pack(FIELD_BYTES, PRIME, len(self)))
            file.write(_VALUES_HEAD.pack(_VALUES_SECTION, len(self.values)))
            file.write(self.values)


def read_witness(path: Path) -> Witness:
    """Read a .wtns file as snarkjs and circom write it.

    Raises
    ------
    ArtifactError
        If the file is no witness over the BN254 scalar field, or is truncated.
    """
    sections = read_sections(path, b"wtns", _CURE)
    if {_HEADER_SECTION, _VALUES_SECTION} - sections.keys() or sections[_HEADER_SECTION].size != _HEADER.size:
        raise ArtifactError("the witness has no header or no values", _CURE, path)
    width, prime, count = _HEADER.unpack(read_section(path, sections[_HEADER_SECTION]))
    if width != FIELD_BYTES or prime != PRIME:
        raise ArtifactError("the witness is over another field", "compile with circom's default prime", path)
    values = read_section(path, sections[_VALUES_SECTION])
    if len(values) != count * FIELD_BYTES:
        raise ArtifactError(
            f"the header promises {count} values, there are {len(values) / FIELD_BYTES:g}", _CURE, path
        )
    return Witness(values)
