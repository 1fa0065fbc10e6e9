"""The container of iden3's binary files (.r1cs, .wtns, .zkey): a magic word, a version, numbered sections."""

import struct
from pathlib import Path
from typing import Final, NamedTuple

from prover.errors import ArtifactError
from sequencer.model.constants import FIELD_MODULUS

FIELD_BYTES: Final = 32
PRIME: Final = FIELD_MODULUS.to_bytes(FIELD_BYTES, "little")

_HEAD: Final = struct.Struct("<4sII")
_SECTION: Final = struct.Struct("<IQ")
_MAX_SECTIONS: Final = 64


class Section(NamedTuple):
    """Where a section's content lies in its file, in bytes."""

    offset: int
    size: int


def read_sections(path: Path, magic: bytes, cure: str) -> dict[int, Section]:
    """Return the sections of a file by their number.

    Raises
    ------
    ArtifactError
        With `cure`, if the file is missing, is of another kind, or its sections do not end where it ends.
    """
    if not path.is_file():
        raise ArtifactError("the file is not there", cure, path)
    size = path.stat().st_size
    sections: dict[int, Section] = {}
    with path.open("rb") as file:
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size or not head.startswith(magic):
            raise ArtifactError(f"the file is no {magic.decode()} file", cure, path)
        count = _HEAD.unpack(head)[2]
        offset = _HEAD.size
        for _ in range(min(count, _MAX_SECTIONS)):
            file.seek(min(offset, size))  # A corrupt length may be more than any file's.
            entry = file.read(_SECTION.size)
            if len(entry) < _SECTION.size:
                raise ArtifactError(
                    f"the file is truncated: it ends after {len(sections)} of {count} sections", cure, path
                )
            number, length = _SECTION.unpack(entry)
            sections[number] = Section(offset + _SECTION.size, length)
            offset += _SECTION.size + length
    if offset != size or count > _MAX_SECTIONS:
        raise ArtifactError(f"the sections take {offset} bytes and the file has {size}", cure, path)
    return sections


def read_section(path: Path, section: Section) -> bytes:
    """Return the content of one section."""
    with path.open("rb") as file:
        file.seek(section.offset)
        return file.read(section.size)
