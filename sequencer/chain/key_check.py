"""What the keys of each circuit must be: the committed table, and the verifier that a rollup asks."""

import json
import shutil
from pathlib import Path
from typing import Any, Final

from eth_utils.crypto import keccak
from web3.exceptions import BadFunctionCallOutput, ContractLogicError

from prover.artifacts import PROJECT_ROOT, ArtifactStore
from prover.errors import ArtifactError
from prover.manifest import file_digest
from prover.setup import DEVELOPMENT_SEED, Keys
from prover.verification_key import VerificationKey, read_verification_key
from sequencer.chain.artifacts import verifier_code
from sequencer.chain.client import RollupClient
from sequencer.chain.connection import Connection
from sequencer.chain.errors import NotARollupError

TABLE_FILE: Final = PROJECT_ROOT / "circuits" / "keys.json"
CODEHASH: Final = "codehash"


def key_hashes(keys: Keys, store: ArtifactStore | None = None) -> dict[str, str]:
    """Return the SHA-256 of each file of the keys, and the codehash of the verifier contract.

    The codehash is the Keccak-256 of the code on chain, as EXTCODEHASH gives it (EIP-1052).
    """
    code = verifier_code(keys.verifier.read_text(), store)
    return {**keys.manifest.sha256, CODEHASH: keccak(code).hex()}


def deployed_codehash(rollup: RollupClient, *, exits: bool = False) -> str:
    """Return the codehash of the verifier that a rollup asks about batches, or about exits.

    Raises
    ------
    NotARollupError
        If what is at the address names no verifier.
    """
    try:
        verifier = rollup.exit_verifier if exits else rollup.verifier
    except (BadFunctionCallOutput, ContractLogicError) as error:
        raise NotARollupError(f"{rollup.address} on {rollup.connection.url} names no verifier") from error
    return codehash_at(rollup.connection, verifier)


def codehash_at(connection: Connection, address: str) -> str:
    """Return the codehash of a contract, as EXTCODEHASH gives it (EIP-1052)."""
    return keccak(connection.code(address)).hex()


def read_table() -> dict[str, dict[str, str]]:
    """Return the committed hashes by size, or `exit`; none for what is not listed or has another seed."""
    table = _table()
    return table["sizes"] if table["seed"] == DEVELOPMENT_SEED.decode() else {}


def write_table(size: str, hashes: dict[str, str], keys: Keys) -> None:
    """Replace the committed hashes and the committed verification key of one size, or of `exit`."""
    sizes = {**read_table(), size: hashes}
    table = {"seed": DEVELOPMENT_SEED.decode(), "sizes": dict(sorted(sizes.items()))}
    TABLE_FILE.write_text(json.dumps(table, indent=2) + "\n")
    key_file(size).parent.mkdir(exist_ok=True)
    shutil.copyfile(keys.verification_key.path, key_file(size))


def key_file(size: str) -> Path:
    """Return where the committed verification key of a size lies."""
    return TABLE_FILE.with_name("verification_keys") / f"{size}.json"


def committed_key(size: str) -> VerificationKey:
    """Return the committed verification key of a size in the table.

    Raises
    ------
    ArtifactError
        If the file is not the one that the table names.
    """
    path = key_file(size)
    key = read_verification_key(path)
    if file_digest(path) != read_table()[size]["verification_key"]:
        raise ArtifactError(
            f"the verification key is not the one of circuits/{TABLE_FILE.name}",
            "take both files from the repository again",
            path,
        )
    return key


def _table() -> Any:
    return json.loads(TABLE_FILE.read_text())
