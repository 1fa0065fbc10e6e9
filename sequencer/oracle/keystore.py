"""A signer's secret on disk, encrypted as Ethereum keystores are; only this file ever has it."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from eth_keyfile.keyfile import create_keyfile_json, decode_keyfile_json

from sequencer.crypto import SUBGROUP_ORDER, public_key
from sequencer.oracle.errors import KeystoreError
from sequencer.oracle.wire import key_text

PASSWORD_VARIABLE: Final = "PROOFBOOK_ORACLE_PASSWORD"
_SECRET_BYTES: Final = 32
_FOR_ITS_OWNER: Final = 0o600
# What the library raises, without a word of it in its documentation, where a file is no keystore.
_UNREADABLE: Final = (
    ValueError,
    LookupError,
    TypeError,
    ArithmeticError,
    AttributeError,
    NotImplementedError,
)


def new_secret() -> int:
    """Return a random secret key of Baby Jubjub."""
    return 1 + secrets.randbelow(SUBGROUP_ORDER - 1)


def write_keystore(path: Path, secret: int, password: str, iterations: int | None = None) -> None:
    """Write a new file; one that is there is never overwritten.

    Parameters
    ----------
    iterations
        Cost of the scrypt that stands between password and secret; None for the usual one.
    """
    encrypted = create_keyfile_json(
        secret.to_bytes(_SECRET_BYTES, "big"), password.encode(), kdf="scrypt", iterations=iterations
    )
    # The address would be that of a wallet, which this is not; its key is on another curve.
    del encrypted["address"]
    encrypted["oracle_key"] = key_text(public_key(secret))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FOR_ITS_OWNER)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(encrypted, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())


def read_keystore(path: Path, password: str) -> int:
    """Return the secret in a file.

    Raises
    ------
    KeystoreError
        If the file is no keystore of a signer, or the password is another.
    """
    try:
        encrypted: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        told = encrypted["oracle_key"]
        secret = int.from_bytes(decode_keyfile_json(dict(encrypted), password.encode()), "big")
        key = key_text(public_key(secret))
    except (
        ValueError,
        LookupError,
        TypeError,
        ArithmeticError,
        AttributeError,
        NotImplementedError,
    ) as error:
        # The message of the library may have a part of the secret in it.
        raise KeystoreError(f"{path} cannot be opened ({type(error).__name__})") from error
    if told != list(key):
        raise KeystoreError(f"{path} holds another key than it says")
    return secret
