"""How inputs are changed: native decoders show no coverage, so that real bytes are taken up again."""

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

import atheris  # type: ignore[import-untyped]

Mutator = Callable[[bytes, int, int], bytes]

_CHANGES_MAX: Final = 3
_VALUE: Final = re.compile(rb'"[^"\n]*"|-?[0-9]+(?:\.[0-9]+)?|true|false|null|\[\]|\{\}')
_OTHERS: Final = (
    b"null",
    b"true",
    b"0",
    b"-1",
    b"1.5",
    b"1e999",
    b"-0",
    b"9007199254740993",
    b"18446744073709551616",
    b"9" * 400,
    b'""',
    b'"0"',
    b'"-1"',
    b'"1e3"',
    b'"0x10"',
    b'"' + b"9" * 100 + b'"',
    b'"\\ud800"',
    b'"\\u0000"',
    b'"\xff"',
    b'"\xd9\xa7"',
    b"[]",
    b"{}",
    b"[" * 3_000,
    b'{"":' * 3_000,
    b'{"a":1,"a":2}',
    b"NaN",
    b"",
)


def mutator(seeds: Sequence[bytes]) -> Mutator:
    """What libFuzzer calls for the next input: it begins with the last good one, or with a seed."""

    def mutate(data: bytes, size_max: int, number: int) -> bytes:
        random = Random(number)
        changed = random.choice(seeds) if random.randrange(2) else bytes(data)
        if random.randrange(2):
            changed = _with_another_value(changed, random)
        for _ in range(random.randrange(_CHANGES_MAX + 1)):
            changed = bytes(atheris.Mutate(changed[:size_max], size_max))
        return changed[:size_max]

    return mutate


def _with_another_value(text: bytes, random: Random) -> bytes:
    """The text with one value of JSON or TOML replaced, where it has any."""
    values = list(_VALUE.finditer(text))
    if not values:
        return text
    begin, end = random.choice(values).span()
    return text[:begin] + random.choice(_OTHERS) + text[end:]
