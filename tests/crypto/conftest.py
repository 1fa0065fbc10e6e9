import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sequencer import crypto as native
from sequencer.crypto import reference


def _integers(value: Any) -> Any:
    """Decimal strings become integers: vectors.json keeps them as text, since JSON readers round numbers."""
    if isinstance(value, dict):
        return {name: _integers(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_integers(member) for member in value]
    return int(value) if value.isdecimal() else value


@pytest.fixture(scope="session")
def vectors() -> dict[str, Any]:
    """What circomlibjs says, written by make_vectors.mjs."""
    text = Path(__file__).with_name("vectors.json").read_text()
    parsed: dict[str, Any] = _integers(json.loads(text))
    return parsed


@pytest.fixture(scope="session", params=[native, reference], ids=["native", "reference"])
def crypto(request: pytest.FixtureRequest) -> ModuleType:
    """Each implementation of the cryptography: every test holds for both."""
    module: ModuleType = request.param
    return module
