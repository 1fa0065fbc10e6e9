"""A circuit's inputs as bytes: one form for each, so that its hash names the job."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import from_json

from prover.circuit import PUBLIC_INPUTS
from prover.farm.errors import JobInputsError
from prover.witness import Inputs
from sequencer.model.constants import FIELD_MODULUS

INPUTS_BYTES_MAX: Final = 4 << 20


def encoded(inputs: Inputs) -> bytes:
    """Return JSON with sorted names and no spaces; JobInputsError if there is none or it is too long."""
    try:
        text = json.dumps(inputs, sort_keys=True, separators=(",", ":"), default=_no_json).encode()
    except (ValueError, TypeError) as error:
        raise JobInputsError(f"the inputs cannot be written ({error})") from error
    if len(text) > INPUTS_BYTES_MAX:
        raise JobInputsError(f"the inputs take {len(text)} bytes, more than {INPUTS_BYTES_MAX}")
    return text


def decoded(text: bytes) -> dict[str, Any]:
    """Return the inputs that JSON holds; JobInputsError if it holds none."""
    try:
        # Bounds the depth, which Python's parser does not once py_ecc has raised the limit of recursion.
        from_json(text)
        inputs = json.loads(text, parse_float=_no_number, parse_constant=_no_number)
    except ValueError as error:
        raise JobInputsError(f"the inputs cannot be read ({error})") from error
    if not isinstance(inputs, dict):
        raise JobInputsError("the inputs are no mapping of signals")
    return inputs


def public_signals(inputs: Inputs) -> tuple[int, ...]:
    """Return what the verifier sees, c, r, y; JobInputsError unless each is a field element."""
    signals = []
    for name in PUBLIC_INPUTS:
        value = inputs.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < FIELD_MODULUS:
            raise JobInputsError(f"the public input {name!r} is no field element")
        signals.append(value)
    return tuple(signals)


def job_id(size: str, inputs: bytes) -> str:
    """Return the id of the job that proves these inputs."""
    return f"{size}-{hashlib.sha256(inputs).hexdigest()}"


def _no_json(value: object) -> object:
    """Take any mapping as one; refuse the rest."""
    if isinstance(value, Mapping):
        return dict(value)
    raise JobInputsError(f"the inputs hold a {type(value).__name__}")


def _no_number(text: str) -> object:
    raise JobInputsError(f"the inputs hold {text}, which is no integer")
