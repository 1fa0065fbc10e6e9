"""What a key signs to show who reads: never a message."""

from typing import Final

from sequencer.crypto import poseidon

API_TAG: Final = int.from_bytes(b"proofbook api", "big")


def challenge_hash(domain: int, account: int, challenge: int) -> int:
    """Return what is signed: Poseidon of four inputs, where that of messages and reports has three."""
    return poseidon((domain, API_TAG, account, challenge))
