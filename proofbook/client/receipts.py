"""Checking receipts: the trader's half of the promise that the operator signs for each message."""

import threading
import time
from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Final

from eth_abi.exceptions import EncodingError
from eth_keys.constants import SECPK1_N
from eth_keys.exceptions import BadSignature
from eth_utils.address import to_checksum_address
from eth_utils.exceptions import ValidationError

from proofbook.client.errors import BrokenPromiseError
from sequencer.chain.receipts import Receipt, ReceiptDomain, SignedReceipt

KEPT_MAX: Final = 100_000
DUE_WITHIN_SECONDS: Final = 86_400

_SIGNATURE_BYTES: Final = 65
_WORD_BYTES: Final = 32
_RECOVERY_CODES: Final = (27, 28)

_Name = tuple[int, int]
"""Account and nonce of a message."""


class ReceiptChecker:
    """Holds an operator to its receipts: no later one may contradict those that were seen.

    Safe to share between clients and threads.

    Parameters
    ----------
    domain
        Chain and rollup contract.
    signer
        Address of the contract's receipt signer.
    is_intact
        Tells whether the end of the queue that a receipt names is on L1; without it all are taken to be.
    due_within_seconds
        How far ahead a receipt may put the second after which it can be challenged.
    kept_max
        So many receipts are kept; the oldest are forgotten.
    clock
        Returns UTC seconds.
    """

    def __init__(
        self,
        domain: ReceiptDomain,
        signer: str,
        is_intact: Callable[[Receipt], bool] | None = None,
        due_within_seconds: int = DUE_WITHIN_SECONDS,
        kept_max: int = KEPT_MAX,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.domain, self.signer = domain, to_checksum_address(signer)
        self._is_intact, self._clock = is_intact, clock
        self._due_within_seconds, self._seen = due_within_seconds, _Seen(kept_max)
        self._lock = threading.Lock()

    def check(self, signed: SignedReceipt, message_hash: int, account: int, nonce: int) -> None:
        """Check a receipt, and keep it if it is good.

        Parameters
        ----------
        message_hash, account, nonce
            Of the message that was sent.

        Raises
        ------
        BrokenPromiseError
            With the evidence. The receipt is not kept.
        """
        name = (account, nonce)
        with self._lock:
            self._check_alone(signed, message_hash)
            while (conflict := self._seen.conflict(signed, name)) is not None:
                cause, earlier = conflict
                # A reorganisation of L1 may have undone the batch of a receipt: that one promises no more.
                if self._is_intact is None or self._is_intact(earlier.receipt):
                    raise BrokenPromiseError(cause, earlier, signed)
                self._seen.forget_batch(earlier.receipt.batch_number)
            self._seen.keep(signed, name)

    def _check_alone(self, signed: SignedReceipt, message_hash: int) -> None:
        receipt = signed.receipt
        if not self._is_signed(signed):
            raise BrokenPromiseError(f"the signature is not one of {self.signer} that L1 takes", signed)
        if receipt.message_hash != message_hash:
            raise BrokenPromiseError(
                f"it names message {receipt.message_hash:#x}, sent was {message_hash:#x}", signed
            )
        if receipt.due_by > self._clock() + self._due_within_seconds:
            raise BrokenPromiseError(f"it cannot be challenged before {receipt.due_by}", signed)
        is_new_end = not self._seen.knows_end(receipt)
        if self._is_intact is not None and is_new_end and not self._is_intact(receipt):
            raise BrokenPromiseError("the end of the request queue that it names is not on L1", signed)

    def _is_signed(self, signed: SignedReceipt) -> bool:
        """Tell whether the contract would take the signature: a malleable one, with a high s, it does not."""
        signature = signed.signature
        if len(signature) != _SIGNATURE_BYTES or signature[-1] not in _RECOVERY_CODES:
            return False
        if int.from_bytes(signature[_WORD_BYTES : 2 * _WORD_BYTES], "big") > SECPK1_N // 2:
            return False
        try:
            return self.domain.signer_of(signed) == self.signer
        except (BadSignature, ValidationError, EncodingError, ValueError):
            return False


class _Seen:
    """The receipts so far, by all that two of them can contradict each other in."""

    def __init__(self, kept_max: int) -> None:
        self._kept_max = kept_max
        self._by_name: OrderedDict[_Name, SignedReceipt] = OrderedDict()
        self._by_sequence: dict[int, SignedReceipt] = {}
        self._names: list[_Name] = []
        self._by_batch: dict[int, dict[_Name, SignedReceipt]] = {}

    def knows_end(self, receipt: Receipt) -> bool:
        """Tell whether a receipt of the batch named this end of the queue."""
        first = self._first_of(receipt.batch_number)
        return first is not None and _end(first.receipt) == _end(receipt)

    def conflict(self, signed: SignedReceipt, name: _Name) -> tuple[str, SignedReceipt] | None:
        """Return why no history can keep a receipt beside another one, and that one; None if all is well."""
        return next(self._conflicts(signed, name), None)

    def keep(self, signed: SignedReceipt, name: _Name) -> None:
        """Add a receipt; one that was there already stays."""
        if name in self._by_name:
            return
        self._by_name[name] = self._by_sequence[signed.receipt.sequence] = signed
        self._by_batch.setdefault(signed.receipt.batch_number, {})[name] = signed
        insort(self._names, name)
        if len(self._by_name) > self._kept_max:
            self._forget(next(iter(self._by_name)))

    def forget_batch(self, number: int) -> None:
        """Remove the receipts of a batch."""
        for name in tuple(self._by_batch.get(number, ())):
            self._forget(name)

    def _conflicts(self, signed: SignedReceipt, name: _Name) -> Iterator[tuple[str, SignedReceipt]]:
        new = signed.receipt
        same = self._by_sequence.get(new.sequence)
        if same is not None and _place(same.receipt) != _place(new):
            yield f"two receipts claim sequence {new.sequence}", same
        first = self._first_of(new.batch_number)
        if first is not None and first.receipt.epoch_hash != new.epoch_hash:
            yield f"two receipts give batch {new.batch_number} two epochs", first
        if first is not None and _end(first.receipt) != _end(new):
            yield f"two receipts give batch {new.batch_number} two ends of the request queue", first
        again = self._by_name.get(name)
        if again is not None and _place(again.receipt) != _place(new):
            yield f"two receipts give one message two places, {new.sequence} is one", again
        before, after = self._neighbours(name)
        if before is not None and not _precedes(before.receipt, new):
            yield f"the message before it in its account has sequence {before.receipt.sequence}", before
        if after is not None and not _precedes(new, after.receipt):
            yield f"the message after it in its account has sequence {after.receipt.sequence}", after

    def _first_of(self, batch: int) -> SignedReceipt | None:
        return next(iter(self._by_batch.get(batch, {}).values()), None)

    def _neighbours(self, name: _Name) -> tuple[SignedReceipt | None, SignedReceipt | None]:
        """Return the receipts of the account's messages with the nearest smaller and larger nonces."""
        place = bisect_left(self._names, name)
        beyond = place + (place < len(self._names) and self._names[place] == name)
        before = self._names[place - 1] if place else None
        after = self._names[beyond] if beyond < len(self._names) else None
        return self._of_account(before, name[0]), self._of_account(after, name[0])

    def _of_account(self, name: _Name | None, account: int) -> SignedReceipt | None:
        return self._by_name[name] if name is not None and name[0] == account else None

    def _forget(self, name: _Name) -> None:
        receipt = self._by_name.pop(name).receipt
        del self._by_sequence[receipt.sequence]
        del self._names[bisect_left(self._names, name)]
        of_batch = self._by_batch[receipt.batch_number]
        del of_batch[name]
        if not of_batch:
            del self._by_batch[receipt.batch_number]


def _place(receipt: Receipt) -> tuple[int, int, int]:
    return receipt.batch_number, receipt.sequence, receipt.message_hash


def _end(receipt: Receipt) -> tuple[int, int]:
    return receipt.requests_end, receipt.queue_hash


def _precedes(earlier: Receipt, later: Receipt) -> bool:
    """Whether sequences strictly increase and batches do not decrease."""
    return earlier.sequence < later.sequence and earlier.batch_number <= later.batch_number
