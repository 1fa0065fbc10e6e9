"""Circuits to proofs: compile, set up, witness, prove, verify, export.

`open_prover` is the way in; `docs/spec/proving.md` tells what lies behind it.
"""

from prover.backends import BACKENDS
from prover.errors import ProverError
from prover.info import CircuitInfo, circuit_info
from prover.manifest import Manifest, Setup
from prover.progress import SILENT, Progress
from prover.proof import Points, Proof
from prover.prover import Prover, open_prover
from prover.setup import Keys
from prover.verification_key import VerificationKey
from prover.verify import verify_independently, verify_natively, verify_with_snarkjs

__all__ = [
    "BACKENDS",
    "SILENT",
    "CircuitInfo",
    "Keys",
    "Manifest",
    "Points",
    "Progress",
    "Proof",
    "Prover",
    "ProverError",
    "Setup",
    "VerificationKey",
    "circuit_info",
    "open_prover",
    "verify_independently",
    "verify_natively",
    "verify_with_snarkjs",
]
