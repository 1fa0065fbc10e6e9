"""A connection that knows its chain asks no other chain for anything."""

import pytest

from sequencer.chain.client import TokenClient
from sequencer.chain.connection import Connection
from sequencer.chain.errors import ChainUnreachableError, NodeRefusedError, WrongChainError
from tests.chain.conftest import Deployed
from tests.submitter.faulty import faulty_node, garbled, says


def test_of_a_node_of_another_chain_nothing_is_believed(deployed: Deployed) -> None:
    other = Connection(deployed.chain.url, chain_id=deployed.chain.chain_id + 1)
    token, owner = TokenClient(other, deployed.token.address), deployed.owner("ann").address
    for _ in range(2):
        with pytest.raises(WrongChainError, match=f"is of chain {deployed.chain.chain_id}"):
            _ = other.block_number
        with pytest.raises(WrongChainError):
            token.balance(owner)


def test_a_node_that_cannot_say_its_chain_is_asked_again_and_then_no_more(deployed: Deployed) -> None:
    with faulty_node(deployed.chain.url) as node:
        node.script("eth_chainId", garbled, says("not now"))
        connection = Connection(node.url, chain_id=deployed.chain.chain_id)
        with pytest.raises(ChainUnreachableError):
            _ = connection.block_number
        with pytest.raises(NodeRefusedError, match="not now"):
            _ = connection.block_number
        assert connection.block_number == deployed.chain.block_number
        node.script("eth_chainId", garbled)
        assert connection.block_number == deployed.chain.block_number
