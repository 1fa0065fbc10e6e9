"""snarkjs, the reference back end."""

import json
import tempfile
from pathlib import Path

from prover.binfile import read_sections
from prover.errors import ProvingError
from prover.measure import Usage
from prover.proof import Points
from prover.snarkjs import run_snarkjs


class SnarkjsBackend:
    """`snarkjs groth16 prove` under node."""

    name = "snarkjs"

    def prove(self, zkey: Path, witness: Path) -> tuple[Points, tuple[int, ...], Usage]:
        """See `Backend.prove`; the files' shape is checked first: snarkjs does not name the file at fault."""
        read_sections(zkey, b"zkey", "delete its directory to run the set-up again")
        read_sections(witness, b"wtns", "calculate the witness again")
        with tempfile.TemporaryDirectory() as directory:
            proof, public = Path(directory) / "proof.json", Path(directory) / "public.json"
            outcome = run_snarkjs("groth16", "prove", zkey, witness, proof, public)
            if outcome.status != 0 or not proof.is_file():
                raise ProvingError(
                    f"snarkjs cannot prove with {zkey} and {witness}: {outcome.reason}",
                    "check that the witness is of the same circuit as the key",
                )
            points = Points.from_snarkjs(json.loads(proof.read_text()))
            return points, tuple(map(int, json.loads(public.read_text()))), outcome.usage
