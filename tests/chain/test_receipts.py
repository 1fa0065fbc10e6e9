"""Python and the contract agree on receipts and on the queue, to the bit; the court names what it refuses."""

import pytest
from msgspec.structs import replace

from sequencer.chain.court import ReceiptCourt
from sequencer.chain.errors import ContractRevertedError
from sequencer.chain.queue import QueueHashes, queue_hash
from sequencer.chain.receipts import Receipt
from sequencer.crypto import public_key
from sequencer.model.codes import RequestKind
from sequencer.model.constants import FIELD_MODULUS
from sequencer.model.request import Request
from tests.chain.conftest import GENESIS_TIME, RECEIPT_SIGNER, Deployed

DUE = GENESIS_TIME + 600
PROMISE = Receipt(1, 1, FIELD_MODULUS - 1, DUE, FIELD_MODULUS - 2, 0, 0)
WIDEST = Receipt(2**64 - 1, 2**40 - 1, 2**256 - 1, 2**40 - 1, 2**256 - 1, 2**64 - 1, 2**176 - 1)


@pytest.fixture
def court(deployed: Deployed) -> ReceiptCourt:
    return ReceiptCourt(deployed.rollup)


@pytest.mark.parametrize("receipt", [PROMISE, WIDEST])
def test_the_contract_has_the_digest_that_is_signed(court: ReceiptCourt, receipt: Receipt) -> None:
    assert court.digest(receipt) == court.domain.digest(receipt)


def test_the_signer_of_a_receipt_is_recovered_from_it(court: ReceiptCourt) -> None:
    signed = court.domain.sign(RECEIPT_SIGNER, PROMISE)
    assert court.domain.signer_of(signed) == court.signer == RECEIPT_SIGNER.address
    forged = replace(signed, receipt=replace(PROMISE, sequence=2))
    assert court.domain.signer_of(forged) != court.signer


def test_a_receipt_has_the_signature_that_any_wallet_gives_its_document(court: ReceiptCourt) -> None:
    for receipt in (PROMISE, WIDEST):
        document = court.domain.typed_data(receipt)
        signature = bytes(RECEIPT_SIGNER.sign_typed_data(full_message=document).signature)
        assert court.domain.sign(RECEIPT_SIGNER, receipt).signature == signature


def test_the_queue_hash_is_that_of_the_contract_after_each_request(
    deployed: Deployed, court: ReceiptCourt
) -> None:
    owner = deployed.owner("queue hash", 1_000)
    deployed.rollup.deposit(owner, 700)
    deployed.rollup.register_key(owner, public_key(9))
    deployed.rollup.withdraw(owner, 2**64 - 1)
    queue = QueueHashes()
    queue.extend(deployed.watcher.requests())
    count = deployed.rollup.request_count
    assert [queue.at(end) for end in range(count + 1)] == [
        deployed.rollup.queue_hash_at(end) for end in range(count + 1)
    ]
    now = replace(PROMISE, requests_end=count, queue_hash=queue.at(count))
    assert court.is_intact(now)
    assert not court.is_intact(replace(now, queue_hash=queue.at(count) ^ 1))
    assert not court.is_intact(replace(now, requests_end=count + 1))


def test_each_part_of_the_queue_changes_its_hash() -> None:
    request = Request(RequestKind.REGISTER_KEY, 1, 2, 0, (3, 4))
    others = [replace(request, account=2), replace(request, data=(3, 5)), replace(request, data=(4, 4))]
    hashes = {queue_hash(0, changed) for changed in (request, *others)} | {queue_hash(1, request)}
    assert len(hashes) == 5
    assert max(hashes) < 2**176


def test_a_challenge_that_nobody_answers_freezes_the_exchange_for_its_bond(
    deployed: Deployed, court: ReceiptCourt
) -> None:
    holder = deployed.owner("holder")
    signed = court.domain.sign(RECEIPT_SIGNER, PROMISE)
    with pytest.raises(ContractRevertedError, match="NotDue"):
        court.challenge(holder, signed)
    deployed.chain.advance(DUE + 1)
    before = deployed.chain.web3.eth.get_balance(deployed.rollup.address)
    court.challenge(holder, signed)
    assert deployed.chain.web3.eth.get_balance(deployed.rollup.address) == before + court.bond
    with pytest.raises(ContractRevertedError, match="AnswerStillPossible"):
        court.freeze_unanswered(holder, PROMISE)

    deployed.chain.advance(deployed.chain.time + court.answer_period + 1)
    court.freeze_unanswered(holder, PROMISE)

    assert deployed.rollup.frozen_at == deployed.chain.time
    assert deployed.rollup.read("weiOwed", holder.address) == court.bond
    with pytest.raises(ContractRevertedError, match="IsFrozen"):
        court.challenge(holder, signed)
