"""What the keys of each circuit must be: the committed table, and the verifier that a rollup asks."""

import json
from typing import Any, Final

from eth_utils.crypto import keccak
from web3.exceptions import BadFunctionCallOutput, ContractLogicError

from prover.artifacts import PROJECT_ROOT, ArtifactStore
from prover.setup import DEVELOPMENT_SEED, Keys
from sequencer.chain.artifacts import verifier_code
from sequencer.chain.client import RollupClient
from sequencer.chain.errors import NotARollupError

TABLE_FILE: Final = PROJECT_ROOT / "circuits" / "keys.json"
CODEHASH: Final = "codehash"


def key_hashes(keys: Keys, store: ArtifactStore | None = None) -> dict[str, str]:
    """Return the SHA-256 of each file of the keys, and the codehash of the verifier contract.

    The codehash is the Keccak-256 of the code on chain, as EXTCODEHASH gives it (EIP-1052).
    """
    code = verifier_code(keys.verifier.read_text(), store)
    return {**keys.manifest.sha256, CODEHASH: keccak(code).hex()}


def deployed_hashes(rollup: RollupClient) -> dict[str, str]:
    """Return the codehash of the verifier that a rollup asks.

    Raises
    ------
    NotARollupError
        If what is at the address names no verifier.
    """
    try:
        verifier = rollup.verifier
    except (BadFunctionCallOutput, ContractLogicError) as error:
        raise NotARollupError(f"{rollup.address} on {rollup.connection.url} names no verifier") from error
    return {CODEHASH: keccak(rollup.connection.code(verifier)).hex()}


def read_table() -> dict[str, dict[str, str]]:
    """Return the committed hashes by size, or `exit`; none for what is not listed or has another seed."""
    table = _table()
    return table["sizes"] if table["seed"] == DEVELOPMENT_SEED.decode() else {}


def write_table(size: str, hashes: dict[str, str]) -> None:
    """Replace the committed hashes of one size, or of `exit`."""
    sizes = {**read_table(), size: hashes}
    table = {"seed": DEVELOPMENT_SEED.decode(), "sizes": dict(sorted(sizes.items()))}
    TABLE_FILE.write_text(json.dumps(table, indent=2) + "\n")


def _table() -> Any:
    return json.loads(TABLE_FILE.read_text())
