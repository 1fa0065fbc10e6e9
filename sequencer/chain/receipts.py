"""Receipts: the operator's signed promise of a message's place, and the answer when someone asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Self

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from msgspec import Struct

from sequencer._core import sign_typed, typed_digest
from sequencer.batch.epoch import Epoch
from sequencer.chain.errors import ReceiptUnanswerableError
from sequencer.chain.queue import QueueHashes
from sequencer.crypto import SparseTree
from sequencer.model import constants as c
from sequencer.state.record import BatchRecord

RECEIPT_TYPE: Final = (
    ("batchNumber", "uint64"),
    ("sequence", "uint40"),
    ("messageHash", "uint256"),
    ("dueBy", "uint40"),
    ("epochHash", "uint256"),
    ("requestsEnd", "uint64"),
    ("queueHash", "uint176"),
)

_TYPE_HASH: Final = keccak(text=f"Receipt({','.join(f'{kind} {name}' for name, kind in RECEIPT_TYPE)})")


class Receipt(Struct, frozen=True, gc=False):
    """What the operator promises of a message (docs/spec/receipts.md).

    Attributes
    ----------
    due_by : int
        Second after which the receipt may be challenged.
    requests_end, queue_hash : int
        The request queue that the batch consumes up to: its length and its hash.
    """

    batch_number: int
    sequence: int
    message_hash: int
    due_by: int
    epoch_hash: int
    requests_end: int
    queue_hash: int

    def to_contract(self) -> tuple[int, ...]:
        """Return the fields in the contract's order."""
        return (
            self.batch_number,
            self.sequence,
            self.message_hash,
            self.due_by,
            self.epoch_hash,
            self.requests_end,
            self.queue_hash,
        )


_ANY: Final = Receipt(0, 0, 0, 0, 0, 0, 0)


class SignedReceipt(Struct, frozen=True, gc=False):
    """A receipt and its signature of 65 bytes: r, s, v."""

    receipt: Receipt
    signature: bytes


class ReceiptDomain(Struct, frozen=True):
    """Where receipts hold: a chain and the rollup contract on it."""

    chain_id: int
    rollup: str

    def typed_data(self, receipt: Receipt) -> dict[str, Any]:
        """Return the EIP-712 document that is signed."""
        names = [name for name, _ in RECEIPT_TYPE]
        return {
            "types": {
                "EIP712Domain": [
                    {"name": "name", "type": "string"},
                    {"name": "version", "type": "string"},
                    {"name": "chainId", "type": "uint256"},
                    {"name": "verifyingContract", "type": "address"},
                ],
                "Receipt": [{"name": name, "type": type_} for name, type_ in RECEIPT_TYPE],
            },
            "primaryType": "Receipt",
            "domain": {
                "name": "Proofbook",
                "version": str(c.PROTOCOL_VERSION),
                "chainId": self.chain_id,
                "verifyingContract": self.rollup,
            },
            "message": dict(zip(names, receipt.to_contract(), strict=True)),
        }

    def digest(self, receipt: Receipt) -> bytes:
        """Return the 32 bytes that are signed (EIP-712), by which the contract knows a challenge."""
        return typed_digest(_separator(self), _TYPE_HASH, receipt.to_contract())

    def sign(self, signer: LocalAccount, receipt: Receipt) -> SignedReceipt:
        """Return the receipt with the signer's signature, the same whenever it is signed."""
        (signed,) = self.sign_many(signer, [receipt])
        return signed

    def sign_many(self, signer: LocalAccount, receipts: Sequence[Receipt]) -> list[SignedReceipt]:
        """Return each receipt with the signer's signature, computed by all cores without the interpreter."""
        structs = [receipt.to_contract() for receipt in receipts]
        signatures = sign_typed(bytes(signer.key), _separator(self), _TYPE_HASH, structs)
        return list(map(SignedReceipt, receipts, signatures))

    def signer_of(self, signed: SignedReceipt) -> str:
        """Return the address that signed a receipt; a holder compares it with the contract's signer."""
        document = encode_typed_data(full_message=self.typed_data(signed.receipt))
        return str(Account.recover_message(document, signature=signed.signature))


