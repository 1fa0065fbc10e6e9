"""The contracts through their clients: requests queue in order, refusals have names."""

import pytest

from sequencer.chain.artifacts import verifier
from sequencer.chain.client import BatchSubmission, ProofPoints
from sequencer.chain.connection import Connection
from sequencer.chain.errors import (
    ChainUnreachableError,
    ContractBuildError,
    ContractRevertedError,
    NodeRefusedError,
)
from sequencer.chain.queue import queue_hash
from sequencer.crypto import public_key
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind, Side
from sequencer.model.message import Message
from sequencer.model.request import Request
from sequencer.replay.traders import wallet
from tests.chain.conftest import Deployed

KEY = public_key(5)
PRICE_MAX, SIZE_MAX, SEQUENCE_MAX = 2**c.PRICE_BITS - 1, 2**c.SIZE_BITS - 1, 2**c.SEQUENCE_BITS - 1
NO_PROOF: ProofPoints = ((0, 0), ((0, 0), (0, 0)), (0, 0))


def test_requests_are_read_in_queue_order_as_the_contract_stores_them(deployed: Deployed) -> None:
    begin = deployed.rollup.request_count
    ann, ben = deployed.owner("ann", 1_000), deployed.owner("ben", 2_000)
    deployed.rollup.deposit(ann, 400)
    deployed.rollup.register_key(ben, KEY)
    deployed.rollup.deposit(ben, 2_000)
    deployed.rollup.withdraw(ann, 7)
    ann_id, ben_id = deployed.rollup.account_of(ann.address), deployed.rollup.account_of(ben.address)
    ann_owner, ben_owner = int(ann.address, 16), int(ben.address, 16)

    queued = deployed.watcher.requests(begin)

    assert queued == [
        Request(RequestKind.DEPOSIT, ann_id, ann_owner, 400),
        Request(RequestKind.REGISTER_KEY, ben_id, ben_owner, 0, KEY),
        Request(RequestKind.DEPOSIT, ben_id, ben_owner, 2_000),
        Request(RequestKind.WITHDRAW, ann_id, ann_owner, 7),
    ]
    stored = [tuple(deployed.rollup.read("requestWords", begin + place)) for place in range(len(queued))]
    assert stored == [request.words() for request in queued]


def test_a_forced_message_is_queued_with_its_words_and_hashed_with_the_queue(deployed: Deployed) -> None:
    ivy = deployed.owner("ivy", 100)
    deployed.rollup.deposit(ivy, 100)
    begin, before = (
        deployed.rollup.request_count,
        deployed.rollup.queue_hash_at(deployed.rollup.request_count),
    )
    account, owner = deployed.rollup.account_of(ivy.address), int(ivy.address, 16)
    message = Message(account, 1, 99, side=Side.SELL, price=PRICE_MAX, size=SIZE_MAX, target=SEQUENCE_MAX)
    deployed.rollup.force_message(ivy, message)
    deployed.rollup.liquidate(deployed.owner("jon"), ivy.address, 0, Side.BUY, 5)

    forced, liquidation = deployed.watcher.requests(begin)

    assert forced == Request(RequestKind.MESSAGE, account, owner, data=message.words())
    words = Message.liquidation(account, 0, Side.BUY, 5).words()
    assert liquidation == Request(RequestKind.MESSAGE, account, owner, data=words)
    assert deployed.rollup.queue_hash_at(begin + 1) == queue_hash(before, forced)
    assert deployed.rollup.queue_hash_at(begin + 2) == queue_hash(queue_hash(before, forced), liquidation)
    assert tuple(deployed.rollup.read("requestWords", begin)) == forced.words()


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("market", [0, c.MARKETS, 2**c.MARKET_BITS - 1])
@pytest.mark.parametrize(("size", "price"), [(0, 0), (1, PRICE_MAX), (SIZE_MAX, 1)])
def test_an_unwinding_has_the_same_words_in_the_contract(
    deployed: Deployed, market: int, side: Side, size: int, price: int
) -> None:
    deployed.rollup.unwind(deployed.owner("jon"), market, side, size, price)
    words = Message.unwinding(market, side, size, price).words()
    assert deployed.watcher.requests()[-1] == Request(
        RequestKind.MESSAGE, c.INSURANCE_ACCOUNT, c.INSURANCE_OWNER, data=words
    )
    assert Message.from_words(*words).is_unwinding


def test_anyone_pays_into_the_insurance_fund(deployed: Deployed) -> None:
    ola, before = deployed.owner("ola", 70), deployed.rollup.vault_balance
    deployed.rollup.insure(ola, 70)
    assert deployed.watcher.requests()[-1] == Request(
        RequestKind.DEPOSIT, c.INSURANCE_ACCOUNT, c.INSURANCE_OWNER, 70
    )
    assert deployed.rollup.vault_balance == before + 70
    assert deployed.rollup.account_of(ola.address) == deployed.token.balance(ola.address) == 0


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("market", [0, 1, c.MARKETS - 1, c.MARKETS, 2**c.MARKET_BITS - 1])
@pytest.mark.parametrize("size", [0, 1, 2**31, SIZE_MAX])
def test_a_liquidation_has_the_same_words_in_the_contract(
    deployed: Deployed, market: int, side: Side, size: int
) -> None:
    mia = deployed.owner("mia", 100)
    if not deployed.rollup.account_of(mia.address):
        deployed.rollup.deposit(mia, 100)
    account, owner = deployed.rollup.account_of(mia.address), int(mia.address, 16)
    message = Message.liquidation(account, market, side, size)
    deployed.rollup.liquidate(deployed.owner("jon"), mia.address, market, side, size)
    assert deployed.watcher.requests()[-1] == Request(
        RequestKind.MESSAGE, account, owner, data=message.words()
    )
    assert Message.from_words(*message.words()).is_liquidation


