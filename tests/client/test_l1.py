"""A wallet pays in, registers keys and asks for its money, on a real chain; the court takes the evidence."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from msgspec.structs import replace

from proofbook.client import BrokenPromiseError
from proofbook.client.l1 import L1Wallet
from sequencer.chain.court import ReceiptCourt
from sequencer.chain.errors import NoTradingKeyError
from sequencer.chain.keys import trading_secret
from sequencer.chain.receipts import Receipt, ReceiptDomain
from sequencer.chain.requests import RequestState
from sequencer.crypto import public_key
from sequencer.model.codes import RequestKind
from sequencer.replay.traders import wallet
from sequencer.service.wire.errors import MalformedNumberError, NumberRangeError
from sequencer.state.errors import NoAccountError
from tests.chain.conftest import RECEIPT_SIGNER, Deployed, deployment


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    with deployment() as contracts:
        yield contracts


def wallet_at(deployed: Deployed, name: str) -> L1Wallet:
    owner = deployed.owner(name)
    deployed.token.mint(owner, owner.address, 10_000_000_000)
    return L1Wallet(deployed.chain.url, deployed.rollup.address, owner)


def test_a_wallet_deposits_dollars_registers_a_key_and_asks_for_money_back(deployed: Deployed) -> None:
    ada = wallet_at(deployed, "l1 ada")
    with pytest.raises(NoAccountError):
        ada.trading_key()
    ticket = ada.deposit("250.5")
    assert ada.standing(ticket).state is RequestState.WAITING
    with pytest.raises(NoTradingKeyError):
        ada.trading_key()
    ada.register()
    ada.withdraw(Decimal(100))
    deposit, register, withdrawal = deployed.watcher.requests()[-3:]
    assert (deposit.kind, deposit.amount) == (RequestKind.DEPOSIT, 250_500_000)
    key = ada.trading_key()
    assert (register.account, register.data) == (key.account, tuple(key.public))
    assert (withdrawal.kind, withdrawal.amount) == (RequestKind.WITHDRAW, 100_000_000)
    assert ada.claimable() == 0


def test_each_registration_makes_the_next_key(deployed: Deployed) -> None:
    bob = wallet_at(deployed, "l1 bob")
    bob.deposit(1)
    bob.register()
    bob.register()
    key = bob.trading_key()
    secret = trading_secret(wallet("l1 bob"), 2, deployed.chain.chain_id, deployed.rollup.address)
    assert (key.key_epoch, key.public) == (2, public_key(secret))


@pytest.mark.parametrize(
    ("dollars", "error"),
    [("0.0000001", NumberRangeError), ("-1", MalformedNumberError), ("x", MalformedNumberError)],
)
def test_what_is_no_amount_is_refused_before_anything_is_sent(
    deployed: Deployed, dollars: str, error: type[Exception]
) -> None:
    eve = wallet_at(deployed, "l1 eve")
    with pytest.raises(error):
        eve.deposit(dollars)


def test_a_checker_takes_signer_and_queue_from_the_contract(deployed: Deployed) -> None:
    checker = wallet_at(deployed, "l1 checker").receipt_checker()
    domain = ReceiptDomain(deployed.chain.chain_id, deployed.rollup.address)
    count = deployed.rollup.request_count
    promise = Receipt(1, 1, 5, 0, 7, count, deployed.rollup.queue_hash_at(count))
    checker.check(domain.sign(RECEIPT_SIGNER, promise), 5, account=1, nonce=1)
    later = replace(promise, sequence=2, message_hash=6)
    with pytest.raises(BrokenPromiseError, match="signature"):
        checker.check(domain.sign(wallet("somebody"), later), 6, account=1, nonce=2)
    lost = replace(later, queue_hash=later.queue_hash ^ 1, batch_number=2)
    with pytest.raises(BrokenPromiseError, match="not on L1"):
        checker.check(domain.sign(RECEIPT_SIGNER, lost), 6, account=1, nonce=2)


def test_two_receipts_that_contradict_each_other_freeze_the_exchange(deployed: Deployed) -> None:
    checker = wallet_at(deployed, "l1 holder").receipt_checker()
    domain = ReceiptDomain(deployed.chain.chain_id, deployed.rollup.address)
    count = deployed.rollup.request_count
    promise = Receipt(1, 1, 5, 0, 7, count, deployed.rollup.queue_hash_at(count))
    checker.check(domain.sign(RECEIPT_SIGNER, promise), 5, account=1, nonce=1)
    with pytest.raises(BrokenPromiseError) as caught:
        checker.check(domain.sign(RECEIPT_SIGNER, replace(promise, message_hash=6)), 6, account=2, nonce=1)
    first, second = caught.value.receipts
    ReceiptCourt(deployed.rollup).freeze_equivocation(wallet("l1 holder"), first, second)
    assert deployed.rollup.frozen_at