@cache
def _separator(domain: ReceiptDomain) -> bytes:
    """Return the hash of a domain, which all its receipts share."""
    return encode_typed_data(full_message=domain.typed_data(_ANY)).header


Promise = tuple[Epoch, int, int]
"""The epoch of a message's batch, its sequence, and its hash."""


class ReceiptSigner:
    """Signs the receipt of each sequenced message.

    Parameters
    ----------
    key
        A key of its own, not the one that submits batches.
    promise_seconds
        How long after a batch was opened its receipts are due.
    queue
        Hashes of the request queue; whoever extends it has read the requests from L1.
    """

    def __init__(
        self, key: LocalAccount, domain: ReceiptDomain, promise_seconds: int, queue: QueueHashes
    ) -> None:
        self._key, self._domain = key, domain
        self._promise_seconds, self._queue = promise_seconds, queue

    def issue(self, epoch: Epoch, sequence: int, message_hash: int) -> SignedReceipt:
        """Promise a message its sequence in a batch whose epoch is fixed."""
        (receipt,) = self.issue_many([(epoch, sequence, message_hash)])
        return receipt

    def issue_many(self, promises: Sequence[Promise]) -> list[SignedReceipt]:
        """Promise each message its sequence in a batch whose epoch is fixed."""
        return self._domain.sign_many(self._key, [self._receipt(*promise) for promise in promises])

    def _receipt(self, epoch: Epoch, sequence: int, message_hash: int) -> Receipt:
        return Receipt(
            batch_number=epoch.batch_number,
            sequence=sequence,
            message_hash=message_hash,
            due_by=epoch.timestamp + self._promise_seconds,
            epoch_hash=epoch.hash,
            requests_end=epoch.requests_end,
            queue_hash=self._queue.at(epoch.requests_end),
        )


@dataclass(frozen=True, slots=True)
class ReceiptAnswer:
    """Where a message is: what the contract checks against the digest of the batch.

    Attributes
    ----------
    place : int
        Of the message in the batch, from 0 up.
    path : tuple of tuple of int
        From the message up, the three other children of each node.
    """

    batch_number: int
    log_root: int
    first_sequence: int
    epoch_hash: int
    place: int
    path: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, receipt: Receipt, record: BatchRecord) -> Self:
        """Return the answer that a batch's record gives. Message hashes are not on L1: the record is needed.

        Raises
        ------
        ReceiptUnanswerableError
            If the message is not in the batch.
        """
        if receipt.message_hash not in record.log_leaves:
            raise ReceiptUnanswerableError(
                f"batch {record.number} has no message {receipt.message_hash:#x} at {receipt.sequence}"
            )
        place = record.log_leaves.index(receipt.message_hash)
        tree = SparseTree(c.LOG_DEPTH)
        tree.set_many(list(enumerate(record.log_leaves)))
        return cls(
            batch_number=record.number,
            log_root=record.contract_words[c.HEADER_LOG_ROOT],
            first_sequence=record.contract_words[c.HEADER_FIRST_SEQUENCE],
            epoch_hash=record.contract_words[c.HEADER_EPOCH_HASH],
            place=place,
            path=tuple(_siblings(tree, place)),
        )

    def to_contract(self) -> tuple[object, ...]:
        """Return the fields in the contract's order."""
        return (
            self.batch_number,
            self.log_root,
            self.first_sequence,
            self.epoch_hash,
            self.place,
            self.path,
        )

    def keeps(self, receipt: Receipt) -> bool:
        """Whether batch, sequence and epoch are those that an intact receipt promised."""
        return (self.batch_number, self.first_sequence + self.place, self.epoch_hash) == (
            receipt.batch_number,
            receipt.sequence,
            receipt.epoch_hash,
        )

    def batch_digest(self) -> bytes:
        """Return the digest of the batch that the contract must have stored."""
        words = (self.log_root, self.first_sequence, self.epoch_hash)
        return keccak(b"".join(word.to_bytes(32, "big") for word in words))


def _siblings(tree: SparseTree, place: int) -> list[tuple[int, ...]]:
    siblings = []
    for children in tree.path(place):
        place, position = divmod(place, c.TREE_ARITY)
        siblings.append((*children[:position], *children[position + 1 :]))
    return siblings
