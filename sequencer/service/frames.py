"""Messages of a stream as they go over the wire: a server's are the same for all that get them."""

from typing import Final

_FINAL_TEXT: Final = b"\x81"
_SHORT_MAX: Final = 125
_TWO_BYTES: Final = b"\x7e"
_TWO_BYTES_MAX: Final = (1 << 16) - 1
_EIGHT_BYTES: Final = b"\x7f"


def text_frame(text: bytes) -> bytes:
    """Return a text message of a server in one frame (RFC 6455, section 5.2): it has no mask."""
    size = len(text)
    if size <= _SHORT_MAX:
        return _FINAL_TEXT + size.to_bytes(1, "big") + text
    if size <= _TWO_BYTES_MAX:
        return _FINAL_TEXT + _TWO_BYTES + size.to_bytes(2, "big") + text
    return _FINAL_TEXT + _EIGHT_BYTES + size.to_bytes(8, "big") + text
