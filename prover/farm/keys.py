"""The keys under which the farm accepts proofs."""

import json
from typing import Final

from prover.artifacts import PROJECT_ROOT
from prover.circuit import SIZES_FILE
from prover.verification_key import VerificationKey, read_verification_key

_KEYS: Final = PROJECT_ROOT / "circuits" / "verification_keys"


def batch_keys() -> dict[str, VerificationKey]:
    """Return the committed verification key of every batch size; ArtifactError if one cannot be read."""
    return {
        size: read_verification_key(_KEYS / f"{size}.json") for size in json.loads(SIZES_FILE.read_text())
    }
