"""A node that fails, lags or lies costs time, never a batch and never a second transaction."""

from collections.abc import Iterator

import pytest

from sequencer.store.life import BatchLife, BatchState
from sequencer.submitter.errors import TransactionRefusedError
from tests.submitter import faulty
from tests.submitter.desk import TRADE, Desk
from tests.submitter.faulty import FaultyNode, faulty_node

TIMEOUT_SECONDS = 1.0


@pytest.fixture
def node(desk: Desk) -> Iterator[FaultyNode]:
    with faulty_node(desk.chain.url) as node:
        yield node


def settled_through(desk: Desk, node: FaultyNode) -> BatchLife:
    """The batch becomes final by the transactions of one nonce, and every fault was met on the way."""
    nonce = desk.nonce
    with desk.store() as store:
        submitter = desk.submitter(store, url=node.url, timeout_seconds=TIMEOUT_SECONDS)
        life = submitter.settle(1, BatchState.FINAL)
    assert node.is_spent
    assert desk.rollup.batch_count == 1
    assert {sent.nonce for sent in life.sent} == {nonce}
    assert desk.nonce == nonce + 1
    return life


@pytest.mark.parametrize(
    "method",
    [
        "eth_getBlockByNumber",
        "eth_call",
        "eth_getTransactionCount",
        "eth_estimateGas",
        "eth_sendRawTransaction",
        "eth_getTransactionReceipt",
        "eth_chainId",
    ],
)
def test_a_request_that_is_refused_garbled_or_never_answered_is_made_again(
    desk: Desk, node: FaultyNode, method: str
) -> None:
    desk.create(TRADE)
    node.script(method, faulty.refused, faulty.garbled, node.hang)
    settled_through(desk, node)


def test_a_transaction_that_was_taken_without_an_answer_is_not_signed_again(
    desk: Desk, node: FaultyNode
) -> None:
    desk.create(TRADE)
    node.script("eth_sendRawTransaction", faulty.done_unsaid)
    assert len(settled_through(desk, node).sent) == 1


@pytest.mark.parametrize(
    "words",
    ["nonce too low", "already known", "replacement transaction underpriced", "txpool is full", "odd"],
)
def test_what_a_node_says_of_a_transaction_is_not_believed(desk: Desk, node: FaultyNode, words: str) -> None:
    desk.create(TRADE)
    node.script("eth_sendRawTransaction", faulty.says(words))
    settled_through(desk, node)


def test_a_transaction_that_the_node_forgot_is_sent_again_as_it_was(desk: Desk, node: FaultyNode) -> None:
    desk.create(TRADE)
    desk.automine(False)
    node.script("eth_getTransactionByHash", faulty.nothing, faulty.nothing)
    assert len(settled_through(desk, node).sent) == 1


def test_a_node_that_lags_is_not_believed(desk: Desk, node: FaultyNode) -> None:
    desk.create(TRADE)
    with desk.store() as store:
        desk.submitter(store).settle(1)
        node.script("eth_getBlockByNumber", faulty.lagging(1), faulty.lagging(5), faulty.lagging(2))
        life = desk.submitter(store, url=node.url).settle(1, BatchState.FINAL)
    assert node.is_spent
    assert len(life.sent) == 1


def test_a_receipt_that_comes_late_is_waited_for(desk: Desk, node: FaultyNode) -> None:
    desk.create(TRADE)
    node.script("eth_getTransactionReceipt", faulty.nothing, faulty.nothing, faulty.nothing)
    settled_through(desk, node)


def test_a_node_that_dies_in_the_middle_of_a_view_is_asked_again(desk: Desk, node: FaultyNode) -> None:
    desk.create(TRADE)
    node.script("eth_call", faulty.passed, faulty.passed, faulty.refused, faulty.passed, faulty.garbled)
    settled_through(desk, node)


def test_an_operator_without_coin_stops_and_goes_on_once_it_has_some(desk: Desk) -> None:
    desk.create(TRADE)
    desk.chain.fund(desk.operator.address, 0)
    with desk.store() as store:
        with pytest.raises(TransactionRefusedError, match="nsufficient funds"):
            desk.submitter(store).settle(1)
        desk.chain.fund(desk.operator.address, 10**19)
        life = desk.submitter(store).settle(1)
    assert len(life.sent) == 1
