"""A holder of receipts notices each one that the operator may not sign, and has the evidence."""

from collections.abc import Callable

import pytest
from eth_keys.constants import SECPK1_N
from msgspec import Struct
from msgspec.structs import replace

from proofbook.client.errors import BrokenPromiseError
from proofbook.client.receipts import ReceiptChecker
from sequencer.chain.receipts import Receipt, SignedReceipt
from sequencer.replay.traders import wallet
from tests.client.venue import RECEIPTS
from tests.node.venue import RECEIPT_KEY

NOW = 1_000_000
FIRST = Receipt(
    batch_number=3,
    sequence=10,
    message_hash=1_010,
    due_by=NOW + 3_600,
    epoch_hash=7,
    requests_end=2,
    queue_hash=5,
)
LATER = replace(FIRST, sequence=11, message_hash=1_011)
NEXT_BATCH = replace(FIRST, batch_number=4, sequence=12, message_hash=1_012, epoch_hash=8, requests_end=3)


def signed(receipt: Receipt) -> SignedReceipt:
    return RECEIPTS.sign(RECEIPT_KEY, receipt)


class Holder(Struct):
    """A trader of one account; the nonce of a message is its hash."""

    checker: ReceiptChecker

    def take(
        self, receipt: Receipt | SignedReceipt, sent: int | None = None, account: int = 1
    ) -> SignedReceipt:
        """Take the receipt for a message that was sent, by default the one that it names."""
        held = receipt if isinstance(receipt, SignedReceipt) else signed(receipt)
        message_hash = held.receipt.message_hash if sent is None else sent
        self.checker.check(held, message_hash, account, nonce=message_hash)
        return held


def checker(intact: Callable[[Receipt], bool] | None = None, kept_max: int = 100) -> ReceiptChecker:
    return ReceiptChecker(
        RECEIPTS, RECEIPT_KEY.address, intact, due_within_seconds=7_200, kept_max=kept_max, clock=lambda: NOW
    )


@pytest.fixture
def holder() -> Holder:
    return Holder(checker())


def test_receipts_that_one_history_keeps_are_good_in_whatever_order_they_come(holder: Holder) -> None:
    for receipt in (LATER, NEXT_BATCH, FIRST, FIRST, NEXT_BATCH):
        holder.take(receipt)


def test_a_receipt_for_another_message_is_noticed(holder: Holder) -> None:
    with pytest.raises(BrokenPromiseError, match="names message 0x3f2, sent was 0x3f3") as caught:
        holder.take(FIRST, sent=1_011)
    assert caught.value.receipts == (signed(FIRST),)


def test_a_receipt_that_another_key_has_signed_is_noticed(holder: Holder) -> None:
    with pytest.raises(BrokenPromiseError, match="signature"):
        holder.take(RECEIPTS.sign(wallet("somebody"), FIRST))


def test_a_receipt_that_was_changed_after_it_was_signed_is_noticed(holder: Holder) -> None:
    for change in (
        {"batch_number": 4},
        {"sequence": 9},
        {"due_by": NOW},
        {"epoch_hash": 9},
        {"requests_end": 9},
        {"queue_hash": 9},
    ):
        with pytest.raises(BrokenPromiseError, match="signature"):
            holder.take(replace(signed(FIRST), receipt=replace(FIRST, **change)))


def test_a_receipt_for_another_exchange_is_noticed(holder: Holder) -> None:
    elsewhere = replace(RECEIPTS, chain_id=1)
    with pytest.raises(BrokenPromiseError, match="signature"):
        holder.take(elsewhere.sign(RECEIPT_KEY, FIRST))


def test_a_signature_that_the_contract_would_not_take_is_noticed(holder: Holder) -> None:
    good = signed(FIRST)
    r, s, v = good.signature[:32], int.from_bytes(good.signature[32:64], "big"), good.signature[64]
    malleable = r + (SECPK1_N - s).to_bytes(32, "big") + bytes([55 - v])
    assert RECEIPTS.signer_of(replace(good, signature=malleable)) == RECEIPT_KEY.address
    for signature in (malleable, good.signature[:-1], good.signature[:-1] + b"\0", bytes(65), b""):
        with pytest.raises(BrokenPromiseError, match="signature"):
            holder.take(replace(good, signature=signature))


