"""Field elements in files: text, since TOML's integers have 64 bits."""

import re
from typing import Final

_ELEMENT: Final = re.compile(r"0x[0-9a-fA-F]{1,64}|[0-9]{1,77}")


def read_element(text: str) -> int | None:
    """Return the number of hexadecimal (0x) or decimal text, None if it is neither."""
    if not _ELEMENT.fullmatch(text):
        return None
    return int(text, 16 if text.startswith("0x") else 10)
