"""The native core. Field elements are integers in [0, p); heavy functions release the GIL."""

from collections.abc import Sequence
from typing import TypedDict

# ---- Field cryptography (crypto.rs) ----

def poseidon(inputs: Sequence[int]) -> int:
    """Return circomlib's Poseidon of 1 to 16 field elements.

    Raises
    ------
    ValueError
        If there are no or more than 16 inputs, or an input is not in [0, p): the message names its position.
    """

def poseidon_many(rows: Sequence[Sequence[int]]) -> list[int]:
    """Return Poseidon of each row, computed on all cores; errors as `poseidon`, naming row and position."""

def poseidon_permutation(state: Sequence[int]) -> list[int]:
    """Return Poseidon's permutation of a state of 2 to 17 field elements; errors as `poseidon`."""

def public_key(secret: int) -> tuple[int, int]:
    """Return secret * Base8; ValueError unless secret is in [1, l)."""

def sign(secret: int, message: int) -> tuple[int, int, int]:
    """Return (R8.x, R8.y, S); ValueError unless secret is in [1, l) and message in [0, p)."""

def verify(key: tuple[int, int], message: int, signature: tuple[int, int, int]) -> bool:
    """Return whether circomlib's EdDSA-Poseidon equation holds.

    False for coordinates or a message outside [0, p), points off the curve, S outside [0, l) and keys with
    8 A = 0; and for what a batch cannot hold: R8 = 0, and the hash or S within 2^192 of its modulus or so.
    """

def verify_many(items: Sequence[tuple[tuple[int, int], int, tuple[int, int, int]]]) -> list[bool]:
    """Return `verify` of each (key, message, signature), computed on all cores.

    A key that has signed well before is verified in half the time: the process keeps tables of such keys,
    63 MiB of them at most.
    """

def is_valid_key(x: int, y: int) -> bool:
    """Return whether a key may be registered: coordinates in [0, p), on the curve, 8 A != 0."""

def eighth(x: int, y: int) -> tuple[int, int]:
    """Return the Q of the prime subgroup with 8 Q = (x, y); ValueError for a point outside the subgroup."""

class SparseTree:
    """A quaternary Poseidon tree of 4^depth leaves, all 0 at first; a node is Poseidon of its four children.

    Parameters
    ----------
    depth
        Levels above the leaves, 1 to 31; ValueError otherwise.

    Methods that take an index raise IndexError outside [0, 4^depth).
    """

    def __init__(self, depth: int) -> None: ...
    @property
    def depth(self) -> int: ...
    @property
    def root(self) -> int: ...
    def get(self, index: int) -> int: ...
    def set(self, index: int, leaf: int) -> None:
        """Set one leaf; ValueError unless it is in [0, p)."""

    def set_many(self, updates: Sequence[tuple[int, int]]) -> None:
        """Set (index, leaf) pairs, hashing each touched node once; the later of two pairs for one leaf holds.

        On an error nothing is set.
        """

    def path(self, index: int) -> list[list[int]]:
        """Return the four children of each node from the leaf's parent up to the root."""

    def copy(self) -> SparseTree:
        """Return an independent tree in constant time; nodes are shared until one of the two writes."""

# ---- Ethereum's typed data (typed_data.rs) ----

def typed_digest(separator: bytes, type_hash: bytes, members: Sequence[int]) -> bytes:
    """Return what is signed (EIP-712) of a struct whose members are integers.

    Parameters
    ----------
    separator, type_hash
        The domain's separator and the hash of the type, 32 bytes each.

    Raises
    ------
    ValueError
        If a member is not in [0, 2^256).
    """

def sign_typed(
    secret: bytes, separator: bytes, type_hash: bytes, structs: Sequence[Sequence[int]]
) -> list[bytes]:
    """Return the signature r, s, v of each struct, computed on all cores; errors as `typed_digest`.

    ECDSA over secp256k1, the nonce as in RFC 6979 and s the lower of two, so a struct has one signature.

    Raises
    ------
    ValueError
        If the secret, 32 bytes, is not in [1, n).
    """

# ---- Groth16 on circom's and snarkjs's files (groth16.rs) ----

class ArtifactError(ValueError):
    """A circuit's file cannot be used: `<path>: <reason>; <cure>`.

    Attributes
    ----------
    code
        io, corrupt, mismatch (well formed, of another circuit) or unproven (its proof does not verify).
    """

    code: str

class Groth16Proof(TypedDict):
    """Affine coordinates (x, y), those of b constant part first as in snarkjs; for type checkers only."""

    a: tuple[int, int]
    b: tuple[tuple[int, int], tuple[int, int]]
    c: tuple[int, int]

def r1cs_info(path: str) -> dict[str, int]:
    """Return constraints, wires, public_outputs, public_inputs, private_inputs and labels of a `.r1cs`."""

def groth16_setup(r1cs: str, zkey: str, seed: bytes) -> None:
    """Write a DEVELOPMENT proving key, decided by circuit and seed; whoever knows the seed can forge proofs.

    The key appears whole or not at all.
    """

def groth16_prove(zkey: str, wtns: str) -> tuple[Groth16Proof, list[int]]:
    """Return a proof that verifies and its public signals: the circuit's outputs, then its public inputs."""

def groth16_verify(zkey: str, proof: Groth16Proof, public: Sequence[int]) -> bool:
    """Return whether the proof holds for the key's circuit and these public signals.

    False for coordinates or signals that are not reduced and for points off the curve; ArtifactError for a
    wrong number of signals.
    """

class VerifyingKey:
    """A verification key by itself, prepared for many proofs.

    Parameters
    ----------
    ic
        A point for the constant, then one a public signal.

    Raises
    ------
    ValueError
        Unless all coordinates are reduced and all points in their groups.
    """

    def __init__(
        self,
        alpha: tuple[int, int],
        beta: tuple[tuple[int, int], tuple[int, int]],
        gamma: tuple[tuple[int, int], tuple[int, int]],
        delta: tuple[tuple[int, int], tuple[int, int]],
        ic: Sequence[tuple[int, int]],
    ) -> None: ...
    def verify(self, proof: Groth16Proof, public: Sequence[int]) -> bool:
        """Return whether the proof holds; also false for a wrong number of signals."""

def check_witness(r1cs: str, wtns: str) -> int | None:
    """Return the index of the first constraint that the witness violates, None when it satisfies all."""

# ---- What the constraints leave open (soundness.rs) ----

def free_wires(r1cs: str, wtns: str) -> list[tuple[int, int | None]]:
    """Return every wire that can be changed alone, and the only other value that it may have; None for any.

    Exact, and linear in the size of the circuit; ArtifactError if the witness breaks a constraint.
    """

def undetermined_wires(r1cs: str, known: Sequence[int], trusted: Sequence[int]) -> list[tuple[int, bool]]:
    """Return the wires that the known ones do not determine, as far as the rules of `unique/mod.rs` tell.

    The flag says that the wire is multiplied by one determined factor only and open only where that is zero.
    Of a trusted wire the caller vouches that its divisor is never zero, or that its bits are unique.
    """
