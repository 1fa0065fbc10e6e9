"""The native core signs receipts to the byte as libsecp256k1 does through coincurve."""

import pytest
from coincurve import PrivateKey
from eth_account import Account
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from sequencer._core import sign_typed, typed_digest
from sequencer.batch.epoch import Epoch
from sequencer.chain.queue import QueueHashes
from sequencer.chain.receipts import Receipt, ReceiptDomain, ReceiptSigner
from sequencer.model.constants import FIELD_MODULUS

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
DOMAIN = ReceiptDomain(31337, "0x" + "5b" * 20)
KEY = Account.from_key(b"\x07" * 32)
SECRETS = st.integers(1, ORDER - 1) | st.sampled_from([1, 2, ORDER - 2, ORDER - 1])
HASHES = st.binary(min_size=32, max_size=32)
WORDS = st.integers(0, 2**256 - 1) | st.sampled_from([0, 1, 2**64, 2**128 - 1, 2**256 - 1])
SEPARATOR, TYPE_HASH = b"\x01" * 32, b"\x02" * 32


def signed_by_coincurve(secret: int, digest: bytes) -> bytes:
    *point, parity = PrivateKey.from_int(secret).sign_recoverable(digest, hasher=None)
    return bytes([*point, 27 + parity])


def digest_by_definition(separator: bytes, type_hash: bytes, members: list[int]) -> bytes:
    words = b"".join(member.to_bytes(32, "big") for member in members)
    return keccak(b"\x19\x01" + separator + keccak(type_hash + words))


@given(
    secret=SECRETS,
    separator=HASHES,
    type_hash=HASHES,
    structs=st.lists(st.lists(WORDS, max_size=9), max_size=5),
)
def test_every_struct_has_the_signature_that_coincurve_gives_its_digest(
    secret: int, separator: bytes, type_hash: bytes, structs: list[list[int]]
) -> None:
    digests = [digest_by_definition(separator, type_hash, members) for members in structs]
    assert [typed_digest(separator, type_hash, members) for members in structs] == digests
    assert sign_typed(secret.to_bytes(32, "big"), separator, type_hash, structs) == [
        signed_by_coincurve(secret, digest) for digest in digests
    ]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 64])
def test_receipts_issued_together_are_those_issued_one_by_one(count: int) -> None:
    signer = ReceiptSigner(KEY, DOMAIN, 600, QueueHashes())
    epoch = Epoch(3, 1_584_008_280, 0, FIELD_MODULUS - 1)
    promises = [(epoch, 7 + place, FIELD_MODULUS - 1 - place) for place in range(count)]

    together = signer.issue_many(promises)

    assert together == [signer.issue(*promise) for promise in promises]
    secret = int.from_bytes(KEY.key, "big")
    for (_, sequence, message_hash), signed in zip(promises, together, strict=True):
        assert signed.receipt == Receipt(
            3, sequence, message_hash, 1_584_008_880, FIELD_MODULUS - 1, 0, QueueHashes().at(0)
        )
        assert signed.signature == signed_by_coincurve(secret, DOMAIN.digest(signed.receipt))
        assert DOMAIN.signer_of(signed) == KEY.address


@pytest.mark.parametrize("outside", [-1, 2**256, -(2**300)])
def test_a_member_that_fits_no_word_is_refused_and_named(outside: int) -> None:
    with pytest.raises(ValueError, match="member 1 is no word"):
        typed_digest(SEPARATOR, TYPE_HASH, [0, outside])
    with pytest.raises(ValueError, match="member 1 is no word"):
        sign_typed(b"\x07" * 32, SEPARATOR, TYPE_HASH, [[0, 0], [0, outside]])


@pytest.mark.parametrize("secret", [0, ORDER, 2**256 - 1])
def test_a_secret_outside_1_to_n_signs_nothing(secret: int) -> None:
    with pytest.raises(ValueError, match="a secret key is an integer from 1 to n - 1"):
        sign_typed(secret.to_bytes(32, "big"), SEPARATOR, TYPE_HASH, [[0]])


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_secret_or_a_hash_has_32_bytes(length: int) -> None:
    for place in range(3):
        secret, separator, type_hash = (bytes(length if part == place else 32) for part in range(3))
        with pytest.raises(ValueError, match="32"):
            sign_typed(secret, separator, type_hash, [[0]])
