"""The bytes of a log are those of docs/spec/journal.md."""

from hashlib import blake2b
from pathlib import Path

from tests.journal.logs import files, first_of, write


def entry_checksum(before: bytes, number: int, payload: bytes) -> bytes:
    return blake2b(before + number.to_bytes(8, "big") + payload, digest_size=8).digest()


def test_a_log_has_the_bytes_of_its_specification(tmp_path: Path) -> None:
    write(tmp_path, [[b"first", b""], [b"3"]], 1)
    one = entry_checksum(bytes(8), 1, b"first")
    two = entry_checksum(one, 2, b"")
    three = entry_checksum(two, 3, b"3")
    assert [first_of(segment) for segment in files(tmp_path)] == [1, 3]
    assert [segment.read_bytes() for segment in files(tmp_path)] == [
        b"PBLOG1\n\0" + bytes.fromhex("0000000000000001 0000000000000000")
        + bytes.fromhex("00000005 fffffffa") + b"first" + one
        + bytes.fromhex("00000000 ffffffff") + two,
        b"PBLOG1\n\0" + bytes.fromhex("0000000000000003") + two
        + bytes.fromhex("00000001 fffffffe") + b"3" + three,
    ]  # fmt: skip