def test_nobody_is_liquidated_who_has_no_account(deployed: Deployed) -> None:
    with pytest.raises(ContractRevertedError) as refusal:
        deployed.rollup.liquidate(deployed.owner("jon"), deployed.owner("nia").address, 0, Side.SELL, 1)
    assert refusal.value.name == "NoAccount"


def test_only_the_owner_s_own_messages_are_forced(deployed: Deployed) -> None:
    kim = deployed.owner("kim", 100)
    with pytest.raises(ContractRevertedError) as refusal:
        deployed.rollup.force_message(kim, Message(1, 1, 1))
    assert refusal.value.name == "NoAccount"
    deployed.rollup.deposit(kim, 100)
    account = deployed.rollup.account_of(kim.address)
    with pytest.raises(ContractRevertedError) as refusal:
        deployed.rollup.force_message(kim, Message(account - 1, 1, 1))
    assert refusal.value.name == "MessageOfAnotherAccount"
    assert refusal.value.arguments == {"named": account - 1, "account": account}


def test_the_contract_refuses_exactly_the_words_that_no_message_has(deployed: Deployed) -> None:
    lea = deployed.owner("lea", 100)
    deployed.rollup.deposit(lea, 100)
    account = deployed.rollup.account_of(lea.address)
    last = Message(
        account,
        key_epoch=2**c.KEY_EPOCH_BITS - 1,
        nonce=2**c.NONCE_BITS - 1,
        kind=3,
        market=2**c.MARKET_BITS - 1,
        side=1,
        ioc=True,
        post_only=True,
        reduce_only=True,
        max_fee_ppm=2**c.PPM_BITS - 1,
        price=PRICE_MAX,
        size=SIZE_MAX,
        target=SEQUENCE_MAX,
    )
    first, second = last.words()
    deployed.rollup.force_message(lea, last)
    one_more = 2 ** (first.bit_length()) | account
    for words in ((one_more, second), (first, second + 1)):
        with pytest.raises(ContractRevertedError) as refusal:
            deployed.rollup.send(lea, "forceMessage", *words, wei=deployed.rollup.request_fee)
        assert refusal.value.name == "MessageOutOfRange"


def test_the_vault_counts_deposits(deployed: Deployed) -> None:
    before = deployed.rollup.vault_balance
    deployed.rollup.deposit(deployed.owner("cleo", 900), 900)
    assert deployed.rollup.vault_balance == before + 900
    assert deployed.token.balance(deployed.rollup.address) == deployed.rollup.vault_balance


def test_a_refusal_has_the_name_and_the_arguments_of_the_custom_error(deployed: Deployed) -> None:
    dan = deployed.owner("dan")
    with pytest.raises(ContractRevertedError) as refusal:
        deployed.rollup.claim(dan, dan.address)
    assert refusal.value.name == "NothingToClaim"
    assert refusal.value.arguments == {"owner": dan.address.lower()}
    assert refusal.value.code == "contract_reverted"


def test_an_error_of_the_token_is_named_too(deployed: Deployed) -> None:
    eve = deployed.owner("eve")
    with pytest.raises(ContractRevertedError) as refusal:
        deployed.rollup.deposit(eve, 10)
    assert refusal.value.name == "ERC20InsufficientAllowance"


@pytest.mark.parametrize(
    ("x", "y", "name"),
    [
        (0, 1, "KeyOfSmallOrder"),
        (1, 1, "KeyNotOnCurve"),
        (c.FIELD_MODULUS, 1, "KeyNotInField"),
    ],
)
def test_keys_that_prove_nothing_are_refused(deployed: Deployed, x: int, y: int, name: str) -> None:
    with pytest.raises(ContractRevertedError) as refusal:
        deployed.rollup.register_key(deployed.owner("fay"), (x, y))
    assert refusal.value.name == name


def test_a_refused_call_is_not_sent(deployed: Deployed) -> None:
    gil = deployed.owner("gil")
    height = deployed.chain.web3.eth.block_number
    with pytest.raises(ContractRevertedError):
        deployed.rollup.withdraw(gil, 1)
    assert deployed.chain.web3.eth.block_number == height


def test_only_the_operator_submits_batches(deployed: Deployed) -> None:
    batch = BatchSubmission([0] * c.HEADER_WORDS, 0, NO_PROOF)
    with pytest.raises(ContractRevertedError) as refusal:
        deployed.rollup.submit_batch(deployed.owner("hal"), batch)
    assert refusal.value.name == "NotOperator"


def test_a_batch_for_another_deployment_is_refused(deployed: Deployed) -> None:
    batch = BatchSubmission([1] * c.HEADER_WORDS, 0, NO_PROOF)
    with pytest.raises(ContractRevertedError) as refusal:
        deployed.rollup.submit_batch(deployed.operator, batch)
    assert refusal.value.name == "WrongDomain"
    assert refusal.value.arguments["expected"] == deployed.rollup.domain


def test_a_node_that_is_not_there_is_named() -> None:
    with pytest.raises(ChainUnreachableError, match=r"127\.0\.0\.1:1 does not answer eth_chainId"):
        _ = Connection("http://127.0.0.1:1").chain_id


def test_a_sender_that_cannot_pay_for_gas_is_told_so(deployed: Deployed) -> None:
    poor = wallet("poor")
    with pytest.raises(NodeRefusedError, match="refused a transaction"):
        deployed.token.mint(poor, poor.address, 1)


def test_a_verifier_that_is_not_solidity_is_refused_by_the_compiler() -> None:
    with pytest.raises(ContractBuildError, match="solc refused the exported verifier"):
        verifier("contract Groth16Verifier {")