def test_a_receipt_that_can_never_be_challenged_is_noticed(holder: Holder) -> None:
    holder.take(replace(FIRST, due_by=NOW + 7_200))
    with pytest.raises(BrokenPromiseError, match="cannot be challenged"):
        holder.take(replace(LATER, due_by=NOW + 7_201))


Pair = tuple[Receipt, Receipt]
CONTRADICTIONS: dict[str, Pair] = {
    "claim sequence 10": (FIRST, replace(FIRST, message_hash=1_011)),
    "claim sequence 10.": (FIRST, replace(FIRST, batch_number=4, message_hash=1_011)),
    "two epochs": (FIRST, replace(LATER, epoch_hash=8)),
    "two ends": (FIRST, replace(LATER, requests_end=3)),
    "two ends.": (FIRST, replace(LATER, queue_hash=6)),
    "one message two places": (FIRST, replace(FIRST, sequence=11)),
    "one message two places.": (FIRST, replace(NEXT_BATCH, message_hash=1_010)),
    "after it in its account has sequence 11": (LATER, replace(FIRST, sequence=12)),
    "before it in its account has sequence 10": (FIRST, replace(LATER, sequence=9)),
    "before it in its account has sequence 10.": (FIRST, replace(LATER, batch_number=2)),
}


@pytest.mark.parametrize("cause", CONTRADICTIONS)
def test_two_receipts_that_no_history_can_keep_are_noticed_with_both_as_evidence(
    holder: Holder, cause: str
) -> None:
    first, second = CONTRADICTIONS[cause]
    held = holder.take(first)
    with pytest.raises(BrokenPromiseError, match=cause.rstrip(".")) as caught:
        holder.take(second)
    assert caught.value.receipts == (held, signed(second))


def test_messages_of_two_accounts_may_be_sequenced_in_any_order(holder: Holder) -> None:
    holder.take(LATER, account=1)
    holder.take(FIRST, account=2)


def test_a_receipt_that_was_found_wrong_is_not_what_later_ones_are_measured_by(holder: Holder) -> None:
    holder.take(FIRST)
    with pytest.raises(BrokenPromiseError):
        holder.take(replace(LATER, epoch_hash=8))
    holder.take(LATER)


def test_a_receipt_whose_queue_is_not_on_l1_is_noticed_and_each_end_asked_for_once() -> None:
    asked: list[Receipt] = []

    def is_intact(receipt: Receipt) -> bool:
        asked.append(receipt)
        return receipt.queue_hash == 5

    holder = Holder(checker(is_intact))
    holder.take(FIRST)
    holder.take(LATER)
    assert asked == [FIRST]
    with pytest.raises(BrokenPromiseError, match="not on L1"):
        holder.take(replace(NEXT_BATCH, queue_hash=6))


def test_a_receipt_of_a_batch_that_a_reorganisation_has_undone_binds_nobody() -> None:
    on_chain = {5}
    holder = Holder(checker(lambda receipt: receipt.queue_hash in on_chain))
    holder.take(FIRST)
    on_chain.clear()
    on_chain.add(6)
    moved = replace(FIRST, batch_number=3, sequence=11, epoch_hash=9, queue_hash=6)
    holder.take(moved)
    with pytest.raises(BrokenPromiseError, match="two epochs") as caught:
        holder.take(replace(LATER, sequence=12, epoch_hash=10, queue_hash=6))
    assert caught.value.receipts[0] == signed(moved)


def test_only_so_many_receipts_are_kept_and_the_oldest_go_first() -> None:
    holder = Holder(checker(kept_max=2))
    for number in range(4):
        holder.take(replace(FIRST, batch_number=number, sequence=number, message_hash=number))
    with pytest.raises(BrokenPromiseError):
        holder.take(replace(FIRST, batch_number=2, sequence=2, message_hash=99))
    holder.take(replace(FIRST, batch_number=0, sequence=0, message_hash=0, epoch_hash=1))
