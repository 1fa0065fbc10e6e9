"""Secret keys: what a trader does with one. The sequencer itself only verifies."""

from sequencer import _core
from sequencer.crypto.types import PublicKey, Signature


def public_key(secret: int) -> PublicKey:
    """Return A = secret * Base8.

    Raises
    ------
    ValueError
        If `secret` is not in [1, l).
    """
    return PublicKey(*_core.public_key(secret))


def sign(secret: int, message: int) -> Signature:
    """Return the one EdDSA-Poseidon signature of a field element under `secret`.

    Signing is deterministic, and not constant time: sign on the trader's own machine.

    Raises
    ------
    ValueError
        If `secret` is not in [1, l) or `message` not in [0, p).
    """
    return Signature(*_core.sign(secret, message))
